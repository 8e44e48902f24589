import { recoveryOf } from '../src/domain/recovery.ts';
import { dueLooks, markRecovered, noteLooks } from '../src/store/clocks.ts';
import { connectorNamed, type Work } from './work.ts';

/** Batches of one run: some CRMs count a call for each case. What is left is looked at first the next time. */
const MOST_BATCHES = 2;

/**
 * Asks the CRM whether customers with a low score were answered meanwhile, and ends the clocks of those who were. Rung by every
 * watch, the clock that waits longest first; in bounded batches, since there is no end to how many may wait. A CRM that cannot
 * tell counts as one that has nothing to say.
 */
export async function lookAfter(work: Work, payload: { connector: string }): Promise<void> {
  const { db, clock, config } = work;
  const connector = connectorNamed(work, payload.connector);
  const startedAt = clock.now();
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const looks = await dueLooks(db, {
      connector: payload.connector,
      now: startedAt,
      limit: connector.batchSize,
    });
    if (looks.length === 0) return;
    const states = (await connector.lookAfter?.(looks)) ?? [];
    const now = clock.now();
    const recoveries = looks.flatMap(({ key, since }) => {
      const state = states.find((one) => one.key === key);
      const recovery = state === undefined ? null : recoveryOf({ ...state, since });
      return recovery === null ? [] : [recovery];
    });
    const recovered = await markRecovered(db, recoveries, now, [...config.webhooks.values()]);
    await noteLooks(db, looks, now);
    // Those who are called upon when nobody answered wait for this look.
    if (looks.some(({ dueAt }) => dueAt <= now)) await work.queues.add('alert-leads', {});
    if (recovered.length > 0) {
      work.log.info(
        { connector: payload.connector, closures: recovered },
        'customers answered after a low score',
      );
      for (const webhook of config.webhooks.keys()) await work.queues.add('deliver-webhooks', { webhook });
    }
    if (looks.length < connector.batchSize) return;
  }
}
