import { sql, type Transaction } from 'kysely';
import { DIMENSIONS, type Dimension } from '../domain/report.ts';
import { columnsOf, type NumberedFact } from './report-columns.ts';
import { groupDays } from './report-days.ts';
import { FACT_COLUMNS } from './report-ids.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Closures that are read at a time. */
const ROWS_AT_A_TIME = 10_000;

/** Makes the columns of these days anew from their facts. Some days at a time, so that memory does not grow with them. */
export async function rewriteDays(tx: Transaction<Tables>, days: readonly string[]): Promise<void> {
  const { rows } = await sql<{ day: string; closures: number }>`
    select day, (select count(*) from caseloop.report_facts f where f.day = wanted.day) as closures
      from unnest(${days}::date[]) as wanted (day) order by day`.execute(tx);
  const empty = rows.filter(({ closures }) => closures === 0).map(({ day }) => day);
  if (empty.length > 0)
    await tx.withSchema(SCHEMA).deleteFrom('report_days').where('day', 'in', empty).execute();
  const full = rows.filter(({ closures }) => closures > 0);
  for (const group of groupDays(full, ROWS_AT_A_TIME))
    await rewrite(
      tx,
      group.map(({ day }) => day),
    );
}

async function rewrite(tx: Transaction<Tables>, days: readonly string[]): Promise<void> {
  const rows = await tx
    .withSchema(SCHEMA)
    .selectFrom('report_facts')
    .select([
      'day',
      ...DIMENSIONS.map((dimension) => FACT_COLUMNS[dimension]),
      'metric',
      'score',
      'satisfied',
      'low',
      'reopened',
      'recovered',
      'signs',
      'first_reply_s',
      'resolution_s',
      'recovery_s',
      'due_at',
    ])
    .where((e) => e(e.ref('day'), '=', sql<string>`any(${days}::date[])`))
    .orderBy('day')
    .orderBy('closed_at')
    .orderBy('closure_id')
    .execute();
  const byDay = Map.groupBy(rows, ({ day }) => day);
  const heads = [...byDay].map(([day, of]) => headOf(day, of));
  const written = [...byDay].flatMap(([day, of]) =>
    [...columnsOf(of.map(numberedFact))].map(([name, bytes]) => ({
      day,
      name,
      data: Buffer.from(bytes).toString('base64'),
    })),
  );
  await sql`
    with written as (
      select * from jsonb_to_recordset(${JSON.stringify(written)}::jsonb) as w (day date, name text, data text)),
    days as (
      insert into caseloop.report_days (day, closures, value_ids, metric_ids, asked)
      select * from jsonb_to_recordset(${JSON.stringify(heads)}::jsonb)
        as h (day date, closures int, value_ids int[], metric_ids int[], asked int[])
      on conflict (day) do update set closures = excluded.closures, value_ids = excluded.value_ids,
        metric_ids = excluded.metric_ids, asked = excluded.asked)
    insert into caseloop.report_columns (day, name, data) select day, name, decode(data, 'base64') from written
    on conflict (day, name) do update set data = excluded.data`.execute(tx);
}

/** What can be told of a day without a look into its columns. */
function headOf(day: string, rows: readonly FactRow[]): Tables['report_days'] {
  const values = new Set(rows.flatMap((row) => DIMENSIONS.map((dimension) => row[FACT_COLUMNS[dimension]])));
  const asked = new Map<number, number>();
  for (const { metric } of rows) if (metric !== null) asked.set(metric, (asked.get(metric) ?? 0) + 1);
  return {
    day,
    closures: rows.length,
    value_ids: [...values],
    metric_ids: [...asked.keys()],
    asked: [...asked.values()],
  };
}

type FactRow = { [C in (typeof FACT_COLUMNS)[Dimension]]: number } & {
  metric: number | null;
  score: number | null;
  satisfied: boolean;
  low: boolean;
  reopened: boolean;
  recovered: boolean;
  signs: number;
  first_reply_s: number | null;
  resolution_s: number | null;
  recovery_s: number | null;
  due_at: Date | null;
};

function numberedFact(row: FactRow): NumberedFact {
  return {
    dimensions: {
      agent: row.agent,
      team: row.team,
      channel: row.channel,
      topic: row.topic,
      brand: row.brand,
      tier: row.tier,
      language: row.language,
      connector: row.connector,
      handledBy: row.handled_by,
    },
    metric: row.metric,
    score: row.score,
    satisfied: row.satisfied,
    low: row.low,
    reopened: row.reopened,
    recovered: row.recovered,
    signs: row.signs,
    firstReplySeconds: row.first_reply_s,
    resolutionSeconds: row.resolution_s,
    recoverySeconds: row.recovery_s,
    dueAt: row.due_at,
  };
}
