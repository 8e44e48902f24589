import { MINUTE_MS } from '../src/clock.ts';

/** Longer than any attempt may take, the CRM's and the relay's time limits included. */
const LONGEST_MS = 15 * MINUTE_MS;

/**
 * The rows that jobs of this process work on at this moment. A row that it claimed and that is not in here has been
 * forgotten: the store was away when its job wanted to write down what came of it, or its job hangs.
 */
export interface InHand {
  /** Runs `work` with these rows in hand. */
  during<T>(ids: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Keeps a row in hand until `record` has written down what came of it: see `recordKept`. */
  keepUntil(id: string, record: () => Promise<void>): void;
  /** Tries once to write down what could not be written before. Throws what `record` throws. Safe to repeat. */
  recordKept(): Promise<void>;
  has(id: string): boolean;
}

/** `stopwatchMs` counts up whatever the clock does. */
export function createInHand(stopwatchMs: () => number = () => performance.now()): InHand {
  const sinceMs = new Map<string, number>();
  const kept = new Map<string, () => Promise<void>>();
  return {
    async during(ids, work) {
      for (const id of ids) sinceMs.set(id, stopwatchMs());
      try {
        return await work();
      } finally {
        for (const id of ids) sinceMs.delete(id);
      }
    },
    keepUntil(id, record) {
      kept.set(id, record);
    },
    async recordKept() {
      for (const [id, record] of kept) {
        await record();
        kept.delete(id);
      }
    },
    has(id) {
      const since = sinceMs.get(id);
      return kept.has(id) || (since !== undefined && stopwatchMs() - since < LONGEST_MS);
    },
  };
}
