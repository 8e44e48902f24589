import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import { MINUTE_MS } from '../clock.ts';
import type { Connector, RawRequest } from '../connector.ts';
import { PermanentError, SignatureError } from '../errors.ts';
import { gather } from '../gather.ts';
import type { Log } from '../log.ts';
import type { Queues } from '../queue.ts';
import { ring } from '../store/doorbells.ts';
import { SCHEMA, type Tables } from '../store/tables.ts';
import { httpStatusOf } from './errors.ts';

const BODY_LIMIT = 1024 * 1024;
const RETRY_AFTER_SECONDS = '30';
/** Pushes that share one statement when many come at once. */
const MOST_TOGETHER = 100;

interface WebhookDeps {
  readonly db: Kysely<Tables>;
  readonly queues: Pick<Queues, 'add'>;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * `POST /webhooks/:connector`: a push is a doorbell. 202 means that the case ids it named are rows in the store; whatever
 * the push says beyond them is read from the CRM later. Repeating a delivery is simply another ring.
 */
export function webhookRoutes(deps: WebhookDeps): Router {
  const router = Router();
  const notePush = createPushNotes(deps);
  const store = gather((rings: readonly Rung[]) => storeRings(deps, rings), { most: MOST_TOGETHER });
  const nudge = gather((connectors: readonly string[]) => nudgeFetches(deps, connectors), {
    most: MOST_TOGETHER,
  });
  // The signature is over the bytes as sent: nothing may unpack or parse them before the connector has seen them.
  const readRaw = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false });

  router.post(
    '/webhooks/:connector',
    (request, response, next) => {
      const receives = deps.connectors.get(request.params.connector)?.receive !== undefined;
      if (receives) return next();
      response.status(404).json({ error: 'There is no connector of this name that takes pushes.' });
    },
    readRaw,
    async (request, response) => {
      const name = String(request.params.connector);
      const caseIds = (await deps.connectors.get(name)?.receive?.(toRawRequest(request))) ?? [];
      if (caseIds.length > 0) await store({ connector: name, caseIds });
      response.status(202).json({ rung: caseIds.length });
      // Stored is what 202 promised; from here on only speed is at stake, and the sweep makes up for what fails.
      try {
        if (caseIds.length > 0) await nudge(name);
        await notePush(name);
      } catch (error) {
        deps.log.warn({ connector: name, err: error }, 'a push is stored, but its fetch could not be queued');
      }
    },
  );
  router.use('/webhooks', answerCaller(deps.log));
  router.use('/webhooks', (_request, response) => {
    response.status(404).json({ error: 'Pushes are sent by POST to /webhooks/<connector>.' });
  });
  return router;
}

interface Rung {
  readonly connector: string;
  readonly caseIds: readonly string[];
}

async function storeRings(deps: Pick<WebhookDeps, 'db' | 'clock'>, rings: readonly Rung[]): Promise<null[]> {
  for (const connector of new Set(rings.map((one) => one.connector))) {
    const caseIds = rings.filter((one) => one.connector === connector).flatMap((one) => one.caseIds);
    await ring(deps.db, connector, caseIds, deps.clock.now());
  }
  return rings.map(() => null);
}

async function nudgeFetches(
  deps: Pick<WebhookDeps, 'queues'>,
  connectors: readonly string[],
): Promise<null[]> {
  for (const connector of new Set(connectors)) await deps.queues.add('fetch-cases', { connector });
  return connectors.map(() => null);
}

function toRawRequest(request: Request): RawRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
  const body: unknown = request.body;
  return { headers, body: body instanceof Uint8Array ? body : new Uint8Array() };
}

/** Errors for machines: the class decides the status. Whatever is our own fault is asked for again. */
function answerCaller(log: Log): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const path = request.originalUrl.split('?')[0];
    if (error instanceof SignatureError) {
      log.warn({ path, reason: error.message }, 'push refused');
      response.status(401).json({ error: 'The signature was refused.' });
    } else if (error instanceof PermanentError) {
      log.warn({ path, reason: error.message }, 'push signed but unreadable');
      response.status(400).json({ error: 'The body could not be read.' });
    } else {
      const status = httpStatusOf(error);
      if (status < 500) {
        response.status(status).json({ error: 'The request was refused.' });
        return;
      }
      log.error({ path, err: error }, 'push could not be stored');
      // Zendesk drops an event on 500 and sends it again on 503 with Retry-After.
      response
        .status(503)
        .set('Retry-After', RETRY_AFTER_SECONDS)
        .json({ error: 'The push could not be stored. Please send it again.' });
    }
  };
}

/** Keeps `pushed_at` true to a minute, at the cost of one statement a minute. */
function createPushNotes(deps: Pick<WebhookDeps, 'db' | 'clock'>): (connector: string) => Promise<void> {
  const notedAt = new Map<string, Date>();
  return async (connector) => {
    const now = deps.clock.now();
    const last = notedAt.get(connector);
    if (last !== undefined && Math.abs(now.getTime() - last.getTime()) < MINUTE_MS) return;
    notedAt.set(connector, now);
    await deps.db
      .withSchema(SCHEMA)
      .updateTable('connectors')
      .set({ pushed_at: now })
      .where('name', '=', connector)
      .execute();
  };
}
