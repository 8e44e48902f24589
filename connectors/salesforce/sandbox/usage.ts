import { DAY_MS } from '../../../src/clock.ts';
import { limitExceeded } from './refusal.ts';

/** How many calls the org may make within 24 hours, and how many it made. */
export interface Usage {
  /** Counts a call; throws a Refusal when the allowance is used up. */
  spend(): void;
  readonly used: number;
  readonly allowance: number;
  /** `Sforce-Limit-Info`. */
  header(): string;
  /** Other tools of the org use some, or an admin buys more. */
  set(values: { readonly used?: number; readonly allowance?: number }): void;
}

/** Counts calls over the last 24 hours of the clock. */
export function createUsage(now: () => Date, allowance: number): Usage {
  const calls: number[] = [];
  let others = 0;
  let most = allowance;
  let first = 0;
  const count = (): number => {
    const sinceMs = now().getTime() - DAY_MS;
    while (first < calls.length && (calls[first] ?? 0) <= sinceMs) first += 1;
    return others + calls.length - first;
  };
  return {
    spend() {
      if (count() >= most) throw limitExceeded();
      calls.push(now().getTime());
    },
    get used() {
      return count();
    },
    get allowance() {
      return most;
    },
    header: () => `api-usage=${count()}/${most}`,
    set(values) {
      if (values.allowance !== undefined) most = values.allowance;
      if (values.used !== undefined) others += values.used - count();
    },
  };
}
