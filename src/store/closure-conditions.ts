import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type AskedOnDay, metricsLatestFirst } from '../domain/metric-succession.ts';
import type { ListQuestion } from '../domain/question-query.ts';
import type { Question, Subset } from '../domain/report.ts';
import { type NumberedFilters, type NumberedMetric, numberFilters, readMetrics } from './report-filters.ts';
import { FACT_COLUMNS } from './report-ids.ts';
import type { Tables } from './tables.ts';

/** What a fact `f` must be to stand in a list: the same as what is counted. */
export async function conditionsOf(
  db: Kysely<Tables>,
  question: ListQuestion,
  now: Date,
): Promise<RawBuilder<boolean>> {
  const filters = await numberFilters(db, question.filters);
  const looked = lookedAt(question, filters);
  const needsMetric = question.score !== null || !['all', 'reopened'].includes(question.only);
  const metric = needsMetric ? await metricOf(db, question, looked) : null;
  const conditions = [...looked, SUBSETS[question.only](metric?.id ?? NO_METRIC, now)];
  if (question.score !== null)
    conditions.push(sql`f.metric = ${metric?.id ?? NO_METRIC} and f.score = ${question.score}`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** No metric has this number. */
const NO_METRIC = 0;

const ofMetric = (metric: number, more: RawBuilder<unknown>) => sql`f.metric = ${metric} and ${more}`;

const SUBSETS: Readonly<Record<Subset, (metric: number, now: Date) => RawBuilder<unknown>>> = {
  all: () => sql`true`,
  asked: (metric) => ofMetric(metric, sql`true`),
  'not-asked': (metric) => sql`f.metric is distinct from ${metric}`,
  answered: (metric) => ofMetric(metric, sql`f.score is not null`),
  'not-answered': (metric) => ofMetric(metric, sql`f.score is null`),
  satisfied: (metric) => ofMetric(metric, sql`f.satisfied`),
  neutral: (metric) => ofMetric(metric, sql`f.score is not null and not f.satisfied and not f.low`),
  low: (metric) => ofMetric(metric, sql`f.low`),
  reopened: () => sql`f.reopened`,
  recovered: (metric) => ofMetric(metric, sql`f.recovered`),
  'not-recovered': (metric) => ofMetric(metric, sql`f.low and not f.recovered`),
  overdue: (metric, now) => ofMetric(metric, sql`f.due_at < ${now}`),
  commented: (metric) => ofMetric(metric, sql`f.commented`),
};

/** A database knows no earlier one. */
const FIRST_DAY = '0001-01-01';

function lookedAt(question: Question, filters: NumberedFilters): RawBuilder<unknown>[] {
  const [from, to] = [question.from, question.to].map((day) => (day < FIRST_DAY ? FIRST_DAY : day));
  const inFilters = [...filters].map(
    ([dimension, ids]) => sql`f.${sql.ref(FACT_COLUMNS[dimension])} = any(${[...ids]}::int[])`,
  );
  return [sql`f.day >= ${from}::date and f.day <= ${to}::date`, ...inFilters];
}

/** The metric that the question names, or that a report would choose for it. */
async function metricOf(
  db: Kysely<Tables>,
  question: Question,
  looked: readonly RawBuilder<unknown>[],
): Promise<NumberedMetric | null> {
  const numbered = await readMetrics(db);
  const named = (key: string | undefined) => [...numbered.values()].find((one) => one.key === key) ?? null;
  if (question.metric !== null) return named(question.metric);
  const where = sql.join([...looked, sql`f.metric is not null`], sql` and `);
  const { rows } = await sql<{ metric: number; day: string; asked: number }>`
    select f.metric, f.day, count(*) as asked from caseloop.report_facts f
     where ${where} and f.day = (select max(f.day) from caseloop.report_facts f where ${where})
     group by f.metric, f.day`.execute(db);
  const asked = rows.flatMap(({ metric: id, ...one }): AskedOnDay[] => {
    const metric = numbered.get(id);
    return metric === undefined ? [] : [{ ...one, metric }];
  });
  return named(metricsLatestFirst(asked)[0]?.key);
}
