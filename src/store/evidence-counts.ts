import type { Share } from '../domain/compare.ts';
import type { Tally, Times } from '../domain/report.ts';
import { SCALES } from '../domain/score.ts';
import { SIGNS } from '../domain/signs.ts';
import { medianOf, TIME_BUCKETS } from '../domain/time-buckets.ts';
import { type Column, type ReadColumn, unpackOutcome } from './report-columns.ts';
import type { ReportDay } from './report-days.ts';
import type { NumberedFilters, NumberedMetric } from './report-filters.ts';

/** The columns of a day that are counted. */
export const EVIDENCE_COLUMNS = ['agent', 'team', 'outcome', 'signs', 'firstReply', 'resolution'] as const;

/** What closures of a period came to, of one metric. Its size does not grow with them. */
export interface Count {
  readonly metric: NumberedMetric | null;
  closures: number;
  asked: number;
  answered: number;
  satisfied: number;
  low: number;
  reopened: number;
  /** Asked long enough ago, and of those answered soon. */
  ripe: number;
  prompt: number;
  readonly scores: number[];
  /** By the bucket plus one; at 0 those that do not tell. */
  readonly firstReply: Uint32Array;
  readonly resolution: Uint32Array;
}

/** Of one agent in one team, by the numbers that stand for them. */
export type Cells = Map<number, Map<number, Cell>>;
export interface Cell {
  closures: number;
  answered: number;
  avoided: number;
  addressChanged: number;
}

export function openCount(metric: NumberedMetric | null): Count {
  const scale = metric === null ? null : SCALES[metric.scale];
  const counts = {
    closures: 0,
    asked: 0,
    answered: 0,
    satisfied: 0,
    low: 0,
    reopened: 0,
    ripe: 0,
    prompt: 0,
  };
  return {
    metric,
    ...counts,
    scores: scale === null ? [] : new Array<number>(scale.max - scale.min + 1).fill(0),
    firstReply: new Uint32Array(TIME_BUCKETS + 1),
    resolution: new Uint32Array(TIME_BUCKETS + 1),
  };
}

/** Adds a day's closures that all filters let through, and to `cells` those of each agent and team. */
export function countDay(
  day: ReportDay,
  filters: NumberedFilters,
  count: Count,
  isRipe: boolean,
  cells: Cells | null,
): void {
  const { metric } = count;
  const column = (name: Column) => reading(day.column(name));
  const [agent, team, outcomes, signs] = [
    column('agent'),
    column('team'),
    column('outcome'),
    column('signs'),
  ];
  const [firstReply, resolution] = [column('firstReply'), column('resolution')];
  const passing = [...filters].map(([name, wanted]) => ({ of: column(name), wanted }));
  const known = new Map<number, ReturnType<typeof unpackOutcome>>();
  for (let row = 0; row < day.closures; row += 1) {
    if (passing.some(({ of, wanted }) => !wanted.has(of(row)))) continue;
    const packed = outcomes(row);
    const outcome = known.get(packed) ?? unpackOutcome(packed);
    known.set(packed, outcome);
    const bits = signs(row);
    const isAsked = metric !== null && outcome.metric === metric.id;
    const isAnswered = isAsked && outcome.score !== null;
    count.closures += 1;
    if (outcome.reopened) count.reopened += 1;
    addOne(count.firstReply, firstReply(row));
    addOne(count.resolution, resolution(row));
    if (isAsked) count.asked += 1;
    if (isAsked && isRipe) count.ripe += 1;
    if (isAsked && isRipe && (bits & SIGNS.prompt) !== 0) count.prompt += 1;
    if (isAnswered) addAnswer(count, metric, outcome);
    if (cells === null) continue;
    const cell = cellOf(cells, agent(row), team(row));
    cell.closures += 1;
    if (isAnswered) cell.answered += 1;
    if ((bits & SIGNS.avoided) !== 0) cell.avoided += 1;
    if ((bits & SIGNS.addressChanged) !== 0) cell.addressChanged += 1;
  }
}

function addAnswer(
  count: Count,
  { scale }: NumberedMetric,
  { score, satisfied, low }: ReturnType<typeof unpackOutcome>,
): void {
  const point = (score ?? 0) - SCALES[scale].min;
  count.answered += 1;
  count.scores[point] = (count.scores[point] ?? 0) + 1;
  if (satisfied) count.satisfied += 1;
  if (low) count.low += 1;
}

export function tallyOf({ firstReply, resolution, ...count }: Count): Tally {
  return {
    closures: count.closures,
    asked: count.asked,
    answered: count.answered,
    satisfied: count.satisfied,
    low: count.low,
    scores: count.scores,
    reopened: count.reopened,
    firstReply: timesOf(firstReply),
    resolution: timesOf(resolution),
    recovery: { low: count.low, recovered: 0, overdue: 0, medianMs: null },
  };
}

function timesOf(counts: Uint32Array): Times {
  return medianOf(counts.subarray(1));
}

/** Of the times, those longer than the median of the others. */
export function slowerThan(others: Uint32Array, times: Uint32Array): Share {
  const all = sum(times.subarray(1));
  let left = Math.ceil(sum(others.subarray(1)) / 2);
  let place = 1;
  while (place < others.length - 1 && left > (others[place] ?? 0)) {
    left -= others[place] ?? 0;
    place += 1;
  }
  return { positive: sum(times.subarray(place + 1)), all };
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function cellOf(cells: Cells, agent: number, team: number): Cell {
  const teams = cells.get(agent) ?? new Map<number, Cell>();
  cells.set(agent, teams);
  const cell = teams.get(team) ?? { closures: 0, answered: 0, avoided: 0, addressChanged: 0 };
  teams.set(team, cell);
  return cell;
}

function addOne(counts: Uint32Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}

function reading({ entries, places }: ReadColumn): (row: number) => number {
  if (places === null) return () => entries[0] ?? 0;
  return (row) => entries[places[row] ?? 0] ?? 0;
}
