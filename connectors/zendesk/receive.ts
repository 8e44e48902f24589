import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ConnectorContext, RawRequest } from '../../src/connector.ts';
import { PermanentError, RetryableError, SignatureError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import type { ZendeskApi } from './client.ts';
import type { Config } from './config.ts';
import { findWebhooks } from './provision.ts';
import { PushEvent, SigningSecret } from './schema.ts';

/** Zendesk names no window; a stored copy older than this is refused, and so is one from the future. */
const WINDOW_MS = 5 * 60_000;

/** How often a push that does not verify may make us read the secrets anew, so that forgeries cannot use up the API. */
const REREAD_MS = 60_000;

/** Events about one ticket that can make, undo or end a closure. */
const TICKET_EVENTS: ReadonlySet<string> = new Set([
  'zen:event-type:ticket.status_changed',
  'zen:event-type:ticket.merged',
  'zen:event-type:ticket.soft_deleted',
  'zen:event-type:ticket.permanently_deleted',
  'zen:event-type:ticket.undeleted',
]);

/** Statuses that a closure begins or ends with, as events write them. */
const CLOSED_STATUSES: ReadonlySet<unknown> = new Set([
  'SOLVED',
  'CLOSED',
  'ARCHIVED',
  'DELETED',
  'SCRUBBED',
]);

/**
 * Verifies a webhook delivery on its raw bytes and names its ticket. The signature is base64 HMAC-SHA256 over timestamp
 * and body, in that order; an older copy of the page has them the other way round
 * (https://developer.zendesk.com/documentation/webhooks/verifying/, 2026-11-21).
 *
 * Throws SignatureError (missing, stale or wrong), PermanentError (signed but unreadable) and, while the secret has to be
 * read from Zendesk, whatever that call throws.
 */
export function createReceive(
  api: ZendeskApi,
  config: Config,
  context: ConnectorContext,
): (request: RawRequest) => Promise<readonly string[]> {
  const secrets = createSecrets(api, config, context);

  return async (request) => {
    const signature = request.headers['x-zendesk-webhook-signature'];
    const timestamp = request.headers['x-zendesk-webhook-signature-timestamp'];
    if (!signature || !timestamp) {
      throw new SignatureError('Zendesk webhook: the signature or its timestamp is missing from the headers');
    }
    const signedAt = Date.parse(timestamp);
    if (!(Math.abs(context.clock.now().getTime() - signedAt) <= WINDOW_MS)) {
      throw new SignatureError('Zendesk webhook: the timestamp is not within 5 minutes of now', {
        fix: 'Check the clock of this machine if pushes from Zendesk itself are refused.',
      });
    }
    const signs = (secret: Secret) => isSignedWith(secret, timestamp, request.body, signature);
    if (!(await secrets.known()).some(signs) && !(await secrets.renewed()).some(signs)) {
      throw new SignatureError('Zendesk webhook: the signature does not match', {
        fix: 'Check webhookSecret, or leave it out and run `caseloop provision` so that the secret is read from Zendesk.',
      });
    }
    return readTicketIds(request.body);
  };
}

function isSignedWith(secret: Secret, timestamp: string, body: Uint8Array, signature: string): boolean {
  const hmac = createHmac('sha256', secret.reveal()).update(timestamp).update(body);
  const expected = Buffer.from(hmac.digest('base64'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

interface Secrets {
  /** What we hold, read from Zendesk the first time. */
  known(): Promise<readonly Secret[]>;
  /** Read anew, at most once a minute. */
  renewed(): Promise<readonly Secret[]>;
}

function createSecrets(api: ZendeskApi, config: Config, context: ConnectorContext): Secrets {
  if (config.webhookSecret !== undefined) {
    const fixed = [config.webhookSecret];
    return { known: async () => fixed, renewed: async () => [] };
  }
  let held: readonly Secret[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<readonly Secret[]> | null = null;

  async function ask(): Promise<readonly Secret[]> {
    const webhooks = await findWebhooks(api, context.webhookUrl);
    const found: Secret[] = [];
    // More than one webhook with our address is an admin's mistake, yet every one of them signs truly.
    for (const webhook of webhooks.slice(0, 3)) {
      const { signing_secret } = await api.read(`webhooks/${webhook.id}/signing_secret`, {}, SigningSecret);
      found.push(new Secret(signing_secret.secret));
    }
    held = found;
    return found;
  }

  /** The last reading, or a new one when that is a minute old. A failed one fails everybody for that minute. */
  function renewed(): Promise<readonly Secret[]> {
    const now = context.clock.now().getTime();
    // Either way, since a clock may be set back.
    if (asking === null || Math.abs(now - askedAt) >= REREAD_MS) {
      askedAt = now;
      asking = ask().catch(rethrowAsOurs);
    }
    return asking;
  }

  return { known: async () => (held.length > 0 ? held : renewed()), renewed };
}

/** PermanentError would say that the push is unreadable, and Zendesk would never send it again. */
function rethrowAsOurs(error: unknown): never {
  if (!(error instanceof PermanentError)) throw error;
  throw new RetryableError(`Zendesk webhook: its signing secret cannot be read (${error.message})`, {
    cause: error,
  });
}

function readTicketIds(body: Uint8Array): readonly string[] {
  const event = PushEvent.safeParse(parse(body)).data;
  if (event === undefined) throw unreadable();
  // The body of a trigger that an admin wrote by hand: only the id counts.
  if (event.type === undefined) {
    const id = ticketId(event.ticket_id);
    if (id === null) throw unreadable();
    return [id];
  }
  if (!TICKET_EVENTS.has(event.type)) return [];
  const id = ticketId(event.detail?.id) ?? ticketId(/^zen:ticket:(\d+)$/.exec(event.subject ?? '')?.[1]);
  if (id === null) throw unreadable();
  return isAboutClosing(event) ? [id] : [];
}

/** New to open, open to pending and the like neither make nor undo a closure. */
function isAboutClosing(event: PushEvent): boolean {
  const { current, previous } = event.event ?? {};
  if (
    event.type !== 'zen:event-type:ticket.status_changed' ||
    current === undefined ||
    previous === undefined
  )
    return true;
  return CLOSED_STATUSES.has(current) || CLOSED_STATUSES.has(previous);
}

function ticketId(value: unknown): string | null {
  const text = String(value ?? '');
  return /^\d{1,16}$/.test(text) ? text : null;
}

function unreadable(): PermanentError {
  return new PermanentError(
    'Zendesk webhook: signed, but it is neither a ticket event nor JSON with a ticket_id',
    {
      fix: 'Let the webhook subscribe to ticket events, or let the trigger send {"ticket_id":"{{ticket.id}}"}.',
    },
  );
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Signed by Zendesk and yet not JSON: the caller turns this into the PermanentError that says so.
    return undefined;
  }
}
