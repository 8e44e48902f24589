import { type Clock, MINUTE_MS, SECOND_MS } from '../../../src/clock.ts';
import { TOO_MANY } from './faults.ts';
import { Refusal } from './refusal.ts';

/** Requests a minute: the account counts credits, the endpoints count calls. */
export interface Limits {
  readonly account: number;
  readonly 'ticket create': number;
  readonly 'ticket update': number;
  readonly 'ticket list': number;
  readonly 'contact list': number;
}

/** Endpoints with a limit of their own. */
export type LimitedEndpoint = Exclude<keyof Limits, 'account'>;

const limits = (account: number, writes: number, lists: number): Limits => ({
  account,
  'ticket create': writes,
  'ticket update': writes,
  'ticket list': lists,
  'contact list': lists,
});

/** What each plan allows a minute, as published in January 2026. A trial has no other limits within its own. */
export const PLANS = {
  trial: limits(50, 50, 50),
  growth: limits(200, 80, 20),
  pro: limits(400, 160, 100),
  enterprise: limits(700, 280, 200),
} as const satisfies Record<string, Limits>;

/** Fixed minutes by the clock, one counter per name. */
export interface RateLimits {
  /**
   * Counts a request and returns the headers of its answer. Throws a 429 with `Retry-After` when the account's credits or
   * the endpoint's calls are used up; the account's own come first.
   */
  spend(request: { credits: number; endpoint: LimitedEndpoint | null }): Record<string, string>;
  set(limits: Partial<Limits>): void;
}

/** A limit for the account and four within it. */
export function createRateLimits(clock: Clock, initial: Limits): RateLimits {
  let allowed = initial;
  const counters = new Map<keyof Limits, { minute: number; count: number }>();

  const take = (name: keyof Limits, amount: number): { isOver: boolean; remaining: number } => {
    const minute = Math.floor(clock.now().getTime() / MINUTE_MS);
    const counter = counters.get(name);
    const before = counter?.minute === minute ? counter.count : 0;
    const isOver = before + amount > allowed[name];
    const count = isOver ? before : before + amount;
    counters.set(name, { minute, count });
    return { isOver, remaining: allowed[name] - count };
  };

  const tooMany = (body?: unknown): Refusal => {
    const restMs = MINUTE_MS - (clock.now().getTime() % MINUTE_MS);
    return new Refusal(429, body, { 'Retry-After': String(Math.ceil(restMs / SECOND_MS)) });
  };

  return {
    spend({ credits, endpoint }) {
      const account = take('account', credits);
      if (account.isOver) throw tooMany(TOO_MANY);
      if (endpoint !== null && take(endpoint, 1).isOver) throw tooMany();
      return {
        'X-RateLimit-Total': String(allowed.account),
        'X-RateLimit-Remaining': String(account.remaining),
        'X-RateLimit-Used-CurrentRequest': String(credits),
      };
    },
    set(changes) {
      allowed = { ...allowed, ...changes };
    },
  };
}
