import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Where a CRM's own stream stands, and from when on a watch must look again because something was lost. */
export const streams: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      alter table caseloop.connectors
        add column stream_cursor text,
        add column streamed_at timestamptz,
        add column rescan_from timestamptz`.execute(db);
  },
};
