import { type Kysely, sql, type Transaction } from 'kysely';
import { DIMENSIONS, type Dimension } from '../domain/report.ts';
import { type Column, columnsOf, type NumberedFact, type ReadColumn, readColumn } from './report-columns.ts';
import { FACT_COLUMNS } from './report-ids.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Makes the columns of these days anew from their facts. One day after the other, so that memory does not grow with them. */
export async function rewriteDays(tx: Transaction<Tables>, days: readonly string[]): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  for (const day of days) {
    // No `select *`: whether rows are asked for by name is what a kept plan depends on.
    const rows = await s
      .selectFrom('report_facts')
      .select([
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
      .where('day', '=', day)
      .orderBy('closed_at')
      .orderBy('closure_id')
      .execute();
    if (rows.length === 0) {
      await s.deleteFrom('report_days').where('day', '=', day).execute();
      continue;
    }
    const facts = rows.map(
      (row): NumberedFact => ({
        dimensions: Object.fromEntries(
          DIMENSIONS.map((dimension) => [dimension, row[FACT_COLUMNS[dimension]]]),
        ) as Record<Dimension, number>,
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
      }),
    );
    const columns = [...columnsOf(facts)].map(([name, bytes]) => ({
      name,
      data: Buffer.from(bytes).toString('base64'),
    }));
    await sql`
      with this_day as (
        insert into caseloop.report_days (day, closures) values (${day}, ${rows.length})
        on conflict (day) do update set closures = excluded.closures)
      insert into caseloop.report_columns (day, name, data)
      select ${day}::date, name, decode(data, 'base64')
        from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) as c (name text, data text)
      on conflict (day, name) do update set data = excluded.data`.execute(tx);
  }
}

/** The first and the last day on which anything closed; null when nothing ever did. */
export async function readDayRange(db: Kysely<Tables>): Promise<{ from: string; to: string } | null> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('report_days')
    .select((e) => [e.fn.min('day').as('from'), e.fn.max('day').as('to')])
    .executeTakeFirst();
  const { from = null, to = null } = row ?? {};
  return from === null || to === null ? null : { from, to };
}

/** The columns of one day. */
export interface ReportDay {
  readonly day: string;
  readonly closures: number;
  column(name: Column): ReadColumn;
}

/** Closures whose columns are read at a time. */
const ROWS_AT_A_TIME = 100_000;

/** Reads these columns of the days with closures from one to the other, in order, some days at a time. */
export async function* readDays(
  db: Kysely<Tables>,
  { from, to, columns }: { from: string; to: string; columns: readonly Column[] },
): AsyncGenerator<readonly ReportDay[]> {
  const days = await db
    .withSchema(SCHEMA)
    .selectFrom('report_days')
    .selectAll()
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .execute();
  const groups: { day: string; closures: number }[][] = [];
  let rows = ROWS_AT_A_TIME;
  for (const day of days) {
    if (rows + day.closures > ROWS_AT_A_TIME) {
      groups.push([]);
      rows = 0;
    }
    groups.at(-1)?.push(day);
    rows += day.closures;
  }
  // The next ones are on their way while these are looked at.
  let next = groups[0] === undefined ? null : readGroup(db, groups[0], columns);
  for (let nth = 0; next !== null; nth += 1) {
    const group = await next;
    const following = groups[nth + 1];
    next = following === undefined ? null : readGroup(db, following, columns);
    // Whoever stops early leaves it unread: that must not end the process.
    next?.catch(() => undefined);
    yield group;
  }
}

async function readGroup(
  db: Kysely<Tables>,
  days: readonly { day: string; closures: number }[],
  columns: readonly Column[],
): Promise<readonly ReportDay[]> {
  // As base64, which both engines hand over many times faster than bytes.
  const { rows } = await sql<{ day: string; closures: number; name: Column; data: string }>`
    select day, d.closures, c.name, encode(c.data, 'base64') as data
      from caseloop.report_days d join caseloop.report_columns c using (day)
     where day >= ${days[0]?.day ?? ''}::date and day <= ${days.at(-1)?.day ?? ''}::date and c.name = any(${columns}::text[])
     order by day`.execute(db);
  const read = new Map<string, { closures: number; columns: Map<Column, ReadColumn> }>();
  for (const { day, closures, name, data } of rows) {
    const known = read.get(day) ?? { closures, columns: new Map() };
    read.set(day, known);
    known.columns.set(name, readColumn(Buffer.from(data, 'base64')));
  }
  return [...read].map(([day, { closures, columns: of }]) => ({
    day,
    closures,
    column(name) {
      const column = of.get(name);
      if (column === undefined) throw new Error(`The figures of ${day} have no column ${name}.`);
      return column;
    },
  }));
}
