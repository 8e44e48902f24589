import { sql } from 'kysely';
import type { App } from './app.ts';
import type { Readiness } from './web/health.ts';

/** Ready when the store and the queue answer. A connector that is ill does not take the process out of service. */
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
  return { ready: checks.store && checks.queue, checks };
}
