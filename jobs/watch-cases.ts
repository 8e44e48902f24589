import { MINUTE_MS } from '../src/clock.ts';
import type { WatchFrom, WatchPage } from '../src/connector.ts';
import { endRescan, readConnector, saveCursor } from '../src/store/connectors.ts';
import { giveLease, takeLease } from '../src/store/workers.ts';
import { type Noticed, noticeCases } from './notice-cases.ts';
import { connectorNamed, type Work } from './work.ts';

/** Longer than one page may take; taken anew for each page. */
const LEASE_MS = 2 * MINUTE_MS;

/** How far a watch has come, after each page. */
export interface WatchProgress extends Noticed {
  readonly pages: number;
  /** Everything that changed between these instants has been read. */
  readonly from: Date | null;
  readonly reachedAt: Date | null;
  readonly done: boolean;
}

/**
 * Reads everything that changed since the last watch, page by page. It heals what pushes lose. The cursor moves only after
 * a page is in the store, so a crash repeats a page and skips none. When a stream has lost something, it is looked for first.
 * At its end the CRM is asked after low scores: customers may have been answered meanwhile.
 * Gives null when another process is watching.
 */
export async function watchCases(
  work: Work,
  payload: { connector: string },
  onProgress: (progress: WatchProgress) => void = () => undefined,
): Promise<WatchProgress | null> {
  const connector = connectorNamed(work, payload.connector);
  const lease = { name: `watch:${payload.connector}`, holder: work.workerId };
  const take = () => takeLease(work.db, { ...lease, now: work.clock.now(), forMs: LEASE_MS });
  if (!(await take())) return null;
  try {
    const row = await readConnector(work.db, payload.connector);
    if (row === null) throw new Error(`Connector ${payload.connector} was not registered at start.`);
    let progress: WatchProgress = {
      pages: 0,
      cases: 0,
      closures: 0,
      asks: 0,
      cancelled: 0,
      from: row.reached_at ?? row.started_at,
      reachedAt: null,
      done: false,
    };
    const read = async (start: WatchFrom, keep: (page: WatchPage) => Promise<void>): Promise<boolean> => {
      for (let from = start; ; ) {
        const page = await connector.watch(from);
        const noticed = await noticeCases(
          work,
          { name: payload.connector, startedAt: row.started_at },
          page.cases,
          'watch',
        );
        await keep(page);
        from = { cursor: page.cursor };
        progress = {
          ...progress,
          pages: progress.pages + 1,
          cases: progress.cases + noticed.cases,
          closures: progress.closures + noticed.closures,
          asks: progress.asks + noticed.asks,
          cancelled: progress.cancelled + noticed.cancelled,
          reachedAt: page.reachedAt ?? progress.reachedAt,
        };
        if (!page.more) return true;
        onProgress(progress);
        if (!(await take())) return false;
      }
    };
    if (row.rescan_from !== null) {
      const { rescan_from } = row;
      // From an instant on, and apart from the cursor: what it has read may lie before the cursor or after it.
      if (!(await read({ startAt: rescan_from }, async () => undefined))) return progress;
      await endRescan(work.db, payload.connector, rescan_from);
    }
    const start: WatchFrom = row.cursor === null ? { startAt: row.started_at } : { cursor: row.cursor };
    const isDone = await read(start, (page) =>
      saveCursor(work.db, payload.connector, {
        cursor: page.cursor,
        reachedAt: page.reachedAt,
        finishedAt: page.more ? null : work.clock.now(),
      }),
    );
    if (!isDone) return progress;
    await work.queues.add('look-after', { connector: payload.connector });
    progress = { ...progress, done: true };
    onProgress(progress);
    work.log.info(
      {
        connector: payload.connector,
        pages: progress.pages,
        cases: progress.cases,
        closures: progress.closures,
      },
      'watch finished',
    );
    return progress;
  } finally {
    await giveLease(work.db, lease);
  }
}
