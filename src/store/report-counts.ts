import type { Metric, Tally } from '../domain/report.ts';
import { SCALES } from '../domain/score.ts';
import { medianOf, TIME_BUCKETS } from '../domain/time-buckets.ts';
import { type Outcome, type ReadColumn, unpackOutcome } from './report-columns.ts';
import type { ReportDay } from './report-days.ts';

/** What closures came to, of every metric at once. */
export interface Counts {
  /** Closures by the place of their outcome in a book. */
  readonly outcomes: Uint32Array;
  /** Closures by the bucket of their time plus one; at 0 those that do not tell. */
  readonly firstReply: Uint32Array;
  readonly resolution: Uint32Array;
  /** By metric: the buckets of the times of recoveries, and how many are overdue. */
  readonly recovery: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly overdue: ReadonlyMap<number, number>;
}

/** The outcomes that occur, each with a place of its own. */
export interface OutcomeBook {
  readonly outcomes: Outcome[];
  placeOf(packed: number): number;
}

export function openBook(): OutcomeBook {
  const places = new Map<number, number>();
  const outcomes: Outcome[] = [];
  return {
    outcomes,
    placeOf(packed) {
      const place = places.get(packed) ?? outcomes.length;
      if (place === outcomes.length) {
        places.set(packed, place);
        outcomes.push(unpackOutcome(packed));
      }
      return place;
    },
  };
}

/** The rows of a day that are looked at: what is counted of each, one after the other. */
export interface CountedDay {
  readonly rows: Uint32Array;
  /** Places in the book. */
  readonly outcomes: Uint32Array;
  /** Buckets plus one. */
  readonly firstReply: Uint32Array;
  readonly resolution: Uint32Array;
  /** The few that were recovered, or are due. */
  readonly clocks: readonly { readonly nth: number; readonly bucket: number; readonly dueSeconds: number }[];
}

/** Reads days one after the other; what it gave is of use until the next. */
export interface DayReader {
  read(day: ReportDay, rows: Uint32Array): CountedDay;
}

/** Its rooms are used again and again: a year of days would leave a hundred megabytes to be cleared away. */
export function createDayReader(book: OutcomeBook): DayReader {
  const rooms = Array.from({ length: 5 }, () => new Uint32Array());
  const numbers = (nth: number, column: ReadColumn, rows: Uint32Array): Uint32Array => {
    if ((rooms[nth]?.length ?? 0) < rows.length) rooms[nth] = new Uint32Array(rows.length * 2);
    const room = (rooms[nth] as Uint32Array).subarray(0, rows.length);
    fillNumbers(room, column, rows);
    return room;
  };
  return {
    read(day, rows) {
      const { entries, places } = day.column('outcome');
      return {
        rows,
        outcomes: numbers(0, { entries: entries.map((packed) => book.placeOf(packed)), places }, rows),
        firstReply: numbers(1, day.column('firstReply'), rows),
        resolution: numbers(2, day.column('resolution'), rows),
        clocks: clocksOf(
          rows.length,
          numbers(3, day.column('recovery'), rows),
          numbers(4, day.column('due'), rows),
        ),
      };
    },
  };
}

function fillNumbers(room: Uint32Array, { entries, places }: ReadColumn, rows: Uint32Array): void {
  if (places === null) {
    room.fill(entries[0] ?? 0);
    return;
  }
  for (let nth = 0; nth < rows.length; nth += 1)
    room[nth] = entries[places[rows[nth] as number] as number] as number;
}

function clocksOf(length: number, recovery: Uint32Array, due: Uint32Array): CountedDay['clocks'] {
  const clocks: { nth: number; bucket: number; dueSeconds: number }[] = [];
  for (let nth = 0; nth < length; nth += 1) {
    const bucket = recovery[nth] as number;
    const dueSeconds = due[nth] as number;
    if (bucket > 0 || dueSeconds > 0) clocks.push({ nth, bucket, dueSeconds });
  }
  return clocks;
}

/** The map in a map, made where there is none. */
export function within<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = map.get(key) ?? new Map<L, V>();
  map.set(key, known);
  return known;
}

export function addTo<K>(map: Map<K, number>, key: K, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}

/** Adds counts up. */
export function sumOf(all: readonly Counts[]): Counts {
  const sum = (arrays: readonly Uint32Array[]) => {
    const total = new Uint32Array(Math.max(0, ...arrays.map(({ length }) => length)));
    for (const one of arrays)
      for (let place = 0; place < one.length; place += 1)
        total[place] = (total[place] ?? 0) + (one[place] ?? 0);
    return total;
  };
  const recovery = new Map<number, Map<number, number>>();
  const overdue = new Map<number, number>();
  for (const one of all) {
    for (const [metric, times] of one.recovery)
      for (const [bucket, count] of times) addTo(within(recovery, metric), bucket, count);
    for (const [metric, count] of one.overdue) addTo(overdue, metric, count);
  }
  return {
    outcomes: sum(all.map(({ outcomes }) => outcomes)),
    firstReply: sum(all.map(({ firstReply }) => firstReply)),
    resolution: sum(all.map(({ resolution }) => resolution)),
    recovery,
    overdue,
  };
}

/** What was counted, of this metric; of none when it is null. */
export function tallyOf(
  counts: Counts,
  book: OutcomeBook,
  metric: (Metric & { readonly id: number }) | null,
): Tally {
  const scale = metric === null ? null : SCALES[metric.scale];
  const scores = scale === null ? [] : new Array<number>(scale.max - scale.min + 1).fill(0);
  const tally = { closures: 0, asked: 0, answered: 0, satisfied: 0, low: 0, reopened: 0, recovered: 0 };
  counts.outcomes.forEach((count, place) => {
    const outcome = book.outcomes[place];
    if (count === 0 || outcome === undefined) return;
    tally.closures += count;
    if (outcome.reopened) tally.reopened += count;
    if (metric === null || outcome.metric !== metric.id) return;
    tally.asked += count;
    if (outcome.score === null || scale === null) return;
    tally.answered += count;
    const point = outcome.score - scale.min;
    scores[point] = (scores[point] ?? 0) + count;
    if (outcome.satisfied) tally.satisfied += count;
    if (outcome.low) tally.low += count;
    if (outcome.recovered) tally.recovered += count;
  });
  const { recovered, ...rest } = tally;
  const of = metric?.id ?? 0;
  return {
    ...rest,
    scores,
    firstReply: timesOf(counts.firstReply),
    resolution: timesOf(counts.resolution),
    recovery: {
      low: tally.low,
      recovered,
      overdue: counts.overdue.get(of) ?? 0,
      medianMs: medianOf(bucketsOf(counts.recovery.get(of))).medianMs,
    },
  };
}

function timesOf(counts: Uint32Array): Tally['firstReply'] {
  return medianOf(counts.subarray(1));
}

function bucketsOf(counts: ReadonlyMap<number, number> | undefined): Uint32Array {
  const buckets = new Uint32Array(TIME_BUCKETS);
  for (const [bucket, count] of counts ?? []) buckets[bucket] = count;
  return buckets;
}
