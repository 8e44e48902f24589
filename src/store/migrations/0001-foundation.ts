import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The first set of tables. Written as SQL: it is read by people who know PostgreSQL, and runs on both engines alike. */
export const foundation: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const DUE_ROW = `
  id uuid primary key default gen_random_uuid(),
  closure_id uuid not null unique references caseloop.closures on delete cascade,
  connector text not null,
  next_attempt_at timestamptz not null,
  attempts integer not null default 0,
  claimed_by text,
  claimed_at timestamptz,
  vendor_job_id uuid,
  last_error text,
  fix text,
  done_at timestamptz`;

const STATEMENTS = [
  `create table caseloop.connectors (
    name text primary key,
    type text not null,
    started_at timestamptz not null,
    cursor text,
    reached_at timestamptz,
    watched_at timestamptz,
    pushed_at timestamptz,
    paused_at timestamptz,
    paused_reason text
  )`,
  `create table caseloop.doorbells (
    connector text not null,
    case_id text not null,
    rung_at timestamptz not null,
    rings integer not null,
    primary key (connector, case_id)
  )`,
  `create table caseloop.cases (
    connector text not null,
    case_id text not null,
    number text not null,
    state text not null check (state in ('open', 'closed', 'locked', 'deleted')),
    changed_at timestamptz not null,
    noticed_at timestamptz not null,
    snapshot jsonb not null,
    primary key (connector, case_id)
  )`,
  `create index cases_number on caseloop.cases (connector, number)`,
  `create table caseloop.closures (
    id uuid primary key default gen_random_uuid(),
    connector text not null,
    case_id text not null,
    closed_at timestamptz not null,
    cycle integer not null,
    noticed_at timestamptz not null,
    noticed_by text not null check (noticed_by in ('push', 'watch')),
    person text,
    snapshot jsonb not null,
    outcome text not null check (outcome in ('ask', 'skip', 'hold')),
    rule text not null,
    reason text not null,
    decided_at timestamptz not null,
    unique (connector, case_id, closed_at)
  )`,
  `create table caseloop.decisions (
    id bigint primary key generated always as identity,
    closure_id uuid not null references caseloop.closures on delete cascade,
    stage text not null check (stage in ('closing', 'sending', 'reopening')),
    outcome text not null check (outcome in ('ask', 'skip', 'hold')),
    rule text not null,
    reason text not null,
    decided_at timestamptz not null
  )`,
  `create index decisions_closure on caseloop.decisions (closure_id)`,
  `create table caseloop.people (person text primary key)`,
  `create table caseloop.suppressions (person text primary key, since timestamptz not null, source text not null)`,
  `create table caseloop.surveys (
    id uuid primary key default gen_random_uuid(),
    closure_id uuid not null unique references caseloop.closures on delete cascade,
    connector text not null,
    case_id text not null,
    name text not null,
    metric text not null,
    kind text not null,
    scale text not null,
    satisfied_from integer not null,
    follow_up_below integer not null,
    change_within_ms bigint not null,
    person text not null,
    email text not null,
    recipient_name text,
    locale text,
    state text not null check (state in ('pending', 'asked', 'cancelled', 'failed')),
    created_at timestamptz not null,
    asked_at timestamptz,
    expires_at timestamptz
  )`,
  `create index surveys_person on caseloop.surveys (person)`,
  `create index surveys_case on caseloop.surveys (connector, case_id)`,
  `create table caseloop.mails (
    id uuid primary key default gen_random_uuid(),
    survey_id uuid not null references caseloop.surveys on delete cascade,
    purpose text not null,
    message_id text not null,
    state text not null check (state in ('due', 'sending', 'sent', 'held', 'cancelled', 'failed')),
    next_attempt_at timestamptz not null,
    attempts integer not null default 0,
    claimed_by text,
    claimed_at timestamptz,
    sent_at timestamptz,
    last_error text,
    unique (survey_id, purpose)
  )`,
  `create index mails_open on caseloop.mails (next_attempt_at) where state in ('due', 'sending')`,
  `create index mails_sent on caseloop.mails (sent_at) where state = 'sent'`,
  `create table caseloop.taps (
    id bigint primary key generated always as identity,
    survey_id uuid not null references caseloop.surveys on delete cascade,
    at timestamptz not null,
    method text not null,
    score integer
  )`,
  `create index taps_survey on caseloop.taps (survey_id)`,
  `create table caseloop.answers (
    survey_id uuid not null references caseloop.surveys on delete cascade,
    version integer not null,
    score integer not null,
    comment text,
    reasons jsonb not null,
    source text not null check (source in ('form', 'auto')),
    answered_at timestamptz not null,
    primary key (survey_id, version)
  )`,
  `create table caseloop.write_backs (${DUE_ROW},
    version integer not null,
    sent_version integer,
    written_version integer,
    state text not null check (state in ('due', 'running', 'written', 'kept', 'waiting', 'failed'))
  )`,
  `create index write_backs_due on caseloop.write_backs (connector, next_attempt_at) where state = 'due'`,
  `create table caseloop.follow_ups (${DUE_ROW},
    key text not null unique,
    state text not null check (state in ('due', 'running', 'made', 'cancelled', 'waiting', 'failed')),
    due_at timestamptz not null,
    created_at timestamptz not null,
    outcome_unknown boolean not null default false,
    ref_id text,
    ref_url text
  )`,
  `create index follow_ups_due on caseloop.follow_ups (connector, next_attempt_at) where state = 'due'`,
  `create table caseloop.vendor_jobs (
    id uuid primary key default gen_random_uuid(),
    connector text not null,
    kind text not null check (kind in ('write-back', 'follow-up')),
    handle text not null,
    check_at timestamptz not null,
    created_at timestamptz not null
  )`,
  `create table caseloop.leases (name text primary key, holder text not null, expires_at timestamptz not null)`,
  `create table caseloop.workers (
    id text primary key,
    role text not null,
    started_at timestamptz not null,
    beat_at timestamptz not null
  )`,
  `create table caseloop.tokens (connector text primary key, sealed text not null, updated_at timestamptz not null)`,
  `create table caseloop.settings (key text primary key, value text not null)`,
  `create table caseloop.audit (
    id bigint primary key generated always as identity,
    at timestamptz not null,
    actor text not null,
    what text not null,
    detail text not null
  )`,
];
