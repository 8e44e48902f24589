import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a tap said of itself, and the confirmations of the page's script, which wait to be told from a machine's. */
export const taps: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `alter table caseloop.taps
    add column kind text not null default 'page' check (kind in ('page', 'trap', 'answer')),
    add column agent text not null default 'unknown',
    add column caller text not null default '',
    add column facts jsonb not null default '{}'`,
  `update caseloop.taps set kind = 'answer' where method = 'POST'`,
  `create table caseloop.confirmations (
    id bigint primary key generated always as identity,
    survey_id uuid not null references caseloop.surveys on delete cascade,
    tap_id bigint,
    score integer not null,
    comment text,
    reasons jsonb not null,
    report jsonb not null,
    at timestamptz not null,
    due_at timestamptz not null,
    state text not null
      check (state in ('settling', 'counted', 'held', 'superseded', 'overruled', 'dismissed')),
    marks jsonb not null default '[]',
    decided_at timestamptz,
    decided_by text
  )`,
  `create index confirmations_survey on caseloop.confirmations (survey_id)`,
  `create index confirmations_settling on caseloop.confirmations (due_at) where state = 'settling'`,
  `create index confirmations_held on caseloop.confirmations (at) where state = 'held'`,
];
