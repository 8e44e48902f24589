import { expect } from 'vitest';
import type { Connector, Receipt } from '../../../src/connector.ts';
import type { CaseloopError } from '../../../src/errors.ts';
import type { Method } from '../contract-case.ts';
import { byKey } from '../situations.ts';
import type { ConnectOptions, Stand } from '../stand.ts';
import type { Trait } from '../subject.ts';
import type { ErrorClass, Meaning } from './rows.ts';

/** What a call that did not throw came to. */
export type Came =
  | { readonly as: 'done' }
  /** The vendor works on it. */
  | { readonly as: 'pending'; readonly handle: string; readonly checkAfterMs: number }
  /** The only item failed. */
  | { readonly as: 'failed'; readonly error: CaseloopError }
  /** `check` says that something is wrong. */
  | { readonly as: 'reported' }
  /** `fetch` gives no snapshot, `lookAfter` no answer. */
  | { readonly as: 'left out' };

export const DONE: Came = { as: 'done' };

/** A method in a situation of its own, ready to meet a fault. */
export interface Prepared {
  /** The call. `again`: an earlier one's outcome is not known. */
  call(connector: Connector, again: boolean): Promise<Came>;
  /** Fails unless the CRM holds what the call promises, and holds it once. `unseen`: writes that had effect without an answer. */
  expectRight(unseen: number): Promise<void>;
}

/** One row of the table. */
export interface Attempt {
  readonly method: Method;
  /** What the call finds, in a few words. */
  readonly situation: string;
  readonly needs?: Trait;
  /** Works on an account of its own on which nothing is provisioned. */
  readonly isBare?: boolean;
  /** Meets faults only while minting a token. */
  readonly isMinting?: boolean;
  /** Classes in place of the usual ones. */
  readonly classes?: Partial<Record<Meaning, readonly ErrorClass[]>>;
  connectOptions?(): ConnectOptions;
  prepare(stand: Stand): Promise<Prepared>;
}

/** How deviations name an attempt that meets a fault. */
export function faultTitle(
  { method, situation }: Pick<Attempt, 'method' | 'situation'>,
  fault: string,
): string {
  return `${method}: ${situation} x ${fault}`;
}

/** What a receipt for one item says. */
export function cameTo(receipt: Receipt, key: string): Came {
  if ('pending' in receipt) return { as: 'pending', ...receipt.pending };
  const outcome = byKey(receipt.outcomes, [{ key }]).get(key);
  if (outcome?.result === 'failed') return { as: 'failed', error: outcome.error };
  expect(outcome?.result).toBe('done');
  return DONE;
}
