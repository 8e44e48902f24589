import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What the checks judge a report on: signs in the facts of closures, when a requester's address changed, and from which
 * network addresses staff signed in. The address itself is kept of neither.
 */
export const evidence: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table caseloop.cases add column address_changed_at timestamptz',
  'alter table caseloop.report_facts add column signs smallint not null default 0',
  // Facts of before know no signs: they are all made anew.
  'truncate caseloop.report_facts, caseloop.report_days, caseloop.report_columns, caseloop.report_titles',
  'insert into caseloop.report_changes (closure_id) select id from caseloop.closures order by closed_at',
  // The index alone tells who answered how often: the table holds every fetch of a scanner.
  `create index taps_answers on caseloop.taps (at) include (caller, survey_id) where kind = 'answer'`,
  `create table caseloop.staff_callers (
    caller text primary key,
    seen_at timestamptz not null
  )`,
  // A session is gone when it is over; where it came from is worth knowing for longer.
  `create function caseloop.note_staff_caller() returns trigger language plpgsql as $$
   begin
     insert into caseloop.staff_callers (caller, seen_at) values (new.caller, new.created_at)
       on conflict (caller) do update set seen_at = excluded.seen_at;
     delete from caseloop.staff_callers where seen_at < new.created_at - interval '90 days';
     return null;
   end $$`,
  `create trigger staff_callers after insert on caseloop.sessions
   for each row execute function caseloop.note_staff_caller()`,
];
