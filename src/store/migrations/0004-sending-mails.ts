import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Mails that are being handed over are counted before each send; they are few among the many that are due. */
export const sendingMails: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index mails_sending on caseloop.mails (id) where state = 'sending'`.execute(db);
  },
};
