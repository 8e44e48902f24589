import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** People may send, hold and release surveys themselves. */
export const byHand: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `alter table caseloop.surveys
     add column by_hand text check (by_hand in ('once', 'again')),
     add column held_by_hand boolean not null default false`,
  `alter table caseloop.decisions
     drop constraint decisions_stage_check,
     add constraint decisions_stage_check check (stage in ('closing', 'sending', 'reopening', 'by-hand'))`,
];
