import type { Kysely } from 'kysely';
import type { Dimension } from '../domain/report.ts';
import type { Column } from './report-columns.ts';
import { type CountedDay, createDayReader, type OutcomeBook } from './report-counts.ts';
import { type ReportDay, readDays } from './report-days.ts';
import type { NumberedFilters } from './report-filters.ts';
import type { Ledger } from './report-ledger.ts';
import type { Tables } from './tables.ts';

const COUNTED: readonly Column[] = ['outcome', 'firstReply', 'resolution', 'recovery', 'due'];

/** What is counted of the days of a period. */
export interface Scan {
  readonly from: string;
  readonly to: string;
  readonly filters: NumberedFilters;
  readonly book: OutcomeBook;
  readonly now: Date;
  /** Where whole days are counted, and on which line each is. */
  readonly days: Ledger;
  lineOf(day: string): number;
  /** Where values are counted from a day on, each on a line of its own. */
  readonly splits: readonly SplitLedger[];
  readonly splitsFrom: string;
  /** Told of each day, when it has been counted. */
  onDay?(day: string, counted: CountedDay): void;
}

/** The values of a dimension, by number, each with its line; some lines may stay empty. */
export interface SplitLedger {
  readonly by: Dimension;
  readonly lines: Map<number, number>;
  readonly ledger: Ledger;
}

/** Counts a period, day by day. Memory does not grow with the closures in it. */
export async function scan(db: Kysely<Tables>, wish: Scan): Promise<void> {
  const { book, splits } = wish;
  const reader = createDayReader(book);
  const nowSeconds = wish.now.getTime() / 1_000;
  const columns = [...new Set<Column>([...COUNTED, ...wish.filters.keys(), ...splits.map(({ by }) => by)])];
  for await (const days of readDays(db, { from: wish.from, to: wish.to, columns })) {
    for (const day of days) {
      const rows = rowsOf(day, wish.filters);
      if (rows.length === 0) continue;
      const counted = reader.read(day, rows);
      wish.days.add(counted, wish.lineOf(day.day), nowSeconds);
      wish.onDay?.(day.day, counted);
      if (day.day < wish.splitsFrom) continue;
      for (const { by, lines, ledger } of splits) {
        const { entries, places } = day.column(by);
        const of = entries.map((id) => lineFor(lines, id));
        if (places === null) ledger.add(counted, of[0] ?? 0, nowSeconds);
        else ledger.addSplit(counted, { lines: of, places }, nowSeconds);
      }
    }
  }
}

function lineFor(lines: Map<number, number>, id: number): number {
  const line = lines.get(id) ?? lines.size;
  lines.set(id, line);
  return line;
}

/** The rows of a day that all filters let through. */
function rowsOf(day: ReportDay, filters: NumberedFilters): Uint32Array {
  const rows = new Uint32Array(day.closures);
  for (let row = 0; row < rows.length; row += 1) rows[row] = row;
  let length = rows.length;
  for (const [dimension, wanted] of filters) {
    const { entries, places } = day.column(dimension);
    const passes = Uint8Array.from(entries, (id) => (wanted.has(id) ? 1 : 0));
    let kept = 0;
    for (let nth = 0; nth < length; nth += 1) {
      const row = rows[nth] as number;
      if (passes[places === null ? 0 : (places[row] as number)] === 0) continue;
      rows[kept] = row;
      kept += 1;
    }
    length = kept;
  }
  return rows.subarray(0, length);
}
