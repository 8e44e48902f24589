import { markResumed, readConnector } from '../src/store/connectors.ts';
import { connectorNamed, type Work } from './work.ts';

/**
 * Resumes a paused connector when its CRM accepts our credentials again. Runs at start and every few minutes; does nothing
 * for a connector that is not paused.
 */
export async function checkConnector(work: Work, payload: { connector: string }): Promise<void> {
  const row = await readConnector(work.db, payload.connector);
  const isPaused = await work.queues.isPaused(payload.connector);
  if (row?.paused_at == null && !isPaused) return;
  const account = await connectorNamed(work, payload.connector).check();
  await work.queues.resume(payload.connector);
  await markResumed(work.db, payload.connector);
  work.log.info(
    { connector: payload.connector, errors: account.findings.filter((one) => one.level === 'error').length },
    'connector resumed: its credentials are accepted again',
  );
}
