import { type Request, Router } from 'express';
import type { Log } from '../log.ts';

/** Whether this process can do its work. A connector that is ill does not make it false. */
export interface Readiness {
  readonly ready: boolean;
  /** What was looked at: `{ store: true, queue: false }`. Public, so it says no more than that. */
  readonly checks: Readonly<Record<string, boolean>>;
  /** For whoever runs the machine. */
  readonly connectors: readonly ConnectorHealth[];
  readonly webhooks?: readonly WebhookState[];
}

/** How deliveries to a webhook stand, in words for the operator. */
export interface WebhookState {
  readonly name: string;
  /** `disabled`: the receiver wants to hear no more. */
  readonly state: 'well' | 'failing' | 'disabled';
  readonly reason: string | null;
  /** Events that were not taken yet, and those that were given up. */
  readonly waiting: number;
  readonly givenUp: number;
}

/** How a connector is, in words for the operator. */
export interface ConnectorHealth {
  readonly name: string;
  readonly state: 'well' | 'not well' | 'paused';
  readonly pausedAt: Date | null;
  readonly reason: string | null;
  readonly watchedAt: Date | null;
  readonly pushedAt: Date | null;
  readonly streamedAt: Date | null;
  readonly findings: readonly {
    readonly what: string;
    readonly detail: string;
    readonly fix: string | null;
  }[];
}

/**
 * `/healthz`: the process runs. `/readyz`: 200 when it can work, else 503; to the machine itself and to admins who are signed
 * in it also tells how each connector and webhook is.
 */
export function healthRoutes(deps: {
  ready(): Promise<Readiness>;
  isAdmin(request: Request): Promise<boolean>;
  log: Log;
}): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (request, response) => {
    const readiness = await deps.ready().catch((error: unknown): Readiness => {
      deps.log.error({ err: error }, 'readiness could not be found out');
      return { ready: false, checks: {}, connectors: [], webhooks: [] };
    });
    const seesDetail =
      isFromThisMachine(request) || (readiness.ready && (await deps.isAdmin(request).catch(() => false)));
    response
      .status(readiness.ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({
        ready: readiness.ready,
        checks: readiness.checks,
        ...(seesDetail ? { connectors: readiness.connectors, webhooks: readiness.webhooks } : {}),
      });
  });
  return router;
}

/** A proxy on this machine speaks for others, and says so. */
function isFromThisMachine(request: Request): boolean {
  const { remoteAddress = '' } = request.socket;
  const isForwarded = Object.keys(request.headers).some(
    (name) =>
      name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded-') || name === 'x-real-ip',
  );
  return !isForwarded && /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress);
}
