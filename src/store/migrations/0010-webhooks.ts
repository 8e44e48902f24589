import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is to be told to other systems, and which of those want to hear no more. */
export const webhooks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table caseloop.webhook_events (
    id uuid primary key default gen_random_uuid(),
    webhook text not null,
    survey_id uuid not null references caseloop.surveys on delete cascade,
    version integer not null,
    state text not null check (state in ('due', 'delivered', 'failed')),
    created_at timestamptz not null,
    next_attempt_at timestamptz not null,
    attempts integer not null default 0,
    claimed_by text,
    claimed_at timestamptz,
    last_error text,
    done_at timestamptz,
    unique (survey_id, version, webhook)
  )`,
  `create index webhook_events_due on caseloop.webhook_events (webhook, next_attempt_at) where state = 'due'`,
  `create index webhook_events_failed on caseloop.webhook_events (webhook) where state = 'failed'`,
  `create table caseloop.webhooks (
    name text primary key,
    disabled_at timestamptz not null,
    reason text not null
  )`,
];
