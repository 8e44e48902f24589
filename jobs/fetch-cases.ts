import { MINUTE_MS } from '../src/clock.ts';
import type { Connector } from '../src/connector.ts';
import type { CaseSnapshot } from '../src/domain/case.ts';
import { PermanentError } from '../src/errors.ts';
import { readConnector } from '../src/store/connectors.ts';
import { answerDoorbells, dueDoorbells, fareOf, payFetch } from '../src/store/doorbells.ts';
import { noteRefusal } from '../src/store/refusals.ts';
import { giveLease, takeLease } from '../src/store/workers.ts';
import { noticeCases } from './notice-cases.ts';
import { connectorNamed, type Work } from './work.ts';

/** Longer than a fetch may take; a lease that outlives its worker holds fetches up no longer than this. */
const LEASE_MS = MINUTE_MS;

/**
 * Reads the cases that pushes named, in the vendor's largest batches, until no doorbell is left. One fetch is in flight per
 * connector; whatever rings meanwhile joins the next batch. A full batch is read at once; smaller ones are rationed, and what
 * must wait is rung again. A doorbell goes only when its case is in the store, or was refused for good.
 */
export async function fetchCases(work: Work, payload: { connector: string }): Promise<void> {
  const connector = connectorNamed(work, payload.connector);
  const lease = { name: `fetch:${payload.connector}`, holder: work.workerId };
  for (;;) {
    const now = work.clock.now();
    // At once, since a customer's mail waits for all three.
    const [isOurs, bells, row] = await Promise.all([
      takeLease(work.db, { ...lease, now, forMs: LEASE_MS }),
      dueDoorbells(work.db, payload.connector, connector.batchSize),
      readConnector(work.db, payload.connector),
    ]);
    // Whoever holds the lease looks for doorbells again after giving it back, so leaving here loses nothing.
    if (!isOurs) return;
    try {
      if (row === null) return;
      const [oldest] = bells;
      if (oldest !== undefined) {
        const isFull = bells.length === connector.batchSize;
        const { waitMs, paidUntil } = fareOf(row, {
          oldestRungAt: oldest.rungAt,
          isFull,
          now,
          hurriedCostMs: connector.hurriedFetchMs,
        });
        if (waitMs > 0) return await work.queues.add('fetch-cases', payload, { delayMs: waitMs });
        const caseIds = bells.map(({ caseId }) => caseId);
        const [cases] = await Promise.all([
          fetchEach(work, payload.connector, connector, caseIds),
          payFetch(work.db, payload.connector, { at: now, paidUntil }),
        ]);
        const noticed = await noticeCases(
          work,
          { name: payload.connector, startedAt: row.started_at },
          cases,
          'push',
        );
        await answerDoorbells(work.db, payload.connector, bells);
        work.log.info({ connector: payload.connector, rings: bells.length, ...noticed }, 'cases fetched');
      }
    } finally {
      await giveLease(work.db, lease);
    }
    if ((await dueDoorbells(work.db, payload.connector, 1)).length === 0) return;
  }
}

/** A batch that is refused for good has one bad case in it: halved until that stands alone, and is noted and left out. */
async function fetchEach(
  work: Work,
  name: string,
  connector: Connector,
  ids: readonly string[],
): Promise<readonly CaseSnapshot[]> {
  try {
    return await connector.fetch(ids);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const [caseId, ...others] = ids;
    if (caseId === undefined) throw error;
    if (others.length === 0) {
      await noteRefusal(work.db, { connector: name, caseId, reason: error.message, at: work.clock.now() });
      work.log.error(
        { connector: name, case: caseId, reason: error.message },
        'case refused: it cannot be read',
      );
      return [];
    }
    const middle = Math.ceil(ids.length / 2);
    return [
      ...(await fetchEach(work, name, connector, ids.slice(0, middle))),
      ...(await fetchEach(work, name, connector, ids.slice(middle))),
    ];
  }
}
