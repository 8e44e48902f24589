import type { Deviation } from './subject.ts';

/** What became of one case for one connector. */
export type Mark = 'holds' | 'fails' | 'does not apply' | Deviation;

/** Collects marks and prints them as one table. */
export interface Scoreboard {
  promise(connector: string, title: string, mark: Mark): void;
  fault(connector: string, attempt: string, fault: string, mark: Mark): void;
  print(): string;
}

type Marks = Map<string, Mark>;

/** Promises as rows with a column per connector, then for each connector methods as rows with a column per fault. */
export function createScoreboard(): Scoreboard {
  const promises = new Map<string, Marks>();
  const faults = new Map<string, Map<string, Marks>>();
  const note = (rows: Map<string, Marks>, row: string, column: string, mark: Mark): void => {
    const marks = rows.get(row) ?? new Map<string, Mark>();
    rows.set(row, marks.set(column, mark));
  };
  return {
    promise: (connector, title, mark) => note(promises, title, connector, mark),
    fault(connector, attempt, fault, mark) {
      const rows = faults.get(connector) ?? new Map<string, Marks>();
      faults.set(connector, rows);
      note(rows, attempt, fault, mark);
    },
    print() {
      const reasons: string[] = [];
      const lines = tabulate('promise', promises, reasons);
      for (const [connector, rows] of faults) {
        lines.push('', ...tabulate(`${connector} x fault`, rows, reasons));
      }
      const legend = '✓ holds   ✗ fails   - does not apply   D1 ... declared deviation';
      return [...lines, '', legend, ...reasons].join('\n');
    },
  };
}

function tabulate(corner: string, rows: ReadonlyMap<string, Marks>, reasons: string[]): string[] {
  const columns = [...new Set([...rows.values()].flatMap((marks) => [...marks.keys()]))];
  const shown = [...rows.keys()];
  const width = Math.max(corner.length, ...shown.map((row) => row.length)) + 2;
  const cell = (row: string, column: string): string => sign(rows.get(row)?.get(column), reasons);
  const line = (head: string, cells: readonly string[]): string =>
    `${head.padEnd(width)}${cells.map((text, at) => text.padEnd((columns[at]?.length ?? 0) + 2)).join('')}`.trimEnd();
  return [
    line(corner, columns),
    ...shown.map((row) =>
      line(
        row,
        columns.map((column) => cell(row, column)),
      ),
    ),
  ];
}

function sign(mark: Mark | undefined, reasons: string[]): string {
  if (mark === undefined) return '';
  if (mark === 'holds') return '✓';
  if (mark === 'fails') return '✗';
  if (mark === 'does not apply') return '-';
  reasons.push(`D${reasons.length + 1}  ${mark.case}: ${mark.reason}`);
  return `D${reasons.length}`;
}
