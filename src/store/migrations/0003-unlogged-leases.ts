import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Leases need not outlive a crash of the server: whoever finds none takes it. Unlogged, taking and giving one waits for no
 * disk, and a customer's mail waits for both.
 */
export const unloggedLeases: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table caseloop.leases set unlogged`.execute(db);
  },
};
