import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A survey may reach the customer by a reply on the case, who then needs no address. */
export const caseAsks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table caseloop.surveys alter column email drop not null',
  `create table caseloop.case_asks (
    id uuid primary key default gen_random_uuid(),
    closure_id uuid not null unique references caseloop.closures on delete cascade,
    survey_id uuid not null unique references caseloop.surveys on delete cascade,
    connector text not null,
    next_attempt_at timestamptz not null,
    attempts integer not null default 0,
    claimed_by text,
    claimed_at timestamptz,
    vendor_job_id uuid,
    last_error text,
    fix text,
    done_at timestamptz,
    state text not null check (state in ('due', 'running', 'asked', 'cancelled', 'waiting', 'failed')),
    outcome_unknown boolean not null default false,
    let_go_at timestamptz,
    expires_at timestamptz
  )`,
  `create index case_asks_due on caseloop.case_asks (connector, next_attempt_at) where state = 'due'`,
  `create index case_asks_vendor_job on caseloop.case_asks (vendor_job_id) where vendor_job_id is not null`,
  `create index case_asks_claimed on caseloop.case_asks (claimed_by) where claimed_by is not null`,
  `create index case_asks_pace on caseloop.case_asks (let_go_at) where let_go_at is not null`,
  `alter table caseloop.vendor_jobs
     drop constraint vendor_jobs_kind_check,
     add constraint vendor_jobs_kind_check
       check (kind in ('write-back', 'late-follow-up-ticket', 'late-user-field', 'follow-up', 'reopen', 'ask'))`,
];
