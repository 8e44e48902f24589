import type { Measured, Metric, Report } from '../domain/report.ts';
import { csvLines } from '../web/staff/csv.ts';

/** The columns, in order; programs go by their names. Percentages from 0 to 100, not rounded; empty where too little is known. */
const COLUMNS = [
  'part',
  'dimension',
  'value',
  'label',
  'from',
  'to',
  'metric',
  'closures',
  'asked',
  'answered',
  'response_rate',
  'satisfied',
  'low',
  'percent',
  'interval_low',
  'interval_high',
  'average',
  'scores',
  'rank',
  'reopened',
  'first_reply_median_s',
  'resolution_median_s',
  'recovered',
  'overdue',
] as const;

/** A report as CSV: one row for the period, the baseline, each step of the trend and each slice. A cell that would start a formula does not. */
export function reportCsv(report: Report): string {
  const { question, metric, total, baseline, trend, splits } = report;
  const period = { from: question.from, to: question.to, metric };
  const rows = [
    { part: 'total', ...period, ...measuredCells(total) },
    { part: 'baseline', ...period, from: null, to: null, ...measuredCells(baseline) },
    ...trend.map(({ from, to, metric: own, ...step }) => ({
      part: 'trend',
      from,
      to,
      metric: own,
      ...measuredCells(step),
    })),
    ...splits.flatMap(({ by, slices }) =>
      slices.map(({ value, label, rank, ...slice }) => ({
        part: 'slice',
        dimension: by,
        value,
        label,
        ...period,
        rank,
        ...measuredCells(slice),
      })),
    ),
  ].map((row) => ({ ...row, metric: keyOf(row.metric) }));
  const cells: readonly Partial<Record<(typeof COLUMNS)[number], string | number | null>>[] = rows;
  return csvLines([COLUMNS, ...cells.map((row) => COLUMNS.map((name) => row[name] ?? null))]);
}

function keyOf(metric: Metric | null): string {
  return metric?.key ?? '';
}

function measuredCells({ tally, figure }: Measured) {
  return {
    closures: tally.closures,
    asked: tally.asked,
    answered: tally.answered,
    response_rate: figure.responseRate,
    satisfied: tally.satisfied,
    low: tally.low,
    percent: figure.percent,
    interval_low: figure.interval?.low ?? null,
    interval_high: figure.interval?.high ?? null,
    average: figure.average,
    scores: tally.scores.join(' '),
    reopened: tally.reopened,
    first_reply_median_s: seconds(tally.firstReply.medianMs),
    resolution_median_s: seconds(tally.resolution.medianMs),
    recovered: tally.recovery.recovered,
    overdue: tally.recovery.overdue,
  };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}
