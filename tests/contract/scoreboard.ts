import type { Attempt } from './faults/attempt.ts';
import type { Deviation } from './subject.ts';

/** What became of one case for one connector. */
export type Mark = 'holds' | 'fails' | 'does not apply' | Deviation;

/** Collects marks and prints them as one report. */
export interface Scoreboard {
  promise(connector: string, title: string, mark: Mark): void;
  fault(connector: string, met: FaultMet, mark: Mark): void;
  print(): string;
}

/** A cell of a connector's table: method x situation x fault. */
export interface FaultMet extends Pick<Attempt, 'method' | 'situation'> {
  readonly fault: string;
  /** How many kinds of request met it, each in a call of its own; null when the test ended before that was known. */
  readonly requests: number | null;
}

interface Noted<T> {
  readonly connector: string;
  readonly about: T;
  readonly mark: Mark;
}

/**
 * Promises as rows with a column per connector, then for each connector its methods and their situations as rows with a
 * column per fault, then what the signs mean and one line of sums per connector. What was not run is left blank or out.
 */
export function createScoreboard(): Scoreboard {
  const promises: Noted<string>[] = [];
  const faults: Noted<FaultMet>[] = [];
  return {
    promise: (connector, title, mark) => promises.push({ connector, about: title, mark }),
    fault: (connector, met, mark) => faults.push({ connector, about: met, mark }),
    print() {
      const connectors = unique([...promises, ...faults].map(({ connector }) => connector));
      const reasons: string[] = [];
      const sign = signer(reasons);
      const tables = [
        promiseTable(promises, connectors, sign),
        ...connectors.map((connector) => faultTable(connector, faults, sign)),
        [LEGEND, ...reasons],
        connectors.map((connector) => sumsOf(connector, promises, faults)),
      ];
      return tables
        .filter((lines) => lines.length > 0)
        .map((lines) => lines.join('\n'))
        .join('\n\n');
    },
  };
}

type Sign = (noted: Noted<unknown> | undefined) => string;

const LEGEND = '✓ holds   ✗ fails   - does not apply   D1 ... declared deviation   blank: not run';

/** Signs by mark. Deviations are numbered as they are met, and their reasons put down. */
function signer(reasons: string[]): Sign {
  return (noted) => {
    if (noted === undefined) return '';
    const { connector, mark } = noted;
    if (mark === 'holds') return '✓';
    if (mark === 'fails') return '✗';
    if (mark === 'does not apply') return '-';
    reasons.push(`D${reasons.length + 1}  ${connector}, ${mark.case}: ${mark.reason}`);
    return `D${reasons.length}`;
  };
}

/** Signs come first, so that they stand in a line however long the promises are. Methods are set apart. */
function promiseTable(
  promises: readonly Noted<string>[],
  connectors: readonly string[],
  sign: Sign,
): readonly string[] {
  const titles = unique(promises.map(({ about }) => about));
  if (titles.length === 0) return [];
  const methodOf = (title: string | undefined): string => title?.split(':')[0] ?? '';
  const rows = titles.flatMap((title, at) => {
    const marks = connectors.map((connector) =>
      sign(promises.find((one) => one.about === title && one.connector === connector)),
    );
    const isNextMethod = at > 0 && methodOf(titles[at - 1]) !== methodOf(title);
    return isNextMethod ? [[], [...marks, title]] : [[...marks, title]];
  });
  return align([[...connectors, 'promise'], ...rows]);
}

function faultTable(connector: string, faults: readonly Noted<FaultMet>[], sign: Sign): readonly string[] {
  const own = faults.filter((one) => one.connector === connector);
  if (own.length === 0) return [];
  const columns = unique(own.map(({ about }) => about.fault));
  let previous = '';
  const rows = unique(own.map(({ about }) => nameOf(about))).map((name) => {
    const cells = own.filter(({ about }) => nameOf(about) === name);
    const { method, situation } = cells[0]?.about ?? { method: '', situation: '' };
    const shown = method === previous ? '' : method;
    previous = method;
    const counts = cells.flatMap(({ about }) => about.requests ?? []);
    const signs = columns.map((fault) => sign(cells.find(({ about }) => about.fault === fault)));
    return [shown, situation, counts.length === 0 ? '' : String(Math.max(...counts)), ...signs];
  });
  return [
    `${connector}: every kind of request that a method makes meets every fault`,
    ...align([['method', 'situation', 'requests', ...columns], ...rows]),
  ];
}

function nameOf({ method, situation }: FaultMet): string {
  return `${method}: ${situation}`;
}

function sumsOf(connector: string, ...groups: readonly (readonly Noted<unknown>[])[]): string {
  const [promises, faults] = groups.map((noted) => {
    const marks = noted.filter((one) => one.connector === connector).map(({ mark }) => mark);
    const count = (wanted: string): number => marks.filter((mark) => mark === wanted).length;
    const deviating = marks.filter((mark) => typeof mark === 'object').length;
    return `${count('holds')} hold, ${count('fails')} fail, ${deviating} deviate, ${count('does not apply')} do not apply`;
  });
  return `${connector}: promises ${promises}; faults ${faults}`;
}

/** Lines with columns as wide as their widest cell. An empty row is an empty line. */
function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
