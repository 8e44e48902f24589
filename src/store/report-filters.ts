import type { Kysely } from 'kysely';
import { DIMENSIONS, type Dimension, type Filters, type Metric } from '../domain/report.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Filters in the numbers that facts hold; a value that never occurred has none. */
export type NumberedFilters = ReadonlyMap<Dimension, ReadonlySet<number>>;

export async function numberFilters(db: Kysely<Tables>, filters: Filters): Promise<NumberedFilters> {
  const numbered = new Map<Dimension, ReadonlySet<number>>();
  for (const dimension of DIMENSIONS) {
    const values = filters[dimension];
    if (values === undefined) continue;
    const rows = await db
      .withSchema(SCHEMA)
      .selectFrom('report_values')
      .select('id')
      .where('dimension', '=', dimension)
      .where((e) => e(e.ref('value'), '=', e.fn.any(e.val(values))))
      .execute();
    numbered.set(dimension, new Set(rows.map(({ id }) => id)));
  }
  return numbered;
}

/** A metric with the number that facts hold. */
export type NumberedMetric = Metric & { readonly id: number };

/** Every metric that was ever asked with, by number. */
export async function readMetrics(db: Kysely<Tables>): Promise<ReadonlyMap<number, NumberedMetric>> {
  const rows = await db.withSchema(SCHEMA).selectFrom('report_metrics').selectAll().execute();
  return new Map(
    rows.map(({ satisfied_from: satisfiedFrom, ...metric }) => [metric.id, { ...metric, satisfiedFrom }]),
  );
}

/** The values behind these numbers, as filters and people have them. */
export async function readValues(
  db: Kysely<Tables>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, { readonly value: string; readonly label: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('report_values')
    .select(['id', 'value', 'label'])
    .where((e) => e(e.ref('id'), '=', e.fn.any(e.val(ids))))
    .execute();
  return new Map(rows.map(({ id, value, label }) => [id, { value, label }]));
}
