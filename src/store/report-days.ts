import { type Kysely, sql } from 'kysely';
import { type Column, type ReadColumn, readColumn } from './report-columns.ts';
import { SCHEMA, type Tables } from './tables.ts';

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

/** Days in groups of about so many closures, at least one day each. */
export function groupDays<D extends { readonly closures: number }>(days: readonly D[], most: number): D[][] {
  const groups: D[][] = [];
  let rows = most;
  for (const day of days) {
    if (rows + day.closures > most) {
      groups.push([]);
      rows = 0;
    }
    groups.at(-1)?.push(day);
    rows += day.closures;
  }
  return groups;
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
  const groups = groupDays(days, ROWS_AT_A_TIME);
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
