import { addressProblem } from '../domain/address.ts';
import { readPersonRef } from '../store/suppressions.ts';

/** A line of a suppression list that can be read. */
export interface SuppressionLine {
  readonly line: number;
  /** An address, or what an export gives in place of one. */
  readonly who: string;
  /** ISO; null: now. */
  readonly since: string | null;
  /** Null: `import`. */
  readonly source: string | null;
}

/** What is wrong with a line. Never what stands in it. */
export interface LineProblem {
  readonly line: number;
  readonly problem: string;
}

const COLUMNS = {
  who: /^(address|e-?mail( address)?|person)$/i,
  since: /^(since|date|created|unsubscribed)$/i,
  source: /^(source|reason)$/i,
} as const;

/**
 * Reads a suppression list: CSV with comma, semicolon or tab; address, since and source in this order, or as the first line
 * names them. Lines that cannot be read are told of and left out.
 */
export function parseSuppressions(text: string): {
  readonly lines: readonly SuppressionLine[];
  readonly problems: readonly LineProblem[];
} {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ line: index + 1, content }))
    .filter(({ content }) => content.trim() !== '');
  const first = rows[0]?.content ?? '';
  const delimiter = [';', '\t'].find((one) => first.includes(one) && !first.includes(',')) ?? ',';
  const head = cellsOf(first, delimiter);
  const hasHead = head?.some((cell) => COLUMNS.who.test(cell)) ?? false;
  const place = (column: keyof typeof COLUMNS, otherwise: number) =>
    hasHead ? (head ?? []).findIndex((cell) => COLUMNS[column].test(cell)) : otherwise;
  const places = { who: place('who', 0), since: place('since', 1), source: place('source', 2) };
  const lines: SuppressionLine[] = [];
  const problems: LineProblem[] = [];
  for (const { line, content } of hasHead ? rows.slice(1) : rows) {
    const cells = cellsOf(content, delimiter);
    const read = cells === null ? 'its quotes do not close' : readCells(cells, places);
    if (typeof read === 'string') problems.push({ line, problem: read });
    else lines.push({ line, ...read });
  }
  return { lines, problems };
}

function readCells(
  cells: readonly string[],
  places: Readonly<Record<keyof typeof COLUMNS, number>>,
): Omit<SuppressionLine, 'line'> | string {
  const who = cells[places.who] ?? '';
  const since = cells[places.since] ?? '';
  const source = cells[places.source] ?? '';
  const problem = whoProblem(who) ?? sinceProblem(since) ?? sourceProblem(source);
  return problem ?? { who, since: since === '' ? null : since, source: source === '' ? null : source };
}

/** Why nobody is named by this; null when somebody is. */
export function whoProblem(who: string): string | null {
  if (who.startsWith('person:')) {
    return readPersonRef(who) === null ? 'this is no person of an export: the hash is not whole' : null;
  }
  const problem = addressProblem(who);
  return problem === 'missing' || problem === 'malformed' ? 'this is no mail address' : null;
}

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function sinceProblem(since: string): string | null {
  if (since === '' || (INSTANT.test(since) && !Number.isNaN(Date.parse(since)))) return null;
  return 'the second column is no date: write it as 2026-11-27 or 2026-11-27T09:30:00Z';
}

const LONGEST_SOURCE = 40;

function sourceProblem(source: string): string | null {
  if (source.length > LONGEST_SOURCE) return `the source is longer than ${LONGEST_SOURCE} characters`;
  // The list holds no addresses, and none shall come in by the back door.
  return /[@\p{Cc}]/u.test(source) ? 'the source holds an @ or a control character' : null;
}

/** The cells of one line, trimmed; null when its quotes do not close. */
function cellsOf(line: string, delimiter: string): string[] | null {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    if (quoted === null && /^\s*"/.test(rest)) return null;
    const end = quoted === null ? rest.indexOf(delimiter) : quoted[0].length;
    const cell =
      quoted === null ? rest.slice(0, end === -1 ? undefined : end) : (quoted[1] ?? '').replaceAll('""', '"');
    cells.push(cell.trim());
    if (end === -1 || end >= rest.length) return cells;
    if (rest[end] !== delimiter) return null;
    rest = rest.slice(end + 1);
  }
}

/** The first line of an export. */
export const HEAD = 'address,since,source';

/** A line of an export. */
export function writeLine(line: { who: string; since: string; source: string }): string {
  return [line.who, line.since, line.source].map(quote).join(',');
}

function quote(cell: string): string {
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
