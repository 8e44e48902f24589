import type { Outcome, Receipt, RecordRef } from '../../src/connector.ts';
import { AuthError, CaseloopError, RetryableError } from '../../src/errors.ts';
import { RateLimited } from './refusal.ts';

/** What is written by one request or a few, on behalf of these keys. */
export interface Keyed {
  readonly keys: readonly string[];
}

/** What became of it: done with or without a record of its own, or the ticket is in the archive. */
export type Came = { readonly ref: RecordRef | null } | 'locked';

/**
 * Writes one after another, since Freshdesk has no call for many. A limit or refused credentials stop it in the middle: what
 * is done keeps its outcome, and what had not its turn is not tried. So does trouble that is likely to meet the next one too,
 * such as a time limit; whether that one took effect is not known, so it has failed for now. Throws when nothing was done.
 */
export async function inTurn<I extends Keyed>(
  items: readonly I[],
  write: (item: I) => Promise<Came>,
): Promise<Receipt> {
  const outcomes: Outcome[] = [];
  for (const [at, item] of items.entries()) {
    try {
      const came = await write(item);
      for (const key of item.keys) {
        outcomes.push(came === 'locked' ? { key, result: 'locked' } : { key, result: 'done', ref: came.ref });
      }
    } catch (error) {
      if (!(error instanceof CaseloopError)) throw error;
      if (error instanceof AuthError || error instanceof RateLimited) {
        if (outcomes.length === 0) throw error;
        return { outcomes, stopped: error };
      }
      for (const key of item.keys) outcomes.push({ key, result: 'failed', error });
      const isLast = at === items.length - 1;
      if (error instanceof RetryableError && !isLast) return { outcomes, stopped: error };
    }
  }
  return { outcomes };
}
