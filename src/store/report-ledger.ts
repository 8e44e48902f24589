import { TIME_BUCKETS } from '../domain/time-buckets.ts';
import type { Places } from './report-columns.ts';
import { addTo, type CountedDay, type Counts, type OutcomeBook, within } from './report-counts.ts';

/** Counts of several things at once, each on a line of its own. Its size does not grow with the closures. */
export interface Ledger {
  /** Adds a day to a line. `nowSeconds` tells what is overdue. */
  add(day: CountedDay, line: number, nowSeconds: number): void;
  /** Adds a day, each row to the line of its value. */
  addSplit(
    day: CountedDay,
    values: { readonly lines: Uint32Array; readonly places: Places },
    nowSeconds: number,
  ): void;
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

  function addClocks(day: CountedDay, nowSeconds: number, lineOf: (nth: number) => number): void {
    for (const { nth, bucket, dueSeconds } of day.clocks) {
      const metric = book.outcomes[day.outcomes[nth] as number]?.metric ?? 0;
      if (bucket > 0) addTo(within(within(recovery, lineOf(nth)), metric), bucket - 1, 1);
      if (dueSeconds > 0 && dueSeconds < nowSeconds) addTo(within(overdue, lineOf(nth)), metric, 1);
    }
  }

  return {
    add(day, line, nowSeconds) {
      makeRoom(line);
      const { outcomes: of, firstReply: reply, resolution: end } = day;
      for (let nth = 0; nth < day.rows.length; nth += 1) {
        (outcomes[line * stride + (of[nth] as number)] as number) += 1;
        (firstReply[line * BUCKETS + (reply[nth] as number)] as number) += 1;
        (resolution[line * BUCKETS + (end[nth] as number)] as number) += 1;
      }
      addClocks(day, nowSeconds, () => line);
    },
    addSplit(day, { lines, places }, nowSeconds) {
      makeRoom(lines.reduce((most, line) => Math.max(most, line), 0));
      const { rows, outcomes: of, firstReply: reply, resolution: end } = day;
      for (let nth = 0; nth < rows.length; nth += 1) {
        const line = lines[places[rows[nth] as number] as number] as number;
        (outcomes[line * stride + (of[nth] as number)] as number) += 1;
        (firstReply[line * BUCKETS + (reply[nth] as number)] as number) += 1;
        (resolution[line * BUCKETS + (end[nth] as number)] as number) += 1;
      }
      addClocks(day, nowSeconds, (nth) => lines[places[rows[nth] as number] as number] as number);
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
