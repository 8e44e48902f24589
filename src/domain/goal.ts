import type { Figure, Goal, Metric } from './report.ts';

/** How a figure stands to the goal's line on a day. */
export interface Progress {
  /** The percentage that the line asks for on that day. */
  readonly expected: number;
  /** How much of the way from the goal's start to its end is done, from 0 to 100; null where the figure tells too little. */
  readonly done: number | null;
  /** `on track` and `behind` only where the whole interval says so. */
  readonly verdict: 'on track' | 'behind' | 'cannot be told apart' | 'too few answers';
}

/** Where the goal's line is on a day: straight from start to end, level before and after. */
export function goalOn({ from, to }: Goal, day: string): number {
  const length = daysBetween(from.day, to.day);
  const passed = Math.min(Math.max(daysBetween(from.day, day), 0), Math.max(length, 0));
  if (length <= 0) return to.percent;
  return from.percent + ((to.percent - from.percent) * passed) / length;
}

/** Progress of a percentage towards the goal, judged on this day, usually the last of a period that has ended. */
export function progressOf(goal: Goal, figure: Figure, day: string): Progress {
  const expected = goalOn(goal, day);
  if (figure.percent === null || figure.interval === null) {
    return { expected, done: null, verdict: 'too few answers' };
  }
  const way = goal.to.percent - goal.from.percent;
  const gone = figure.percent - goal.from.percent;
  const done = way === 0 ? (gone >= 0 ? 100 : 0) : Math.min(Math.max((gone * 100) / way, 0), 100);
  return { expected, done, verdict: verdictOf(figure.interval, expected) };
}

function verdictOf({ low, high }: { low: number; high: number }, expected: number): Progress['verdict'] {
  if (low >= expected) return 'on track';
  return high < expected ? 'behind' : 'cannot be told apart';
}

const BANDS = [
  { from: 90, word: 'excellent' },
  { from: 80, word: 'good' },
  { from: 70, word: 'fair' },
  { from: 0, word: 'a significant issue' },
] as const;

/**
 * What people often call such a CSAT, over the whole interval: "good", or "fair to excellent". No more than a guide; one's
 * own history says more. Null for other kinds of metric and for too few answers.
 */
export function guideWords(
  metric: Pick<Metric, 'kind'>,
  { interval }: Pick<Figure, 'interval'>,
): string | null {
  if (metric.kind !== 'csat' || interval === null) return null;
  const [low, high] = [wordOf(interval.low), wordOf(interval.high)];
  return low === high ? low : `${low} to ${high}`;
}

function wordOf(percent: number): string {
  return BANDS.find(({ from }) => percent >= from)?.word ?? BANDS[3].word;
}

const DAY_MS = 86_400_000;

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}
