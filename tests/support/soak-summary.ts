import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

/** What one long run came to; a row of the table at the end. */
export interface SoakRow {
  readonly run: string;
  readonly engine: string;
  readonly seed: number;
  readonly closures: number;
  readonly kills: number;
  readonly mailsTwice: number;
  /** From each kill until its process served again, in ms. */
  readonly backMs: readonly number[];
  /** From each kill until nothing was left in the hands of the dead, in ms; empty where that was not looked at. */
  readonly freedMs: readonly number[];
}

declare module 'vitest' {
  interface ProvidedContext {
    soakSummary: string;
  }
}

/** Adds a row to the table that is printed when all runs are over. */
export async function summarise(row: SoakRow): Promise<void> {
  await appendFile(inject('soakSummary'), `${JSON.stringify(row)}\n`);
}

/** Called by vitest before the first run; what it returns is called after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'caseloop-soak-'));
  const file = join(folder, 'rows.jsonl');
  await writeFile(file, '');
  project.provide('soakSummary', file);
  return async () => {
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    await rm(folder, { recursive: true });
    if (lines.length > 0) process.stdout.write(`\n${table(lines.map((line) => JSON.parse(line)))}\n`);
  };
}

function table(rows: readonly SoakRow[]): string {
  const head = ['run', 'engine', 'seed', 'closures', 'kills', 'mails twice', 'back, s', 'freed, s'];
  const cells = rows.map((row) => [
    row.run,
    row.engine,
    String(row.seed),
    String(row.closures),
    String(row.kills),
    String(row.mailsTwice),
    spread(row.backMs),
    spread(row.freedMs),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

/** Median and longest, in seconds. */
function spread(timesMs: readonly number[]): string {
  if (timesMs.length === 0) return '-';
  const sorted = [...timesMs].sort((a, b) => a - b);
  const seconds = (at: number) => ((sorted[at] ?? 0) / 1_000).toFixed(1);
  return `${seconds(Math.floor(sorted.length / 2))} (max ${seconds(sorted.length - 1)})`;
}
