import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Origin } from '../domain/evidence.ts';
import type { NumberedFilters, NumberedMetric } from './report-filters.ts';
import { FACT_COLUMNS } from './report-ids.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** An address that fewer customers used tells nothing. */
const LEAST_CUSTOMERS = 3;
/** Addresses of staff come first, then the busiest; a proxy before us would make one address of all. */
const MOST_CALLERS = 200;
const MOST_ORIGINS = 5_000;

export interface OriginsWish {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly metric: NumberedMetric | null;
  readonly filters: NumberedFilters;
}

/** Answers given on these days from addresses that staff or several customers used, the latest press of each survey. */
export async function readOrigins(db: Kysely<Tables>, wish: OriginsWish): Promise<readonly Origin[]> {
  const { from, to, zone, metric } = wish;
  if (metric === null) return [];
  const wanted = [...wish.filters].map(
    ([name, ids]) => sql`and ${sql.ref(`f.${FACT_COLUMNS[name]}`)} = any(${[...ids]}::int[])`,
  );
  const { rows } = await sql<OriginRow>`
    with given as (
      select caller, survey_id, max(at) as at from caseloop.taps
       where kind = 'answer' and caller <> ''
         and at >= (${from}::date)::timestamp at time zone ${zone}
         and at < (${to}::date + 1)::timestamp at time zone ${zone}
       group by caller, survey_id
    ), shared as (
      select caller from given left join caseloop.staff_callers staff using (caller)
       group by caller, staff.seen_at having count(*) >= ${LEAST_CUSTOMERS} or staff.seen_at is not null
       order by staff.seen_at is null, count(*) desc limit ${MOST_CALLERS}
    ), latest as (
      select distinct on (survey_id) survey_id, caller, at
        from given join shared using (caller) order by survey_id, at desc
    )
    select l.caller, l.at, s.person, split_part(s.email, '@', 2) as domain, v.value as agent, v.label
      from latest l
        join caseloop.surveys s on s.id = l.survey_id
        join caseloop.report_facts f on f.closure_id = s.closure_id
        join caseloop.report_values v on v.id = f.agent
     where f.score is not null and f.metric = ${metric.id} ${sql.join(wanted, sql` `)}
     order by l.at desc limit ${MOST_ORIGINS}`.execute(db);
  return rows.map(({ person, domain, ...row }) => ({ ...row, customer: person, domain: hash(domain ?? '') }));
}

interface OriginRow {
  caller: string;
  at: Date;
  person: string;
  domain: string | null;
  agent: string;
  label: string;
}

function hash(domain: string): string {
  return createHash('sha256').update(domain.toLowerCase()).digest('base64url');
}

/** The addresses from which somebody signed in. */
export async function readStaffCallers(db: Kysely<Tables>): Promise<readonly string[]> {
  const rows = await db.withSchema(SCHEMA).selectFrom('staff_callers').select('caller').execute();
  return rows.map(({ caller }) => caller);
}
