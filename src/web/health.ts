import { Router } from 'express';
import type { Log } from '../log.ts';

/** Whether this process can do its work. A connector that is ill does not make it false. */
export interface Readiness {
  readonly ready: boolean;
  /** What was looked at: `{ store: true, queue: false }`. Public, so it says no more than that. */
  readonly checks: Readonly<Record<string, boolean>>;
}

/** `/healthz`: the process runs. `/readyz`: 200 when it can work, else 503. */
export function healthRoutes(deps: { ready(): Promise<Readiness>; log: Log }): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const readiness = await deps.ready().catch((error: unknown) => {
      deps.log.error({ err: error }, 'readiness could not be found out');
      return { ready: false, checks: {} };
    });
    response
      .status(readiness.ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ready: readiness.ready, checks: readiness.checks });
  });
  return router;
}
