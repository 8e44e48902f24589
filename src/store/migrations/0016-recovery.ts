import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Low scores get a clock that runs until the customer was answered, and people who are told of it. */
export const recovery: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const RUNNING = 'is_clock and stopped_at is null and recovered_at is null';

const STATEMENTS = [
  `alter table caseloop.follow_ups
     add column is_clock boolean not null default false,
     add column starts integer not null default 1,
     add column low_since timestamptz,
     add column stopped_at timestamptz,
     add column recovered_at timestamptz,
     add column recovered_by text check (recovered_by in ('reply', 'task', 'by-hand')),
     add column escalated_at timestamptz,
     add column tell_at timestamptz,
     add column looked_at timestamptz,
     add column next_look_at timestamptz,
     add constraint follow_ups_clock_since check (not is_clock or (low_since is not null and next_look_at is not null)),
     add constraint follow_ups_recovered_by check ((recovered_at is null) = (recovered_by is null))`,
  `update caseloop.follow_ups f
      set is_clock = true, low_since = f.created_at, next_look_at = f.created_at,
          stopped_at = case when f.state = 'cancelled' then f.created_at end
     from (select distinct on (closure_id) id from caseloop.follow_ups
            order by closure_id, state = 'cancelled', action = 'reopen') one
    where one.id = f.id`,
  `create unique index follow_ups_clock on caseloop.follow_ups (closure_id) where is_clock`,
  `create index follow_ups_running on caseloop.follow_ups (connector, next_look_at) where ${RUNNING}`,
  `create index follow_ups_to_escalate on caseloop.follow_ups (due_at) where ${RUNNING} and escalated_at is null`,
  `create index follow_ups_to_tell on caseloop.follow_ups (tell_at) where tell_at is not null`,
  `create index follow_ups_ref on caseloop.follow_ups (connector, ref_id) where ${RUNNING}`,
  `create table caseloop.alert_messages (
    id uuid primary key default gen_random_uuid(),
    way text not null check (way in ('mail', 'chat')),
    receiver text not null,
    state text not null check (state in ('due', 'sent', 'dropped', 'failed')),
    created_at timestamptz not null,
    next_attempt_at timestamptz not null,
    attempts integer not null default 0,
    claimed_by text,
    claimed_at timestamptz,
    last_error text,
    done_at timestamptz
  )`,
  `create index alert_messages_due on caseloop.alert_messages (next_attempt_at) where state = 'due'`,
  `create index alert_messages_receiver on caseloop.alert_messages (way, receiver, created_at)`,
  `create table caseloop.alerts (
    id bigint primary key generated always as identity,
    follow_up_id uuid not null references caseloop.follow_ups on delete cascade,
    start integer not null,
    kind text not null check (kind in ('opened', 'overdue')),
    way text not null check (way in ('mail', 'chat')),
    receiver text not null,
    created_at timestamptz not null,
    message_id uuid references caseloop.alert_messages on delete set null,
    unique (follow_up_id, start, kind, way, receiver)
  )`,
  `create index alerts_ungathered on caseloop.alerts (way, receiver) where message_id is null`,
  `create index alerts_message on caseloop.alerts (message_id)`,
  `alter table caseloop.webhook_events
     add column event text not null default 'answer'
       check (event in ('answer', 'follow-up.opened', 'follow-up.overdue', 'follow-up.recovered')),
     drop constraint webhook_events_survey_id_version_webhook_key,
     add constraint webhook_events_once unique (survey_id, version, webhook, event)`,
];
