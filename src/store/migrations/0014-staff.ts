import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who signs in, what stands for them, and which comments their agents may read. */
export const staff: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const ROLE = `role text not null check (role in ('agent', 'lead', 'admin'))`;

const STATEMENTS = [
  `create table caseloop.users (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text not null,
    ${ROLE},
    agents text[] not null default '{}',
    password text,
    oidc_issuer text,
    oidc_subject text,
    created_at timestamptz not null,
    signed_in_at timestamptz,
    disabled_at timestamptz,
    check ((oidc_issuer is null) = (oidc_subject is null)),
    check (password is null or oidc_subject is null)
  )`,
  'create unique index users_email on caseloop.users (lower(email)) where oidc_subject is null',
  'create unique index users_oidc on caseloop.users (oidc_issuer, oidc_subject)',
  `create table caseloop.sessions (
    hash text primary key,
    user_id uuid not null references caseloop.users on delete cascade,
    csrf text not null,
    caller text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  'create index sessions_user on caseloop.sessions (user_id)',
  'create index sessions_expires on caseloop.sessions (expires_at)',
  `create table caseloop.user_links (
    hash text primary key,
    purpose text not null check (purpose in ('setup', 'invite', 'reset')),
    user_id uuid unique references caseloop.users on delete cascade,
    expires_at timestamptz not null,
    check ((purpose = 'setup') = (user_id is null))
  )`,
  `create table caseloop.sign_in_tries (
    who text primary key,
    tries integer not null,
    until timestamptz not null
  )`,
  `create table caseloop.api_keys (
    id uuid primary key default gen_random_uuid(),
    prefix text not null,
    hash text not null unique,
    name text not null,
    ${ROLE},
    agents text[] not null default '{}',
    created_by uuid not null references caseloop.users,
    created_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
  )`,
  `create table caseloop.released_comments (
    survey_id uuid primary key references caseloop.surveys on delete cascade,
    released_at timestamptz not null,
    released_by text not null
  )`,
  'create index audit_actor on caseloop.audit (actor, id)',
];
