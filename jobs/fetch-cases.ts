import { MINUTE_MS } from '../src/clock.ts';
import { readConnector } from '../src/store/connectors.ts';
import { answerDoorbells, dueDoorbells } from '../src/store/doorbells.ts';
import { giveLease, takeLease } from '../src/store/workers.ts';
import { noticeCases } from './notice-cases.ts';
import { connectorNamed, type Work } from './work.ts';

/** Longer than a fetch may take; a lease that outlives its worker holds fetches up no longer than this. */
const LEASE_MS = MINUTE_MS;

/**
 * Reads the cases that pushes named, in the vendor's largest batches, until no doorbell is left. One fetch is in flight per
 * connector; whatever rings meanwhile joins the next batch. A doorbell goes only when its case is in the store.
 */
export async function fetchCases(work: Work, payload: { connector: string }): Promise<void> {
  const connector = connectorNamed(work, payload.connector);
  const lease = { name: `fetch:${payload.connector}`, holder: work.workerId };
  for (;;) {
    const bells = await dueDoorbells(work.db, payload.connector, connector.batchSize);
    if (bells.length === 0) return;
    // Whoever holds the lease looks for doorbells again after giving it back, so leaving here loses nothing.
    if (!(await takeLease(work.db, { ...lease, now: work.clock.now(), forMs: LEASE_MS }))) return;
    try {
      const cases = await connector.fetch(bells.map((bell) => bell.caseId));
      const row = await readConnector(work.db, payload.connector);
      if (row === null) return;
      const noticed = await noticeCases(
        work,
        { name: payload.connector, startedAt: row.started_at },
        cases,
        'push',
      );
      await answerDoorbells(work.db, payload.connector, bells);
      work.log.info({ connector: payload.connector, rings: bells.length, ...noticed }, 'cases fetched');
    } finally {
      await giveLease(work.db, lease);
    }
  }
}
