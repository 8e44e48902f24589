import { foldAll } from '../src/store/report-fold.ts';
import type { Work } from './work.ts';

/** Takes into the figures what changed since, until nothing waits. */
export async function foldReport(
  { db, config }: Pick<Work, 'db' | 'config'>,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  await foldAll(db, { zone: config.report.zone, signal });
}
