import type { Figure, Metric, RecoveryTally, Slice, Tally, Times } from './report.ts';
import { SCALES } from './score.ts';
import { PROMOTERS_FROM } from './survey.ts';

/** Both ends of what the truth may be, in percent. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The normal quantile of a two-sided 95 % interval. */
export const Z_95 = 1.959963984540054;

/** Detractors are those who give 0 to 6: NPS is defined so, whatever else is set. */
const DETRACTORS_TO = 6;

/**
 * Wilson's score interval for a share, in percent and not rounded; 95 % unless `z` says otherwise. Of nothing, nothing is
 * known: 0 to 100. Throws RangeError unless both are whole and 0 <= positive <= all.
 */
export function wilson(positive: number, all: number, z: number = Z_95): Interval {
  if (!Number.isInteger(positive) || !Number.isInteger(all) || positive < 0 || positive > all) {
    throw new RangeError(`interval of ${positive} in ${all}: expected whole numbers, 0 <= positive <= all`);
  }
  if (all === 0) return { low: 0, high: 100 };
  const share = positive / all;
  const spread = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  const middle = share + (z * z) / (2 * all);
  const scale = 100 / (1 + (z * z) / all);
  return {
    // The ends are exact by the formula, and not by floating point.
    low: positive === 0 ? 0 : Math.max(0, (middle - spread) * scale),
    high: positive === all ? 100 : Math.min(100, (middle + spread) * scale),
  };
}

/**
 * What a tally says. With fewer answers than `minimum`, or none, only the response rate is told. A null metric is that of a
 * period in which nobody was asked.
 */
export function figureOf(metric: Metric | null, tally: Tally, minimum: number): Figure {
  const responseRate = percentOf(tally.answered, tally.asked);
  if (metric === null || tally.answered === 0 || tally.answered < minimum) {
    return { isEnough: false, percent: null, interval: null, average: null, responseRate };
  }
  const average = averageOf(metric, tally.scores);
  if (metric.kind === 'nps') {
    return { isEnough: true, percent: npsOf(tally.scores), interval: null, average, responseRate };
  }
  return {
    isEnough: true,
    percent: percentOf(tally.satisfied, tally.answered),
    interval: wilson(tally.satisfied, tally.answered),
    average,
    responseRate,
  };
}

/** Not rounded; null of nothing. Multiplied first: 57 / 100 * 100 is 56.99999999999999. */
export function percentOf(part: number, all: number): number | null {
  return all === 0 ? null : (part * 100) / all;
}

/** Promoters less detractors, from -100 to 100; null without answers. `scores` counts them from 0 to 10. */
function npsOf(scores: readonly number[]): number | null {
  const promoters = sum(scores.slice(PROMOTERS_FROM));
  const detractors = sum(scores.slice(0, DETRACTORS_TO + 1));
  return percentOf(promoters - detractors, sum(scores));
}

/** The mean of the answers on their scale; null without answers. */
export function averageOf({ scale }: Pick<Metric, 'scale'>, scores: readonly number[]): number | null {
  const all = sum(scores);
  if (all === 0) return null;
  return sum(scores.map((count, nth) => count * (SCALES[scale].min + nth))) / all;
}

/**
 * Ranks what can be ranked, and keeps the order it was given: readers must not take an order for a rank. A slice has rank r
 * when its interval overlaps with that of no other slice: then r - 1 of them lie wholly above it and all others wholly
 * below, and the rank is true as it stands. Touching ends overlap. Slices with too few answers and the one of "not known"
 * have no rank and keep nobody else from one; nor has NPS, which has no interval, nor a slice that has nobody beside it.
 */
export function rankSlices(slices: readonly Slice[]): readonly Slice[] {
  const rankable = slices.flatMap(({ value, figure }) =>
    figure.isEnough && figure.interval !== null && value !== '' ? [{ value, ...figure.interval }] : [],
  );
  return slices.map((slice) => {
    const own = rankable.find(({ value }) => value === slice.value);
    const others = rankable.filter(({ value }) => value !== slice.value);
    if (own === undefined || others.length === 0) return { ...slice, rank: null };
    const above = others.filter((other) => other.low > own.high).length;
    const below = others.filter((other) => other.high < own.low).length;
    return { ...slice, rank: above + below === others.length ? above + 1 : null };
  });
}

/**
 * Adds up tallies of one metric, of closures that none of them share. Medians cannot be added up: where more than one tally
 * knows times, the sum has no median.
 */
export function combine(tallies: readonly Tally[]): Tally {
  const total = (pick: (tally: Tally) => number): number => sum(tallies.map(pick));
  const points = Math.max(0, ...tallies.map(({ scores }) => scores.length));
  return {
    closures: total((one) => one.closures),
    asked: total((one) => one.asked),
    answered: total((one) => one.answered),
    satisfied: total((one) => one.satisfied),
    low: total((one) => one.low),
    scores: Array.from({ length: points }, (_, nth) => total(({ scores }) => scores[nth] ?? 0)),
    reopened: total((one) => one.reopened),
    firstReply: combineTimes(tallies.map((one) => one.firstReply)),
    resolution: combineTimes(tallies.map((one) => one.resolution)),
    recovery: combineRecovery(tallies.map((one) => one.recovery)),
  };
}

function combineTimes(times: readonly Times[]): Times {
  const telling = times.filter(({ known }) => known > 0);
  return {
    known: sum(telling.map(({ known }) => known)),
    medianMs: telling.length === 1 ? (telling[0]?.medianMs ?? null) : null,
  };
}

function combineRecovery(tallies: readonly RecoveryTally[]): RecoveryTally {
  const telling = tallies.filter(({ recovered }) => recovered > 0);
  return {
    low: sum(tallies.map(({ low }) => low)),
    recovered: sum(tallies.map(({ recovered }) => recovered)),
    overdue: sum(tallies.map(({ overdue }) => overdue)),
    medianMs: telling.length === 1 ? (telling[0]?.medianMs ?? null) : null,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
