import { type Interval, percentOf, wilson } from './figures.ts';
import type { Measured } from './report.ts';

/** What became of a percentage between two periods. */
export interface Comparison {
  /** After less before, in percentage points; null where either has too few answers. */
  readonly difference: number | null;
  /** 95 % interval of the difference; null for NPS too, which has none here. */
  readonly interval: Interval | null;
  readonly verdict: 'higher' | 'lower' | 'cannot be told apart' | 'too few answers';
}

/**
 * Compares the same metric before and after a day. Higher or lower is said only when the interval of the difference leaves
 * out 0; that something happened on the day does not follow from it.
 */
export function compare(before: Measured, after: Measured): Comparison {
  if (before.figure.percent === null || after.figure.percent === null) {
    return { difference: null, interval: null, verdict: 'too few answers' };
  }
  const difference = after.figure.percent - before.figure.percent;
  if (before.figure.interval === null || after.figure.interval === null) {
    return { difference, interval: null, verdict: 'cannot be told apart' };
  }
  const interval = differenceOf(
    { positive: after.tally.satisfied, all: after.tally.answered },
    { positive: before.tally.satisfied, all: before.tally.answered },
  );
  return { difference, interval, verdict: verdictOf(interval) };
}

export interface Share {
  readonly positive: number;
  readonly all: number;
}

/**
 * The interval of one share less another, independent one, in percentage points: Newcombe's method 10 (Statistics in Medicine
 * 17, 1998, 873-890), which puts the two Wilson intervals together. Of nothing, nothing is known: -100 to 100. Throws
 * RangeError as `wilson` does.
 */
export function differenceOf(one: Share, other: Share, z?: number): Interval {
  const a = wilson(one.positive, one.all, z);
  const b = wilson(other.positive, other.all, z);
  const shareA = percentOf(one.positive, one.all);
  const shareB = percentOf(other.positive, other.all);
  if (shareA === null || shareB === null) return { low: -100, high: 100 };
  return {
    low: shareA - shareB - Math.hypot(shareA - a.low, b.high - shareB),
    high: shareA - shareB + Math.hypot(a.high - shareA, shareB - b.low),
  };
}

function verdictOf({ low, high }: Interval): Comparison['verdict'] {
  if (low > 0) return 'higher';
  return high < 0 ? 'lower' : 'cannot be told apart';
}
