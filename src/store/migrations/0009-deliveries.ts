import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Mails that never arrived, with the reason, and what customers write back. */
export const deliveries: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table caseloop.mails drop constraint mails_state_check',
  "update caseloop.mails set state = 'undeliverable' where state = 'failed'",
  `alter table caseloop.mails
    add constraint mails_state_check
      check (state in ('due', 'sending', 'sent', 'held', 'cancelled', 'undeliverable', 'bounced')),
    add column first_tried_at timestamptz,
    add column bounced_at timestamptz`,
  'alter table caseloop.surveys drop constraint surveys_state_check',
  "update caseloop.surveys set state = 'undeliverable' where state = 'failed'",
  `alter table caseloop.surveys
    add constraint surveys_state_check check (state in ('pending', 'asked', 'cancelled', 'undeliverable'))`,
  `create index mails_bounced on caseloop.mails (sent_at) where state = 'bounced'`,
  'create index mails_message_id on caseloop.mails (message_id)',
  `create table caseloop.replies (
    id uuid primary key default gen_random_uuid(),
    survey_id uuid not null references caseloop.surveys on delete cascade,
    message_key text not null unique,
    received_at timestamptz not null,
    text text not null,
    became_comment boolean not null default false,
    forwarded_at timestamptz
  )`,
  'create index replies_survey on caseloop.replies (survey_id)',
];
