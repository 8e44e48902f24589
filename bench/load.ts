import { createHmac } from 'node:crypto';
import { Pool } from 'undici';
import { monotonicMs } from './monotonic.ts';

/** The secret both pipelines verify pushes with. */
export const WEBHOOK_SECRET = 'the secret that the benchmark signs its pushes with';

const PUSH_PATH = '/webhooks/zendesk';

/** When one push was sent and when it was acknowledged, on the monotonic clock. */
export interface Push {
  readonly ticketId: number;
  readonly sentAtMs: number;
  readonly acceptedAtMs: number;
}

/** Sends pushes to one server. */
export interface Pusher {
  push(ticketId: number): Promise<Push>;
  /** As fast as the server takes them, so many at a time. */
  pushAll(ticketIds: readonly number[], inFlight: number): Promise<readonly Push[]>;
  close(): Promise<void>;
}

/** Opens connections to a server that may be restarted meanwhile. */
export function createPusher(serverUrl: string): Pusher {
  const pool = new Pool(serverUrl, { connections: 64 });

  async function push(ticketId: number): Promise<Push> {
    const { body, headers } = signedPush(ticketId);
    const sentAtMs = monotonicMs();
    const response = await pool.request({ method: 'POST', path: PUSH_PATH, headers, body });
    await response.body.dump();
    if (response.statusCode !== 202) throw new Error(`a push was answered with ${response.statusCode}`);
    return { ticketId, sentAtMs, acceptedAtMs: monotonicMs() };
  }

  return {
    push,
    async pushAll(ticketIds, inFlight) {
      const waiting = [...ticketIds];
      const pushes: Push[] = [];
      const senders = Array.from({ length: inFlight }, async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) pushes.push(await push(id));
      });
      await Promise.all(senders);
      return pushes;
    },
    close: () => pool.destroy(),
  };
}

/** Whom the survey about a ticket goes to, on both pipelines. */
export function customerOf(ticketId: number): string {
  return `customer-${ticketId}@customer.example`;
}

/**
 * An event as Zendesk pushes it, with the requester beside it. Zendesk sends no address: the bare pipeline is given it for
 * nothing, and Caseloop reads the ticket.
 */
function signedPush(ticketId: number) {
  const body = JSON.stringify({
    account_id: 1,
    id: crypto.randomUUID(),
    subject: `zen:ticket:${ticketId}`,
    time: new Date().toISOString(),
    type: 'zen:event-type:ticket.status_changed',
    zendesk_event_version: '2022-11-06',
    event: { current: 'SOLVED', previous: 'OPEN' },
    detail: {
      id: String(ticketId),
      brand_id: '41',
      status: 'SOLVED',
      subject: 'Printer on fire',
      requester_id: String(1_000_000_000 + ticketId),
      requester: { name: `Customer ${ticketId}`, email: customerOf(ticketId) },
    },
  });
  const timestamp = new Date().toISOString();
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(timestamp).update(body).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'x-zendesk-webhook-signature': signature,
    'x-zendesk-webhook-signature-timestamp': timestamp,
  };
  return { body, headers };
}
