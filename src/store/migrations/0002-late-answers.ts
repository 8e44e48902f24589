import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Late answers get a place, low scores may reopen their case, and what cannot be taken in or stands badly is remembered. */
export const lateAnswers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `alter table caseloop.write_backs
     add column place text not null default 'case' check (place in ('case', 'follow-up-ticket', 'user-field')),
     add column late_key text,
     add column leave_open boolean not null default false,
     add column outcome_unknown boolean not null default false,
     add column ref_id text,
     add column ref_url text`,
  `alter table caseloop.follow_ups
     add column action text not null default 'task' check (action in ('task', 'reopen')),
     add column is_fallback boolean not null default false,
     add column owner_refused text,
     drop constraint follow_ups_closure_id_key`,
  `create index follow_ups_closure on caseloop.follow_ups (closure_id)`,
  `alter table caseloop.vendor_jobs
     drop constraint vendor_jobs_kind_check,
     add constraint vendor_jobs_kind_check
       check (kind in ('write-back', 'late-follow-up-ticket', 'late-user-field', 'follow-up', 'reopen'))`,
  `create index write_backs_vendor_job on caseloop.write_backs (vendor_job_id) where vendor_job_id is not null`,
  `create index follow_ups_vendor_job on caseloop.follow_ups (vendor_job_id) where vendor_job_id is not null`,
  `alter table caseloop.connectors
     add column fetched_at timestamptz,
     add column fetches_paid_until timestamptz,
     add column checked_at timestamptz,
     add column findings jsonb not null default '[]'`,
  `create table caseloop.refusals (
    connector text not null,
    case_id text not null,
    at timestamptz not null,
    reason text not null,
    primary key (connector, case_id)
  )`,
];
