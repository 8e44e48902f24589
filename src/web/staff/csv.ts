import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { codeOf } from '../../error-facts.ts';

/** One column: its heading and what stands in it. Text is taken for others' words, numbers for ours. */
export interface CsvColumn<R> {
  readonly name: string;
  cell(row: R): string | number | boolean | Date | null;
}

// Spreadsheets take a file without it for one in an old encoding.
const BOM = '\u{feff}';

/** What a spreadsheet may run instead of showing it: a formula, also behind blanks that importers cut off or full-width. */
const FORMULA = /^(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n])/u;

/** Text that no spreadsheet takes for a formula: an apostrophe goes before what it might. */
export function neutralised(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** Lines of a CSV file by RFC 4180, in UTF-8. */
export function csvLines(records: readonly (readonly ReturnType<CsvColumn<never>['cell']>[])[]): string {
  return stringify(records as (readonly unknown[])[] as unknown[][], {
    record_delimiter: 'windows',
    // By itself it quotes for whole line ends only.
    quoted_match: /[\r\n]/,
    escape_formulas: true,
    cast: {
      // It knows fewer disguises of a formula than we do.
      string: neutralised,
      boolean: (value) => (value ? 'yes' : 'no'),
      date: (value) => value.toISOString(),
    },
  });
}

/**
 * Writes a CSV file page by page, no faster than it is taken, so that memory does not grow with its length. Reads no
 * further once the other side is gone. A file that cannot be finished is cut off, so that nobody takes it for a whole one.
 */
export async function sendCsv<R>(
  target: Writable,
  columns: readonly CsvColumn<R>[],
  pages: AsyncIterable<readonly R[]>,
): Promise<void> {
  try {
    await pipeline(Readable.from(textOf(columns, pages)), target);
  } catch (error) {
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function* textOf<R>(
  columns: readonly CsvColumn<R>[],
  pages: AsyncIterable<readonly R[]>,
): AsyncGenerator<string> {
  yield BOM + csvLines([columns.map(({ name }) => name)]);
  for await (const rows of pages) {
    if (rows.length > 0) yield csvLines(rows.map((row) => columns.map((column) => column.cell(row))));
  }
}
