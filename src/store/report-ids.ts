import { sql, type Transaction } from 'kysely';
import type { ClosureFact } from '../domain/closure-fact.ts';
import { DIMENSIONS, type Dimension, type Metric } from '../domain/report.ts';
import { jsonb } from './database.ts';
import type { Tables } from './tables.ts';

/** The columns of `report_facts` that hold dimensions. */
export const FACT_COLUMNS = {
  agent: 'agent',
  team: 'team',
  channel: 'channel',
  topic: 'topic',
  brand: 'brand',
  tier: 'tier',
  language: 'language',
  connector: 'connector',
  handledBy: 'handled_by',
} as const satisfies Readonly<Record<Dimension, string>>;

type FactColumn = (typeof FACT_COLUMNS)[Dimension];

/** The short numbers that stand for values and metrics in facts. */
export interface FactIds {
  ofDimensions(fact: ClosureFact): Readonly<Record<FactColumn, number>>;
  /** Null where nobody was asked. */
  ofMetric(fact: ClosureFact): number | null;
}

/** Makes the numbers that these facts need and are not there yet, and keeps the newest name that people have for a value. */
export async function idsOf(tx: Transaction<Tables>, facts: readonly ClosureFact[]): Promise<FactIds> {
  const values = await valueIds(tx, facts);
  const metrics = await metricIds(tx, facts);
  return {
    ofDimensions: ({ values: of }) =>
      Object.fromEntries(
        DIMENSIONS.map((dimension) => [FACT_COLUMNS[dimension], values(dimension, of[dimension])]),
      ) as Record<FactColumn, number>,
    ofMetric: ({ metric }) => (metric === null ? null : metrics(metric)),
  };
}

async function valueIds(
  tx: Transaction<Tables>,
  facts: readonly ClosureFact[],
): Promise<(dimension: Dimension, value: string) => number> {
  const wanted = new Map<string, { dimension: Dimension; value: string; label: string; label_at: Date }>();
  for (const { values, agentName, closedAt } of facts) {
    for (const dimension of DIMENSIONS) {
      const value = values[dimension];
      const label = dimension === 'agent' && value !== '' ? (agentName ?? value) : value;
      const key = `${dimension} ${value}`;
      const known = wanted.get(key);
      if (known === undefined || known.label_at < closedAt)
        wanted.set(key, { dimension, value, label, label_at: closedAt });
    }
  }
  const { rows } = await sql<{ dimension: Dimension; value: string; id: number }>`
    with wanted as (
      select * from jsonb_to_recordset(${jsonb([...wanted.values()])})
        as w (dimension text, value text, label text, label_at timestamptz)),
    named as (
      update caseloop.report_values v set label = w.label, label_at = w.label_at from wanted w
       where v.dimension = w.dimension and v.value = w.value and v.label <> w.label and v.label_at <= w.label_at),
    made as (
      insert into caseloop.report_values (dimension, value, label, label_at)
      select w.* from wanted w
       where not exists (select from caseloop.report_values v where v.dimension = w.dimension and v.value = w.value)
      on conflict (dimension, value) do nothing returning dimension, value, id)
    select dimension, value, id from made
    union all
    select v.dimension, v.value, v.id from caseloop.report_values v join wanted w using (dimension, value)`.execute(
    tx,
  );
  const ids = new Map(rows.map((row) => [`${row.dimension} ${row.value}`, row.id]));
  return (dimension, value) => found(ids, `${dimension} ${value}`);
}

async function metricIds(
  tx: Transaction<Tables>,
  facts: readonly ClosureFact[],
): Promise<(metric: Metric) => number> {
  const wanted = new Map(facts.flatMap(({ metric }) => (metric === null ? [] : [[metric.key, metric]])));
  if (wanted.size === 0) return ({ key }) => found(new Map(), key);
  const metrics = [...wanted.values()].map(({ satisfiedFrom, ...metric }) => ({
    ...metric,
    satisfied_from: satisfiedFrom,
  }));
  const { rows } = await sql<{ key: string; id: number }>`
    with wanted as (
      select * from jsonb_to_recordset(${jsonb(metrics)})
        as w (key text, name text, kind text, scale text, satisfied_from int)),
    made as (
      insert into caseloop.report_metrics (key, name, kind, scale, satisfied_from)
      select * from wanted w where not exists (select from caseloop.report_metrics m where m.key = w.key)
      on conflict (key) do nothing returning key, id)
    select key, id from made
    union all
    select m.key, m.id from caseloop.report_metrics m join wanted w using (key)`.execute(tx);
  const ids = new Map(rows.map((row) => [row.key, row.id]));
  return ({ key }) => found(ids, key);
}

function found(ids: ReadonlyMap<string, number>, key: string): number {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`The figures know no number for "${key}".`);
  return id;
}
