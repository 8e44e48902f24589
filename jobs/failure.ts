import { MINUTE_MS, SECOND_MS } from '../src/clock.ts';
import { AuthError, ConfigError, PermanentError, RetryableError, SignatureError } from '../src/errors.ts';

/** What becomes of a job that threw. */
export type Verdict =
  /** The account is limited: the whole queue waits, the job goes back and no attempt is counted. */
  | { readonly next: 'hold the queue'; readonly forMs: number }
  /** Our credentials were refused: the connector's queue is paused, the job goes back and waits. */
  | { readonly next: 'pause the connector'; readonly error: AuthError }
  /** Trying again changes nothing. */
  | { readonly next: 'give up' }
  /** Tried again after `retryDelayMs`, up to the last attempt. */
  | { readonly next: 'retry' };

/** Decides from the error's class alone, never from its text. `starts`: how often the job was started, this time included. */
export function judge(error: unknown, starts: number, random: () => number = Math.random): Verdict {
  if (error instanceof RetryableError && error.scope === 'account') {
    const forMs = Math.max(error.retryAfterMs ?? backoffMs(starts, random), FIRST_DELAY_MS);
    return { next: 'hold the queue', forMs };
  }
  if (error instanceof AuthError) return { next: 'pause the connector', error };
  if (error instanceof ConfigError || error instanceof PermanentError || error instanceof SignatureError) {
    return { next: 'give up' };
  }
  return { next: 'retry' };
}

const FIRST_DELAY_MS = SECOND_MS;
const LONGEST_BACKOFF_MS = 5 * MINUTE_MS;

/** How long a job waits after its n-th attempt: its backoff, but never less than what the vendor asked for. */
export function retryDelayMs(attempts: number, error: unknown, random: () => number = Math.random): number {
  const asked = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(backoffMs(attempts, random), asked);
}

/** 1 s, 2 s, 4 s ... at most 5 minutes, each cut by up to half at random so that processes do not return in step. */
function backoffMs(attempts: number, random: () => number): number {
  const longest = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_BACKOFF_MS);
  return Math.ceil(longest * (1 - random() / 2));
}
