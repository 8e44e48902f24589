import { sql } from 'kysely';
import type { App } from './app.ts';
import { findingsOf, readConnector } from './store/connectors.ts';
import { readWebhookHealth } from './store/webhooks.ts';
import type { ConnectorHealth, Readiness, WebhookState } from './web/health.ts';

/**
 * Ready when the store and the queue answer. A connector that is ill does not take the process out of service; it is told of.
 */
export async function readiness({ work }: App): Promise<Readiness> {
  const answers = async (ask: Promise<unknown>): Promise<boolean> => {
    try {
      await ask;
      return true;
    } catch (error) {
      work.log.error({ err: error }, 'readiness: a part does not answer');
      return false;
    }
  };
  const checks = {
    store: await answers(sql`select 1`.execute(work.db)),
    queue: await answers(work.queues.ready()),
  };
  const connectors = checks.store
    ? await Promise.all([...work.connectors.keys()].map((name) => healthOf(work, name)))
    : [];
  const webhooks = checks.store
    ? await Promise.all([...work.config.webhooks.keys()].map((name) => webhookStateOf(work, name)))
    : [];
  return { ready: checks.store && checks.queue, checks, connectors, webhooks };
}

async function healthOf({ db }: App['work'], name: string): Promise<ConnectorHealth> {
  const row = await readConnector(db, name);
  const findings = findingsOf(row).map(({ what, detail, fix }) => ({ what, detail, fix }));
  const paused = row?.paused_at ?? null;
  return {
    name,
    state: paused !== null ? 'paused' : findings.length > 0 ? 'not well' : 'well',
    pausedAt: paused,
    reason: row?.paused_reason ?? null,
    watchedAt: row?.watched_at ?? null,
    pushedAt: row?.pushed_at ?? null,
    streamedAt: row?.streamed_at ?? null,
    findings,
  };
}

async function webhookStateOf({ db }: App['work'], name: string): Promise<WebhookState> {
  const { disabledAt, reason, lastError, waiting, givenUp } = await readWebhookHealth(db, name);
  return {
    name,
    state: disabledAt !== null ? 'disabled' : lastError !== null ? 'failing' : 'well',
    reason: reason ?? lastError,
    waiting,
    givenUp,
  };
}
