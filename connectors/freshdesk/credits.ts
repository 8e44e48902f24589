import { type Clock, MINUTE_MS } from '../../src/clock.ts';
import { RateLimited } from './refusal.ts';

/**
 * What is left of the account's calls for this minute, as the last answer said it. Every caller of the account draws on it,
 * so it only ever says "not now", never "go on".
 */
export interface Credits {
  note(headers: Readonly<Record<string, string>>): void;
  /** True when the last answer, not older than a minute, said that nothing is left. */
  isSpent(): boolean;
  /** Throws RateLimited (scope account) when less than `cost` is left, so that a call that must be refused is not made. */
  require(cost: number): void;
}

/** Holds no credits at first: what is not known stands in no one's way. */
export function createCredits(clock: Clock): Credits {
  let left: { readonly count: number; readonly notedAt: number } | null = null;

  /** Null when unknown: nothing was heard for a minute, and Freshdesk counts anew every minute. */
  function leftNow(): { readonly count: number; readonly ageMs: number } | null {
    if (left === null) return null;
    const ageMs = clock.now().getTime() - left.notedAt;
    // Either way, since a clock may be set back.
    return Math.abs(ageMs) < MINUTE_MS ? { count: left.count, ageMs } : null;
  }

  return {
    note(headers) {
      const count = Number.parseFloat(headers['x-ratelimit-remaining'] ?? '');
      if (!Number.isNaN(count)) left = { count, notedAt: clock.now().getTime() };
    },
    isSpent: () => (leftNow()?.count ?? 1) < 1,
    require(cost) {
      const now = leftNow();
      if (now === null || now.count >= cost) return;
      throw new RateLimited(
        `Freshdesk: ${now.count} of the account's calls are left for this minute, and this one costs ${cost}`,
        { retryAfterMs: MINUTE_MS - Math.max(0, now.ageMs), scope: 'account' },
      );
    },
  };
}
