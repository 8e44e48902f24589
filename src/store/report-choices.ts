import { type Kysely, sql } from 'kysely';
import { type AskedOnDay, metricsLatestFirst } from '../domain/metric-succession.ts';
import { DIMENSIONS, type Dimension, type Metric, type Question } from '../domain/report.ts';
import { type ReportDeps, readReport } from './report.ts';
import { readMetrics } from './report-filters.ts';
import { catchUp } from './report-fold.ts';
import type { Tables } from './tables.ts';

/** What can be chosen in a period: the values that occur in it, and the metrics that were asked with. */
export interface Choices {
  readonly splits: readonly {
    readonly by: Dimension;
    readonly slices: readonly { readonly value: string; readonly label: string }[];
    /** Values that are left out. */
    readonly more: number;
  }[];
  /** The latest first, as a report has them. */
  readonly metrics: readonly Metric[];
  /** As a report has it. */
  readonly behind: number;
}

/** Values of one dimension that are offered. */
const MOST_VALUES = 500;

/**
 * The choices of a question's period. Where the question has no filters they stand with the days, so that no closure is looked
 * at; where it has some, they are what its report is split by. Values are in the order of their labels, or of a report's slices.
 */
export async function readChoices(deps: ReportDeps, question: Question): Promise<Choices> {
  if (Object.keys(question.filters).length > 0) return readReport(deps, question, { splits: DIMENSIONS });
  const { db, settings } = deps;
  const behind = await catchUp(db, settings.zone);
  return { ...(await readDayHeads(db, question)), behind };
}

/** A database knows no earlier day. */
const FIRST_DAY = '0001-01-01';

async function readDayHeads(
  db: Kysely<Tables>,
  question: Pick<Question, 'from' | 'to'>,
): Promise<Pick<Choices, 'splits' | 'metrics'>> {
  const [from, to] = [question.from, question.to].map((day) => (day < FIRST_DAY ? FIRST_DAY : day));
  const inPeriod = sql`d.day >= ${from}::date and d.day <= ${to}::date`;
  const numbered = await readMetrics(db);
  const values = await sql<{ dimension: Dimension; value: string; label: string }>`
    select dimension, value, label from caseloop.report_values
     where id in (select unnest(d.value_ids) from caseloop.report_days d where ${inPeriod})`.execute(db);
  const asked = await sql<{ day: string; metric: number; asked: number }>`
    select d.day, a.metric, a.asked from caseloop.report_days d, unnest(d.metric_ids, d.asked) as a (metric, asked)
     where ${inPeriod} order by d.day`.execute(db);
  const byDimension = Map.groupBy(values.rows, ({ dimension }) => dimension);
  return {
    splits: DIMENSIONS.map((by) => {
      const all = (byDimension.get(by) ?? []).toSorted(
        (a, b) => a.label.localeCompare(b.label, 'en') || (a.value < b.value ? -1 : 1),
      );
      return {
        by,
        slices: all.slice(0, MOST_VALUES).map(({ value, label }) => ({ value, label })),
        more: Math.max(0, all.length - MOST_VALUES),
      };
    }),
    metrics: metricsLatestFirst(
      asked.rows.flatMap(({ metric: id, ...one }): AskedOnDay[] => {
        const numberedMetric = numbered.get(id);
        if (numberedMetric === undefined) return [];
        const { id: _, ...metric } = numberedMetric;
        return [{ ...one, metric }];
      }),
    ),
  };
}
