import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Leads look at low scores and mark their causes, and move credit by hand; what failed is found without reading all rows. */
export const reviews: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table caseloop.reviews (
    closure_id uuid primary key references caseloop.closures on delete cascade,
    note text,
    reviewed_at timestamptz not null,
    reviewed_by text not null
  )`,
  `create table caseloop.review_causes (
    closure_id uuid not null references caseloop.reviews on delete cascade,
    cause text not null check (cause in ('process', 'knowledge', 'tone', 'policy', 'product')),
    primary key (closure_id, cause)
  )`,
  `create table caseloop.credit_moves (
    id bigint primary key generated always as identity,
    closure_id uuid not null references caseloop.closures on delete cascade,
    moved_at timestamptz not null,
    moved_by text not null,
    reason text not null,
    from_id text,
    from_name text,
    to_id text,
    to_name text
  )`,
  `create index credit_moves_closure on caseloop.credit_moves (closure_id)`,
  `create index closures_credited on caseloop.closures (connector, credited_id, closed_at) where credited_id is not null`,
  ...['write_backs', 'follow_ups', 'case_asks'].map(
    (table) =>
      `create index ${table}_stuck on caseloop.${table} (connector) where state in ('waiting', 'failed')`,
  ),
  `alter table caseloop.webhook_events add column retried_at timestamptz`,
];
