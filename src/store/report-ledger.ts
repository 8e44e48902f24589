import { TIME_BUCKETS } from '../domain/time-buckets.ts';
import { addTo, type CountedDay, type Counts, type OutcomeBook, within } from './report-counts.ts';

/** Counts of several things at once, each on a line of its own. Its size does not grow with the closures. */
export interface Ledger {
  /** Adds a day, each row to the line that is given for it, or all to one. `nowSeconds` tells what is overdue. */
  add(day: CountedDay, lines: Uint32Array | number, nowSeconds: number): void;
  counts(line: number): Counts;
}

const BUCKETS = TIME_BUCKETS + 1;

/** A ledger for the outcomes of a book. */
export function openLedger(book: OutcomeBook): Ledger {
  let stride = 64;
  let room = 16;
  let outcomes = new Uint32Array(room * stride);
  let firstReply = new Uint32Array(room * BUCKETS);
  let resolution = new Uint32Array(room * BUCKETS);
  const recovery = new Map<number, Map<number, Map<number, number>>>();
  const overdue = new Map<number, Map<number, number>>();

  function makeRoom(line: number): void {
    if (line >= room) {
      while (line >= room) room *= 2;
      outcomes = roomier(outcomes, room * stride);
      firstReply = roomier(firstReply, room * BUCKETS);
      resolution = roomier(resolution, room * BUCKETS);
    }
    if (book.outcomes.length <= stride) return;
    const old = { stride, outcomes };
    while (book.outcomes.length > stride) stride *= 2;
    outcomes = new Uint32Array(room * stride);
    for (let one = 0; one < room; one += 1)
      outcomes.set(old.outcomes.subarray(one * old.stride, (one + 1) * old.stride), one * stride);
  }

  return {
    add(day, lines, nowSeconds) {
      const lineOf = typeof lines === 'number' ? new Uint32Array(day.rows.length).fill(lines) : lines;
      makeRoom(lineOf.reduce((most, line) => Math.max(most, line), 0));
      for (let nth = 0; nth < lineOf.length; nth += 1) {
        const line = lineOf[nth] as number;
        (outcomes[line * stride + (day.outcomes[nth] as number)] as number) += 1;
        (firstReply[line * BUCKETS + (day.firstReply[nth] as number)] as number) += 1;
        (resolution[line * BUCKETS + (day.resolution[nth] as number)] as number) += 1;
      }
      for (const { nth, bucket, dueSeconds } of day.clocks) {
        const line = lineOf[nth] as number;
        const metric = book.outcomes[day.outcomes[nth] as number]?.metric ?? 0;
        if (bucket > 0) addTo(within(within(recovery, line), metric), bucket - 1, 1);
        if (dueSeconds > 0 && dueSeconds < nowSeconds) addTo(within(overdue, line), metric, 1);
      }
    },
    counts(line) {
      makeRoom(line);
      return {
        outcomes: outcomes.subarray(line * stride, (line + 1) * stride),
        firstReply: firstReply.subarray(line * BUCKETS, (line + 1) * BUCKETS),
        resolution: resolution.subarray(line * BUCKETS, (line + 1) * BUCKETS),
        recovery: recovery.get(line) ?? new Map(),
        overdue: overdue.get(line) ?? new Map(),
      };
    },
  };
}

function roomier(counts: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const roomy = new Uint32Array(length);
  roomy.set(counts);
  return roomy;
}
