import { DIMENSIONS, type Dimension } from '../domain/report.ts';
import { timeBucket } from '../domain/time-buckets.ts';

/**
 * The facts of a day as columns: each holds one number per closure, in one order. They are what every figure is counted from:
 * a million rows of a table take a database longer to look at than people wait, these some milliseconds.
 */
export const COLUMNS = [
  ...DIMENSIONS,
  'outcome',
  'signs',
  'firstReply',
  'resolution',
  'recovery',
  'due',
] as const;
export type Column = (typeof COLUMNS)[number];

/** What columns need of a fact. Dimensions and metric are ids. */
export interface NumberedFact {
  readonly dimensions: Readonly<Record<Dimension, number>>;
  readonly metric: number | null;
  readonly score: number | null;
  readonly satisfied: boolean;
  readonly low: boolean;
  readonly reopened: boolean;
  readonly recovered: boolean;
  readonly signs: number;
  readonly firstReplySeconds: number | null;
  readonly resolutionSeconds: number | null;
  readonly recoverySeconds: number | null;
  readonly dueAt: Date | null;
}

/** What became of a closure. `metric` is 0 where nobody was asked, `score` null where nobody answered. */
export interface Outcome {
  readonly metric: number;
  readonly score: number | null;
  readonly satisfied: boolean;
  readonly low: boolean;
  readonly reopened: boolean;
  readonly recovered: boolean;
}

/** 0 stands for "not known" in the columns of times, which hold buckets from 1 on, and seconds since 1970 for `due`. */
export function columnsOf(facts: readonly NumberedFact[]): ReadonlyMap<Column, Uint8Array> {
  const column = (pick: (fact: NumberedFact) => number) => packColumn(Uint32Array.from(facts, pick));
  const time = (seconds: number | null) => (seconds === null ? 0 : timeBucket(seconds) + 1);
  return new Map<Column, Uint8Array>([
    ...DIMENSIONS.map((name) => [name, column(({ dimensions }) => dimensions[name])] as const),
    ['outcome', column(packOutcome)],
    ['signs', column(({ signs }) => signs)],
    ['firstReply', column((fact) => time(fact.firstReplySeconds))],
    ['resolution', column((fact) => time(fact.resolutionSeconds))],
    ['recovery', column((fact) => time(fact.recoverySeconds))],
    ['due', column(({ dueAt }) => (dueAt === null ? 0 : Math.floor(dueAt.getTime() / 1_000)))],
  ]);
}

function packOutcome(fact: NumberedFact): number {
  const flags = [fact.satisfied, fact.low, fact.reopened, fact.recovered].map(Number);
  const bits = flags.reduce((all, flag) => all * 2 + flag, 0);
  return (fact.metric ?? 0) * 256 + (fact.score === null ? 0 : fact.score + 1) * 16 + bits;
}

export function unpackOutcome(packed: number): Outcome {
  const answer = Math.floor(packed / 16) % 16;
  return {
    metric: Math.floor(packed / 256),
    score: answer === 0 ? null : answer - 1,
    satisfied: (packed & 8) !== 0,
    low: (packed & 4) !== 0,
    reopened: (packed & 2) !== 0,
    recovered: (packed & 1) !== 0,
  };
}

/** A column that was read: `entries[places[row]]` is the number of a row. Without places every row has the one entry. */
export interface ReadColumn {
  readonly entries: Uint32Array;
  readonly places: Places | null;
}

export type Places = Uint8Array | Uint16Array | Uint32Array;

/**
 * Numbers as a list of the different ones and, for each row, the place of its own in it: in as many bytes as the length of the
 * list needs, in none where all rows have the same. Little-endian; the first byte says how many.
 */
function packColumn(numbers: Uint32Array): Uint8Array {
  const places = new Map<number, number>();
  const rows = new Uint32Array(numbers.length);
  numbers.forEach((number, row) => {
    const place = places.get(number) ?? places.size;
    places.set(number, place);
    rows[row] = place;
  });
  const width = places.size <= 1 ? 0 : places.size <= 0x1_00 ? 1 : places.size <= 0x1_00_00 ? 2 : 4;
  const entries = Uint32Array.from(places.keys());
  const head = Uint32Array.of(width, entries.length);
  const body = width === 0 ? new Uint8Array() : narrowed(rows, width);
  return Buffer.concat([head, entries, body].map((part) => bytesOf(part)));
}

/** Reads what `packColumn` made; `bytes` is a copy that nobody changes. */
export function readColumn(bytes: Uint8Array): ReadColumn {
  // Typed arrays of wider numbers must start at their own multiples.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  const { buffer, byteOffset } = aligned;
  const [width = 0, count = 0] = new Uint32Array(buffer, byteOffset, 2);
  const entries = new Uint32Array(buffer, byteOffset + 8, count);
  const start = byteOffset + 8 + count * 4;
  const length = width === 0 ? 0 : (aligned.byteLength - 8 - count * 4) / width;
  if (width === 0) return { entries, places: null };
  if (width === 1) return { entries, places: new Uint8Array(buffer, start, length) };
  if (width === 2) return { entries, places: new Uint16Array(buffer, start, length) };
  return { entries, places: new Uint32Array(buffer, start, length) };
}

function narrowed(rows: Uint32Array, width: 1 | 2 | 4): Places {
  if (width === 4) return rows;
  return width === 1 ? Uint8Array.from(rows) : Uint16Array.from(rows);
}

function bytesOf({ buffer, byteOffset, byteLength }: Places): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
