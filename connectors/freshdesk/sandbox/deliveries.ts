import { MINUTE_MS, SECOND_MS } from '../../../src/clock.ts';
import { fillTemplate, type Rule } from './rules.ts';
import type { State } from './state.ts';

/** How often each event is delivered, and in what order. `random` gives numbers from 0 to below 1. */
export type WebhookDelivery = 'once' | 'off' | { times: number; shuffle: boolean; random: () => number };

/** One attempt at one delivery. `status` is what the endpoint answered; 0 when nobody answered in time. */
export interface DeliveryAttempt {
  readonly ruleId: number;
  readonly caseId: string;
  readonly status: number;
  readonly at: Date;
}

/** A mail to the admins: a webhook failed for good. */
export interface AdminAlert {
  readonly ruleId: number;
  readonly caseId: string;
}

/** The sending side of automation rules. */
export interface Deliveries {
  readonly attempts: readonly DeliveryAttempt[];
  readonly alerts: readonly AdminAlert[];
  setMode(mode: WebhookDelivery): void;
  /** Resolves when nothing is on its way; what waits for its next attempt is not. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface Delivery {
  readonly rule: Rule;
  readonly caseId: string;
  readonly body: string;
  readonly failures: number;
  /** When the first attempt failed, by the sandbox's clock. */
  readonly firstFailedAtMs: number | null;
}

/** After the first failure; then the admins are told. */
const RETRIES_AFTER_MS = [5 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS];
const TIMEOUT_MS = 5 * SECOND_MS;
const AT_ONCE = 20;
/** Events of this span are shuffled among each other. */
const GATHER_MS = 10;
/** How often the clock, which may stand still or jump, is looked at while deliveries wait for it. */
const LOOK_EVERY_MS = 10;

/** Calls the webhooks of active rules when a status changes. `url` gives the account's address. */
export function createDeliveries(
  state: State,
  rules: ReadonlyMap<number, Rule>,
  options: { readonly initial: WebhookDelivery; readonly url: () => string },
): Deliveries {
  const attempts: DeliveryAttempt[] = [];
  const alerts: AdminAlert[] = [];
  const stopped = new AbortController();
  const queue: Delivery[] = [];
  const running = new Set<Promise<void>>();
  let later: { readonly delivery: Delivery; readonly dueAtMs: number }[] = [];
  let looking: NodeJS.Timeout | null = null;
  let mode = options.initial;
  let gathering: NodeJS.Timeout | null = null;
  let gathered: Delivery[] = [];
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    if (gathering !== null || queue.length > 0 || running.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const stopLooking = (): void => {
    if (looking !== null) clearInterval(looking);
    looking = null;
  };

  const look = (): void => {
    const nowMs = state.clock.now().getTime();
    const due = later.filter(({ dueAtMs }) => dueAtMs <= nowMs);
    if (due.length === 0) return;
    later = later.filter(({ dueAtMs }) => dueAtMs > nowMs);
    if (later.length === 0) stopLooking();
    queue.push(...due.map(({ delivery }) => delivery));
    pump();
  };

  const putOff = (delivery: Delivery): void => {
    const firstFailedAtMs = delivery.firstFailedAtMs ?? state.clock.now().getTime();
    const waitMs = RETRIES_AFTER_MS[delivery.failures];
    if (waitMs === undefined) {
      alerts.push({ ruleId: delivery.rule.id, caseId: delivery.caseId });
      return;
    }
    const again = { ...delivery, failures: delivery.failures + 1, firstFailedAtMs };
    later.push({ delivery: again, dueAtMs: firstFailedAtMs + waitMs });
    looking ??= setInterval(look, LOOK_EVERY_MS);
  };

  const deliver = async (delivery: Delivery): Promise<void> => {
    const { rule, caseId, body } = delivery;
    const status = await attempt(rule, body, stopped.signal);
    attempts.push({ ruleId: rule.id, caseId, status, at: state.clock.now() });
    const isTaken = status >= 200 && status < 300;
    if (!isTaken && !stopped.signal.aborted) putOff(delivery);
  };

  function pump(): void {
    while (running.size < AT_ONCE && !stopped.signal.aborted) {
      const next = queue.shift();
      if (next === undefined) break;
      const work: Promise<void> = deliver(next).finally(() => {
        running.delete(work);
        pump();
        wake();
      });
      running.add(work);
    }
  }

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
    const caseId = String(change.ticket.id);
    const times = mode === 'once' ? 1 : mode.times;
    for (const rule of rules.values()) {
      if (!rule.isActive) continue;
      const body = fillTemplate(state, change, { template: rule.body, url: options.url() });
      const delivery = { rule, caseId, body, failures: 0, firstFailedAtMs: null };
      for (let count = 0; count < times; count += 1) gathered.push(delivery);
    }
    if (mode === 'once') release();
    else gathering ??= setTimeout(release, GATHER_MS);
  });

  return {
    attempts,
    alerts,
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
      stopLooking();
      if (gathering !== null) clearTimeout(gathering);
      gathering = null;
      queue.length = 0;
      await Promise.allSettled(running);
      wake();
    },
  };
}

async function attempt(rule: Rule, body: string, stopped: AbortSignal): Promise<number> {
  try {
    const response = await fetch(rule.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), stopped]),
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'Freshdesk', ...rule.headers },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    // Nobody answered, which is noted as an attempt with status 0.
    return 0;
  }
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
