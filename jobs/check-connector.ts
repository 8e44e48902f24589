import { HOUR_MS } from '../src/clock.ts';
import { markResumed, readConnector, saveFindings } from '../src/store/connectors.ts';
import { connectorNamed, type Work } from './work.ts';

/** How often a connector that runs is looked at: a webhook that somebody switched off makes no sound. */
const LOOK_EVERY_MS = HOUR_MS;

/**
 * Looks whether the CRM still has what we need, once an hour, and keeps what is not well; a change is logged once. Resumes a
 * paused connector when its CRM accepts our credentials again; that is tried at start and every few minutes.
 */
export async function checkConnector(work: Work, payload: { connector: string }): Promise<void> {
  const { connector } = payload;
  const row = await readConnector(work.db, connector);
  const isPaused = row?.paused_at != null || (await work.queues.isPaused(connector));
  const now = work.clock.now();
  const lookedAt = row?.checked_at ?? null;
  // A look in the future is from before the clock was set back.
  const isDue = lookedAt === null || Math.abs(now.getTime() - lookedAt.getTime()) >= LOOK_EVERY_MS;
  if (!isPaused && !isDue) return;
  const { findings } = await connectorNamed(work, connector).check();
  if (isPaused) {
    await work.queues.resume(connector);
    await markResumed(work.db, connector);
    work.log.info({ connector }, 'connector resumed: its credentials are accepted again');
  }
  if (!(await saveFindings(work.db, connector, { findings, at: now }))) return;
  for (const { what, level, detail, fix } of findings) {
    if (level === 'error') work.log.error({ connector, what, detail, fix }, 'connector is not well');
    else if (level === 'warning')
      work.log.warn({ connector, what, detail, fix }, 'connector could be better');
  }
  if (findings.every(({ level }) => level === 'ok')) work.log.info({ connector }, 'connector is well again');
}
