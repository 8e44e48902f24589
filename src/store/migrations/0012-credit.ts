import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who is credited with a closure is settled when it closes. */
export const credit: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `alter table caseloop.closures
     add column credited_id text,
     add column credited_name text,
     add column credited_by text check (credited_by in ('assignee', 'last-replier', 'team', 'by-hand'))`,
  `update caseloop.closures
     set credited_id = snapshot->'assignee'->>'id', credited_name = snapshot->'assignee'->>'name', credited_by = 'assignee'
     where snapshot->'assignee'->>'id' is not null`,
];
