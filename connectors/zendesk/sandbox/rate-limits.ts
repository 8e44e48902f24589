import { type Clock, MINUTE_MS, SECOND_MS } from '../../../src/clock.ts';
import { Refusal } from './refusal.ts';

/** Fixed windows by the clock, one counter per name. */
export interface RateLimits {
  /**
   * Counts the request in every bucket it belongs to and returns the headers of its answer. Throws a 429 with
   * `Retry-After` when a bucket is empty; the account's own is counted first.
   */
  spend(request: { method: string; path: string; userId: number }): Record<string, string>;
}

interface Bucket {
  readonly total: number;
  readonly remaining: number;
  readonly resetsInSeconds: number;
  readonly isOver: boolean;
}

const TICKET_PATH = /^\/api\/v2\/tickets\/(\d+)$/;
const WEBHOOKS_PER_MINUTE = 100;
const INCREMENTAL_PER_MINUTE = 10;
const UPDATES_PER_MINUTE = 100;
const UPDATES_PER_TICKET_AND_USER = 30;

/** The account's limit, 10 exports and 100 ticket updates a minute, 30 updates of a ticket by a user in 10 minutes. */
export function createRateLimits(clock: Clock, accountPerMinute: number): RateLimits {
  const counters = new Map<string, { windowStartMs: number; count: number }>();

  const take = (name: string, total: number, windowMs: number): Bucket => {
    const now = clock.now().getTime();
    const windowStartMs = Math.floor(now / windowMs) * windowMs;
    const counter = counters.get(name);
    const count = (counter?.windowStartMs === windowStartMs ? counter.count : 0) + 1;
    counters.set(name, { windowStartMs, count });
    return {
      total,
      remaining: Math.max(0, total - count),
      resetsInSeconds: Math.max(1, Math.ceil((windowStartMs + windowMs - now) / SECOND_MS)),
      isOver: count > total,
    };
  };

  const takeAccount = (path: string): { bucket: Bucket; headers: Record<string, string> } => {
    if (path.startsWith('/api/v2/webhooks')) {
      const bucket = take('webhooks', WEBHOOKS_PER_MINUTE, MINUTE_MS);
      return { bucket, headers: { 'x-rate-limit': String(bucket.total) } };
    }
    const bucket = take('account', accountPerMinute, MINUTE_MS);
    return { bucket, headers: accountHeaders(bucket) };
  };

  return {
    spend({ method, path, userId }) {
      const { bucket: account, headers } = takeAccount(path);
      if (account.isOver) {
        // The account limit answers in plain text, the endpoint limits in JSON.
        throw tooMany('Number of allowed API requests per minute exceeded', account, headers);
      }
      if (path.startsWith('/api/v2/incremental/')) {
        const bucket = take('incremental', INCREMENTAL_PER_MINUTE, MINUTE_MS);
        headers['zendesk-ratelimit-incremental-exports'] = presentBucket(bucket);
        if (bucket.isOver)
          throw tooMany(exceeded('incremental export API requests per minute'), bucket, headers);
      }
      const ticketId = method === 'PUT' ? TICKET_PATH.exec(path)?.[1] : undefined;
      if (ticketId !== undefined) {
        const bucket = take('updates', UPDATES_PER_MINUTE, MINUTE_MS);
        headers['zendesk-ratelimit-tickets-update'] = presentBucket(bucket);
        if (bucket.isOver) throw tooMany(exceeded('ticket updates per minute'), bucket, headers);
        const own = take(`updates of ${ticketId} by ${userId}`, UPDATES_PER_TICKET_AND_USER, 10 * MINUTE_MS);
        if (own.isOver) throw tooMany(exceeded('updates of one ticket per 10 minutes'), own, headers);
      }
      return headers;
    },
  };
}

function accountHeaders(bucket: Bucket): Record<string, string> {
  return {
    'x-rate-limit': String(bucket.total),
    'x-rate-limit-remaining': String(bucket.remaining),
    'ratelimit-limit': String(bucket.total),
    'ratelimit-remaining': String(bucket.remaining),
    'ratelimit-reset': String(bucket.resetsInSeconds),
  };
}

function presentBucket(bucket: Bucket): string {
  return `total=${bucket.total}; remaining=${bucket.remaining}; resets=${bucket.resetsInSeconds}`;
}

function exceeded(what: string): Record<string, string> {
  return { error: 'APIRateLimitExceeded', description: `Number of allowed ${what} exceeded` };
}

function tooMany(body: unknown, bucket: Bucket, headers: Record<string, string>): Refusal {
  return new Refusal(429, body, { ...headers, 'Retry-After': String(bucket.resetsInSeconds) });
}
