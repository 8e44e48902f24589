import { type Clock, MINUTE_MS } from '../../src/clock.ts';
import { RetryableError } from '../../src/errors.ts';

/** How many of the org's API calls of the last 24 hours are used, whoever made them. */
export interface Usage {
  readonly used: number;
  readonly limit: number;
}

/** Keeps watching from eating the org's allowance, which agents' tools and other integrations share. */
export interface Budget {
  /** Takes note of the header `Sforce-Limit-Info` of an answer. */
  note(header: string | undefined): void;
  /** What the last answer said; null before the first one. */
  usage(): Usage | null;
  /** Whether that is above the configured share. */
  isSpent(): boolean;
  /**
   * Admits one page of the watch. Throws RetryableError (scope endpoint) while the budget is spent and the last page was
   * admitted a short while ago: 5 minutes at the budget, an hour at the whole allowance.
   */
  admitPage(): void;
}

const SHORTEST_WAIT_MS = 5 * MINUTE_MS;
const LONGEST_WAIT_MS = 60 * MINUTE_MS;

/** `share` is of the org's daily calls. No I/O: usage is what answers tell, and they lag a little (2026-11-21). */
export function createBudget(share: number, clock: Clock): Budget {
  let last: Usage | null = null;
  let admittedAt = Number.NEGATIVE_INFINITY;

  function spentShare(): number {
    return last === null ? 0 : last.used / last.limit;
  }

  return {
    note(header) {
      const [, used, limit] = /\bapi-usage=(\d+)\/(\d+)/.exec(header ?? '') ?? [];
      if (Number(limit) > 0) last = { used: Number(used), limit: Number(limit) };
    },
    usage: () => last,
    isSpent: () => spentShare() >= share,
    admitPage() {
      const now = clock.now().getTime();
      const over = share >= 1 ? 1 : Math.min(1, (spentShare() - share) / (1 - share));
      const waitMs = SHORTEST_WAIT_MS + over * (LONGEST_WAIT_MS - SHORTEST_WAIT_MS);
      const leftMs = admittedAt + waitMs - now;
      if (spentShare() >= share && leftMs > 0) {
        const percent = Math.round(spentShare() * 100);
        throw new RetryableError(
          `Salesforce: ${percent} % of the org's API calls of the last 24 hours are used, so watching has slowed down`,
          { retryAfterMs: Math.ceil(leftMs), scope: 'endpoint' },
        );
      }
      admittedAt = now;
    },
  };
}
