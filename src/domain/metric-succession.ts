import type { Break, Metric } from './report.ts';

/** How many closures of a day were asked with a metric, for every day and metric with any, in the order of days. */
export interface AskedOnDay {
  readonly day: string;
  readonly metric: Metric;
  readonly asked: number;
}

/**
 * The metrics of a period, the latest first: by the last day that each was asked with, on the same day by how often. The first
 * one is what a period is told by when nobody says which.
 */
export function metricsLatestFirst(asked: readonly AskedOnDay[]): readonly Metric[] {
  const last = new Map<string, AskedOnDay>();
  for (const one of asked) last.set(one.metric.key, one);
  return [...last.values()]
    .toSorted((a, b) => compare(b.day, a.day) || b.asked - a.asked || compare(a.metric.key, b.metric.key))
    .map(({ metric }) => metric);
}

/** One metric, and the day from which it is what one asks with; the first one of a line has none. */
export interface Reign {
  readonly metric: Metric;
  readonly since: string | null;
}

/**
 * The line of metrics that led to this one, oldest first: each took the place of another of its kind. A metric took another's
 * place when it goes on where the other ends, so that surveys which run side by side are not taken for changes; some closures
 * that are noticed late, or are asked by an older survey, do not hide a change.
 */
export function successionOf(asked: readonly AskedOnDay[], metric: Metric): readonly Reign[] {
  const byMetric = Map.groupBy(asked, (one) => one.metric.key);
  const reigns: Reign[] = [];
  const left = new Map(byMetric);
  for (let current: Metric | null = metric; current !== null; ) {
    const own: readonly AskedOnDay[] = left.get(current.key) ?? [];
    left.delete(current.key);
    const before: Before | null = predecessorOf(current, own, left);
    reigns.unshift({ metric: current, since: before?.until ?? null });
    current = before?.metric ?? null;
  }
  return reigns;
}

/** Where another metric begins. */
export function breaksOf(reigns: readonly Reign[]): readonly Break[] {
  return reigns.flatMap(({ metric, since }, nth) => {
    const from = reigns[nth - 1]?.metric;
    return since === null || from === undefined ? [] : [{ day: since, from, to: metric }];
  });
}

/** The metric of that day. */
export function reigning(reigns: readonly Reign[], day: string): Metric | null {
  return reigns.findLast(({ since }) => since === null || since <= day)?.metric ?? null;
}

interface Before {
  readonly metric: Metric;
  readonly until: string;
}

/** The share of a metric's closures that may lie on the other side of a change. */
const STRAY = 0.05;

function predecessorOf(
  current: Metric,
  own: readonly AskedOnDay[],
  others: ReadonlyMap<string, readonly AskedOnDay[]>,
): Before | null {
  const start = dayAt(own, STRAY);
  if (start === null) return null;
  const candidates = [...others.values()].flatMap((asked) => {
    const metric = asked[0]?.metric;
    const end = dayAt(asked, 1 - STRAY);
    if (metric === undefined || metric.kind !== current.kind || end === null || end > start) return [];
    return [{ metric, end, asked }];
  });
  const before = candidates.toSorted(
    (a, b) => compare(b.end, a.end) || compare(a.metric.key, b.metric.key),
  )[0];
  if (before === undefined) return null;
  return { metric: before.metric, until: takenOver(before.asked, own) };
}

/** The day up to which that share of the closures were asked. */
function dayAt(asked: readonly AskedOnDay[], share: number): string | null {
  const all = asked.reduce((sum, one) => sum + one.asked, 0);
  let sum = 0;
  for (const one of asked) {
    sum += one.asked;
    if (sum > all * share || sum === all) return one.day;
  }
  return null;
}

/** The first day from which on the new one is asked with more often than the old one, each day that either is. */
function takenOver(old: readonly AskedOnDay[], own: readonly AskedOnDay[]): string {
  const ownOn = new Map(own.map(({ day, asked }) => [day, asked]));
  const lastOfOld = old.findLast(({ day, asked }) => asked >= (ownOn.get(day) ?? 0))?.day ?? '';
  return own.find(({ day }) => day > lastOfOld)?.day ?? own.at(-1)?.day ?? lastOfOld;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
