import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Surveys that are still open are looked at for reminders, by when they were asked. */
export const reminders: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index surveys_asked on caseloop.surveys (asked_at) where state = 'asked'`.execute(db);
  },
};
