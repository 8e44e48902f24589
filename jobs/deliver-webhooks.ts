import type { WebhookConfig } from '../src/config.ts';
import { type Delivery, postEvent } from '../src/endpoint.ts';
import { RetryableError } from '../src/errors.ts';
import {
  claimDueEvents,
  type DueEvent,
  eventBody,
  FIRST_WAIT_MS,
  markDelivered,
  nextDeliveryAt,
  putEventBack,
} from '../src/store/webhook-events.ts';
import { disableWebhook, isWebhookDisabled } from '../src/store/webhooks.ts';
import type { Work } from './work.ts';

/** Events handed over side by side: enough for a receiver that is far away, too few to trouble one. */
const AT_ONCE = 8;

/**
 * Posts the events that are due for one webhook, each at least once and under the same id every time. An event that is refused
 * is spaced on its own; when nothing of a batch was taken, the receiver is left alone until the next event is due. It waits in
 * a queue of its own, so a receiver that hangs holds up nobody else.
 */
export async function deliverWebhooks(
  work: Work,
  payload: { webhook: string },
  signal?: AbortSignal,
): Promise<void> {
  const webhook = work.config.webhooks.get(payload.webhook);
  // No longer in the config file. What is still due is given up by the sweep in time.
  if (webhook === undefined) return;
  for (;;) {
    signal?.throwIfAborted();
    if (await isWebhookDisabled(work.db, webhook.name)) return;
    const events = await claimDueEvents(work.db, {
      webhook: webhook.name,
      workerId: work.workerId,
      now: work.clock.now(),
      limit: AT_ONCE,
    });
    if (events.length === 0) return;
    const ids = events.map(({ id }) => id);
    const deliveries = await work.inHand.during(ids, () =>
      Promise.all(events.map((event) => deliver(work, webhook, event))),
    );
    const goesOn = await settle(work, webhook, deliveries);
    await ringForFirstRefusals(work, webhook.name, events, deliveries);
    if (!goesOn) return;
  }
}

async function deliver(work: Work, webhook: WebhookConfig, event: DueEvent): Promise<Delivery> {
  const { workerId, db, clock } = work;
  const body = eventBody(event, { comments: webhook.comments });
  const delivery = await postEvent(webhook, { id: event.id, body, at: clock.now() });
  const now = clock.now();
  if (delivery.result === 'taken') {
    await markDelivered(db, { id: event.id, workerId, at: now });
  } else {
    const askedMs = delivery.result === 'gone' ? null : delivery.retryAfterMs;
    const at = nextDeliveryAt(event.attempts, now, askedMs);
    await putEventBack(db, { id: event.id, workerId, at, error: delivery.reason });
  }
  return delivery;
}

/** A first refusal is often a hiccup, and the sweep is slower than its wait; all later ones are found by the sweep. */
async function ringForFirstRefusals(
  work: Work,
  webhook: string,
  events: readonly DueEvent[],
  deliveries: readonly Delivery[],
): Promise<void> {
  const isFirst = (event: DueEvent, nth: number) =>
    event.attempts === 1 && deliveries[nth]?.result === 'refused';
  if (!events.some(isFirst)) return;
  await work.queues.add('deliver-webhooks', { webhook }, { delayMs: FIRST_WAIT_MS });
}

/** Says what became of a batch. False when the receiver is to be left alone; throws when it asked for that. */
async function settle(work: Work, webhook: WebhookConfig, deliveries: readonly Delivery[]): Promise<boolean> {
  const name = webhook.name;
  const taken = deliveries.filter(({ result }) => result === 'taken').length;
  if (taken > 0) work.log.info({ webhook: name, events: taken }, 'webhook events delivered');
  const gone = deliveries.find((one) => one.result === 'gone');
  if (gone !== undefined) {
    const isNew = await disableWebhook(work.db, { name, reason: gone.reason, at: work.clock.now() });
    if (isNew) {
      work.log.error(
        { webhook: name, fix: `Correct webhooks.${name}.url or delete it, and start again.` },
        `webhook disabled: ${gone.reason}`,
      );
    }
    return false;
  }
  const limited = deliveries.find((one) => one.result === 'limited');
  if (limited !== undefined) {
    throw new RetryableError(`webhooks.${name}: ${limited.reason}; the events wait.`, {
      retryAfterMs: limited.retryAfterMs,
      scope: 'account',
    });
  }
  const refused = deliveries.filter((one) => one.result === 'refused');
  if (refused.length > 0) {
    work.log.warn(
      { webhook: name, events: refused.length, reason: refused[0]?.reason },
      'webhook events refused: they are tried again',
    );
  }
  return taken > 0;
}
