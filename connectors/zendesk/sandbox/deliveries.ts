import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { SECOND_MS } from '../../../src/clock.ts';
import { signDelivery } from './signature.ts';
import { instant, type State, type StatusChange } from './state.ts';
import { STATUS_CHANGED, type Webhook } from './webhooks.ts';

/** How often each event is delivered, and in what order. `random` gives numbers from 0 to below 1. */
export type WebhookDelivery = 'once' | 'off' | { times: number; shuffle: boolean; random: () => number };

/** One attempt at one delivery. `status` is what the endpoint answered; 504 for a timeout, 0 when nobody answered. */
export interface DeliveryAttempt {
  readonly webhookId: string;
  readonly invocationId: string;
  readonly caseId: string;
  readonly current: string;
  readonly status: number;
}

/** The sending side of webhooks. */
export interface Deliveries {
  readonly attempts: readonly DeliveryAttempt[];
  setMode(mode: WebhookDelivery): void;
  /** Resolves when nothing is waiting to be delivered. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface Delivery {
  readonly webhook: Webhook;
  readonly caseId: string;
  readonly current: string;
  readonly body: string;
}

const TIMEOUT_MS = 12 * SECOND_MS;
const TIMEOUT_RETRIES = 5;
const CONFLICT_RETRIES = 3;
const BUSY_RETRIES = 5;
const CONFLICT_PAUSE_MS = 100;
const LONGEST_PAUSE_SECONDS = 60;
const AT_ONCE = 20;
/** Events of this span are shuffled among each other. */
const GATHER_MS = 10;

/** Sends status changes to the webhooks that subscribe to them, signed, and retries what Zendesk retries. */
export function createDeliveries(
  state: State,
  webhooks: ReadonlyMap<string, Webhook>,
  initial: WebhookDelivery,
): Deliveries {
  const attempts: DeliveryAttempt[] = [];
  const stopped = new AbortController();
  const queue: Delivery[] = [];
  const running = new Set<Promise<void>>();
  let mode = initial;
  let gathering: NodeJS.Timeout | null = null;
  let gathered: Delivery[] = [];
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    if (gathering !== null || queue.length > 0 || running.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const pump = (): void => {
    while (running.size < AT_ONCE && !stopped.signal.aborted) {
      const next = queue.shift();
      if (next === undefined) break;
      const work: Promise<void> = deliver(state, next, stopped.signal, (attempt) =>
        attempts.push(attempt),
      ).finally(() => {
        running.delete(work);
        pump();
        wake();
      });
      running.add(work);
    }
  };

  const release = (): void => {
    gathering = null;
    const batch = gathered;
    gathered = [];
    if (mode !== 'off' && mode !== 'once' && mode.shuffle) shuffle(batch, mode.random);
    queue.push(...batch);
    pump();
    wake();
  };

  state.statusChangeListeners.push((change) => {
    if (mode === 'off') return;
    const body = composeEvent(state, change);
    const subscribed = [...webhooks.values()].filter(
      (webhook) => webhook.status === 'active' && webhook.subscriptions.includes(STATUS_CHANGED),
    );
    const times = mode === 'once' ? 1 : mode.times;
    for (const webhook of subscribed) {
      const caseId = String(change.ticket.id);
      const delivery = { webhook, caseId, current: change.ticket.status.toUpperCase(), body };
      for (let count = 0; count < times; count += 1) gathered.push(delivery);
    }
    if (mode === 'once') release();
    else gathering ??= setTimeout(release, GATHER_MS);
  });

  return {
    attempts,
    setMode(next) {
      mode = next;
    },
    idle: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        wake();
      }),
    async close() {
      stopped.abort();
      if (gathering !== null) clearTimeout(gathering);
      gathering = null;
      queue.length = 0;
      await Promise.allSettled(running);
      wake();
    },
  };
}

/** The event as it goes over the wire: three blanks of indent, a final newline, ids as text, statuses in capitals. */
function composeEvent(state: State, { ticket, previous, actorId, at }: StatusChange): string {
  const text = (value: number | string | null): string => (value === null ? '' : String(value));
  const event = {
    account_id: state.accountId,
    detail: {
      actor_id: text(actorId),
      assignee_id: text(ticket.assigneeId),
      brand_id: text(ticket.brandId),
      created_at: instant(ticket.createdAt),
      custom_status: text(ticket.customStatusId),
      description: ticket.description,
      external_id: text(ticket.externalId),
      form_id: text(state.ticketFormId),
      group_id: ticket.groupId === null ? '0' : text(ticket.groupId),
      id: text(ticket.id),
      is_public: ticket.comments.some((comment) => comment.public),
      organization_id: text(ticket.organizationId),
      priority: text(ticket.priority).toUpperCase(),
      requester_id: text(ticket.requesterId),
      status: ticket.status.toUpperCase(),
      subject: ticket.subject,
      submitter_id: text(ticket.submitterId),
      tags: ticket.tags,
      type: text(ticket.type).toUpperCase(),
      updated_at: instant(ticket.updatedAt),
      via: { channel: ticket.channel },
    },
    event: {
      current: ticket.status.toUpperCase(),
      meta: { sequence: { id: randomUUID().replaceAll('-', '').toUpperCase(), position: 1 } },
      previous: previous.toUpperCase(),
    },
    id: randomUUID(),
    subject: `zen:ticket:${ticket.id}`,
    time: `${at.toISOString().slice(0, -1)}000000Z`,
    type: STATUS_CHANGED,
    zendesk_event_version: '2022-11-06',
  };
  return `${JSON.stringify(event, null, 3)}\n`;
}

/** Attempts until the endpoint took it or Zendesk would give up: after 409, 429 or 503 with a short pause, and timeouts. */
async function deliver(
  state: State,
  delivery: Delivery,
  stopped: AbortSignal,
  note: (attempt: DeliveryAttempt) => void,
): Promise<void> {
  const { webhook, caseId, current } = delivery;
  const invocationId = randomUUID();
  for (let retries = 0; !stopped.aborted; retries += 1) {
    const answer = await attempt(state, delivery, invocationId, stopped);
    note({ webhookId: webhook.id, invocationId, caseId, current, status: answer.status });
    const pauseMs = pauseBeforeRetry(answer, retries);
    if (pauseMs === null || stopped.aborted) return;
    try {
      await wait(pauseMs, undefined, { signal: stopped });
    } catch (error) {
      // Only closing the sandbox ends the pause early.
      if (!stopped.aborted) throw error;
    }
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
}

async function attempt(
  state: State,
  { webhook, body }: Delivery,
  invocationId: string,
  stopped: AbortSignal,
): Promise<Answer> {
  const timestamp = instant(state.clock.now());
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(webhook.endpoint, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([timeout, stopped]),
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'User-Agent': 'Zendesk Webhook',
        'X-Zendesk-Account-Id': String(state.accountId),
        'X-Zendesk-Webhook-Id': webhook.id,
        'X-Zendesk-Webhook-Invocation-Id': invocationId,
        'X-Zendesk-Webhook-Signature': signDelivery(webhook.signingSecret, timestamp, body),
        'X-Zendesk-Webhook-Signature-Timestamp': timestamp,
        ...authenticate(webhook),
      },
      body,
    });
    await response.arrayBuffer();
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch {
    // The vendor logs a timeout as 504; anything else here means that nobody answered. Both are noted as attempts.
    return { status: timeout.aborted ? 504 : 0, retryAfter: null };
  }
}

function pauseBeforeRetry({ status, retryAfter }: Answer, retries: number): number | null {
  if (status === 504 && retryAfter === null) return retries < TIMEOUT_RETRIES ? 0 : null;
  if (status === 409) return retries < CONFLICT_RETRIES ? CONFLICT_PAUSE_MS : null;
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : Number.NaN;
  const isBusy = (status === 429 || status === 503) && seconds < LONGEST_PAUSE_SECONDS;
  return isBusy && retries < BUSY_RETRIES ? seconds * SECOND_MS : null;
}

function authenticate({ authentication }: Webhook): Record<string, string> {
  if (authentication === null) return {};
  const { type, data } = authentication;
  if (type === 'bearer_token') return { Authorization: `Bearer ${String(data.token)}` };
  if (type === 'api_key') return { [String(data.name)]: String(data.value) };
  const pair = Buffer.from(`${String(data.username)}:${String(data.password)}`).toString('base64');
  return { Authorization: `Basic ${pair}` };
}

/** Fisher and Yates' shuffle, in place. */
function shuffle<T>(items: T[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [items[last], items[other]];
    if (a === undefined || b === undefined) continue;
    items[last] = b;
    items[other] = a;
  }
}
