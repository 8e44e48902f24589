import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A digest per week, team and reader; and the order in which answers came to be stored, for those who read them on and on. */
export const digests: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table caseloop.digests (
    id uuid primary key default gen_random_uuid(),
    week_from text not null,
    week_to text not null,
    team text not null,
    address text not null,
    message_id text not null unique,
    state text not null check (state in ('due', 'sending', 'sent', 'held', 'failed')),
    created_at timestamptz not null,
    next_attempt_at timestamptz not null,
    attempts integer not null default 0,
    claimed_by text,
    claimed_at timestamptz,
    sent_at timestamptz,
    last_error text,
    unique (week_from, team, address)
  )`,
  `create index digests_due on caseloop.digests (next_attempt_at) where state in ('due', 'sending', 'held')`,
  // The database's own clock: it only tells whether somebody may still be storing an earlier one.
  `alter table caseloop.answers
     add column ordinal bigint generated always as identity,
     add column stored_at timestamptz not null default clock_timestamp()`,
  'create unique index answers_in_order on caseloop.answers (ordinal)',
];
