import { expect, test } from 'vitest';
import { judge, retryDelayMs } from '../../jobs/failure.ts';
import { AuthError, ConfigError, PermanentError, RetryableError, SignatureError } from '../../src/errors.ts';

const least = () => 1;
const most = () => 0;

test.for<[Error, unknown]>([
  [new ConfigError('x'), { next: 'give up' }],
  [new PermanentError('x'), { next: 'give up' }],
  [new SignatureError('x'), { next: 'give up' }],
  [new RetryableError('x'), { next: 'retry' }],
  [new RetryableError('x', { scope: 'endpoint', retryAfterMs: 60_000 }), { next: 'retry' }],
  [
    new RetryableError('x', { scope: 'account', retryAfterMs: 60_000 }),
    { next: 'hold the queue', forMs: 60_000 },
  ],
  [new RetryableError('x', { scope: 'account', retryAfterMs: 0 }), { next: 'hold the queue', forMs: 1_000 }],
  [new RetryableError('x', { scope: 'account' }), { next: 'hold the queue', forMs: 4_000 }],
  [new TypeError('x'), { next: 'retry' }],
])('%s: %o', ([error, verdict]) => {
  expect(judge(error, 3, most)).toEqual(verdict);
});

test('refused credentials pause the connector', () => {
  const error = new AuthError('x');
  expect(judge(error, 1)).toEqual({ next: 'pause the connector', error });
});

test('waits twice as long each time, up to five minutes, and at least half of that', () => {
  const delays = (random: () => number) =>
    [1, 2, 3, 8, 9, 10, 1_000].map((n) => retryDelayMs(n, new Error(), random));
  expect(delays(most)).toEqual([1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000]);
  expect(delays(least)).toEqual([500, 1_000, 2_000, 64_000, 128_000, 150_000, 150_000]);
});

test('never waits less than the vendor asked for, nor less than the backoff', () => {
  expect(retryDelayMs(1, new RetryableError('x', { retryAfterMs: 60_000 }), most)).toBe(60_000);
  expect(retryDelayMs(5, new RetryableError('x', { retryAfterMs: 1 }), most)).toBe(16_000);
});
