import type { Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { SECOND_MS } from '../clock.ts';

const REQUESTS_PER_MINUTE = 30;

export interface TokenLimit {
  /** Counts a request; false when there were too many within a minute, with `Retry-After` already set. */
  admit(surveyId: string, response: Response): Promise<boolean>;
}

/**
 * At most 30 requests a minute for one link, in this process. Only verified links are counted, so that made-up tokens
 * cannot fill the memory; the address of the caller does not matter, since a whole company may share one.
 */
export function createTokenLimit(): TokenLimit {
  const limiter = new RateLimiterMemory({ points: REQUESTS_PER_MINUTE, duration: 60 });
  return {
    async admit(surveyId, response) {
      try {
        await limiter.consume(surveyId);
        return true;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        response.set('Retry-After', String(Math.max(1, Math.ceil(refusal.msBeforeNext / SECOND_MS))));
        return false;
      }
    },
  };
}
