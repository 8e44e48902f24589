import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import { CAUSES, type Cause } from '../domain/causes.ts';
import type { ClosureRecord } from '../domain/closure-record.ts';
import type { Question } from '../domain/report.ts';
import { conditionsOf } from './closure-conditions.ts';
import { readClosureRecords } from './closure-records.ts';
import type { ReportDeps } from './report.ts';
import { catchUp } from './report-fold.ts';
import { snapshotFromJson } from './snapshot.ts';
import { type FollowUpRow, SCHEMA, type Tables } from './tables.ts';

/** Low scores by what was found about them: nobody looked yet, somebody found nothing to change, or one of the causes. */
export const REVIEW_FILTERS = ['all', 'unmarked', 'no-cause', ...CAUSES] as const;
export type ReviewFilter = (typeof REVIEW_FILTERS)[number];

/** The days and filters of a question; scores are low by their own survey's threshold, whatever the metric. */
export type LowScoreQuestion = Pick<Question, 'from' | 'to' | 'filters'>;

/** Low scores, the newest closing first, after the one that `after` names; anything else begins anew. */
export async function readLowScores(
  { db, settings, clock }: ReportDeps,
  question: LowScoreQuestion,
  page: { readonly filter: ReviewFilter; readonly after: string | null; readonly limit: number },
): Promise<{ readonly rows: readonly ClosureRecord[]; readonly next: string | null }> {
  await catchUp(db, settings.zone);
  const now = clock.now();
  const [, second, id] = CURSOR.exec(page.after ?? '') ?? [];
  const beyond =
    second === undefined || id === undefined
      ? sql`true`
      : sql`(f.closed_at, f.closure_id) < (to_timestamp(${second}::bigint), ${id}::uuid)`;
  const { rows } = await sql<{ closure_id: string; cursor: string }>`
    select f.closure_id, extract(epoch from f.closed_at)::bigint || '~' || f.closure_id as cursor
      from caseloop.report_facts f
     where ${await lowIn(db, question, now)} and ${MARKED[page.filter]} and ${beyond}
     order by f.closed_at desc, f.closure_id desc limit ${page.limit + 1}`.execute(db);
  const shown = rows.slice(0, page.limit);
  const ids = shown.map(({ closure_id }) => closure_id);
  return {
    rows: await readClosureRecords(db, ids, now),
    next: rows.length > page.limit ? (shown.at(-1)?.cursor ?? null) : null,
  };
}

/** Closings are kept to the second. */
const CURSOR = /^(\d{1,11})~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** How many low scores there are by what was found; one with several causes counts in each. */
export async function countCauses(
  { db, settings, clock }: ReportDeps,
  question: LowScoreQuestion,
): Promise<Readonly<Record<ReviewFilter, number>>> {
  await catchUp(db, settings.zone);
  const counts = REVIEW_FILTERS.map(
    (filter) => sql`count(*) filter (where ${MARKED[filter]})::int as ${sql.ref(filter)}`,
  );
  const { rows } = await sql<Record<ReviewFilter, number>>`
    select ${sql.join(counts)} from caseloop.report_facts f
     where ${await lowIn(db, question, clock.now())}`.execute(db);
  return Object.fromEntries(REVIEW_FILTERS.map((filter) => [filter, rows[0]?.[filter] ?? 0])) as Record<
    ReviewFilter,
    number
  >;
}

async function lowIn(
  db: Kysely<Tables>,
  { from, to, filters }: LowScoreQuestion,
  now: Date,
): Promise<RawBuilder<boolean>> {
  const all = { from, to, filters, metric: null, only: 'all', score: null } as const;
  return sql<boolean>`${await conditionsOf(db, all, now)} and f.low`;
}

const isReviewed = sql<boolean>`exists (select from caseloop.reviews r where r.closure_id = f.closure_id)`;
const hasCause = sql<boolean>`exists (select from caseloop.review_causes r where r.closure_id = f.closure_id)`;
const has = (cause: Cause) =>
  sql<boolean>`exists (select from caseloop.review_causes r where r.closure_id = f.closure_id and r.cause = ${sql.lit(cause)})`;

const MARKED: Readonly<Record<ReviewFilter, RawBuilder<boolean>>> = {
  all: sql`true`,
  unmarked: sql`not ${isReviewed}`,
  'no-cause': sql`${isReviewed} and not ${hasCause}`,
  process: has('process'),
  knowledge: has('knowledge'),
  tone: has('tone'),
  policy: has('policy'),
  product: has('product'),
};

/** What tells whose a follow-up is: the case as it was when it closed, and whether the CRM would have its owner. */
export interface FollowUpOf {
  readonly snapshot: Pick<CaseSnapshot, 'assignee' | 'team'>;
  readonly row: Pick<FollowUpRow, 'connector' | 'owner_refused'>;
}

/** The same of these closings, where there is a follow-up. */
export async function readFollowUpsOf(
  db: Kysely<Tables>,
  closureIds: readonly string[],
): Promise<ReadonlyMap<string, FollowUpOf>> {
  if (closureIds.length === 0) return new Map();
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('follow_ups as f')
    .innerJoin('closures as c', 'c.id', 'f.closure_id')
    .select(['c.id', 'c.connector', 'c.snapshot', 'f.owner_refused'])
    .where('f.closure_id', 'in', closureIds)
    .where('f.is_clock', '=', true)
    .execute();
  return new Map(
    rows.map(({ id, connector, snapshot, owner_refused }) => {
      const { assignee = null, team = null } = snapshotFromJson(snapshot);
      return [id, { snapshot: { assignee, team }, row: { connector, owner_refused } }];
    }),
  );
}
