import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import { figureOf, rankSlices } from '../domain/figures.ts';
import {
  type AskedOnDay,
  breaksOf,
  metricsLatestFirst,
  reigning,
  successionOf,
} from '../domain/metric-succession.ts';
import { dayIn, lengthOf, type StepLength, stepFor } from '../domain/periods.ts';
import type {
  Dimension,
  Measured,
  Metric,
  Question,
  Report,
  ReportSettings,
  Slice,
} from '../domain/report.ts';
import { dayAfter, type Span, spansOf } from '../domain/report-period.ts';
import { type Counts, type OutcomeBook, openBook, sumOf, tallyOf } from './report-counts.ts';
import { readDayRange } from './report-days.ts';
import {
  type NumberedFilters,
  type NumberedMetric,
  numberFilters,
  readMetrics,
  readValues,
} from './report-filters.ts';
import { readFlags } from './report-flags.ts';
import { catchUp } from './report-fold.ts';
import { openLedger } from './report-ledger.ts';
import { type SplitLedger, scan } from './report-scan.ts';
import type { Tables } from './tables.ts';

export interface ReportDeps {
  readonly db: Kysely<Tables>;
  readonly settings: ReportSettings;
  readonly clock: Clock;
}

export interface ReportWish {
  readonly splits: readonly Dimension[];
  /** Default: what suits the length of the period. */
  readonly step?: StepLength;
  /** Whether to look for what speaks against the figures. Default: no, `flags` is empty then. */
  readonly flags?: boolean;
}

/** Slices of one split; the rest are told as a number. */
const MOST_SLICES = 500;

/**
 * Answers a question. Changes that wait are taken in first when they are few, else `behind` says how many are missing. All
 * figures of one answer are counted from the same reading, so that they fit together; memory does not grow with the closures.
 */
export async function readReport(deps: ReportDeps, question: Question, wish: ReportWish): Promise<Report> {
  const { db, settings } = deps;
  const behind = await catchUp(db, settings.zone);
  const numbered = await readMetrics(db);
  const counting = {
    deps,
    question,
    filters: await numberFilters(db, question.filters),
    book: openBook(),
  };
  const step = fewEnough(question, wish.step ?? stepFor(question));
  const counted = await countPeriod(counting, { step, splits: wish.splits });
  const asked = counted.asked.flatMap(({ metric: id, ...one }) => {
    const metric = numbered.get(id);
    return metric === undefined ? [] : [{ ...one, metric }];
  });
  const metrics = metricsLatestFirst(asked);
  const metric = chosenMetric(question, metrics, numbered);
  const measure = (counts: Counts, of: Metric | null): Measured => {
    const tally = tallyOf(counts, counting.book, numberedOf(of, numbered));
    return { tally, figure: figureOf(of, tally, settings.minimum) };
  };
  const reigns = metric === null ? [] : successionOf(asked, metric);
  const breaks = breaksOf(reigns).filter(({ to }) => question.metric === null || to.key === metric?.key);
  const steps = await cutAt(counting, {
    steps: counted.steps,
    length: step,
    days: breaks.map(({ day }) => day),
  });
  const total = sumOf(counted.steps.map(({ counts }) => counts));
  return {
    question,
    settings,
    metric: metric === null ? null : plain(metric),
    metrics: metrics.map(plain),
    total: measure(total, metric),
    baseline: measure(counted.baseline, metric),
    trend: steps.flatMap(({ from, to, counts }) => {
      const of = question.metric === null ? reigning(reigns, from) : metric;
      return of === null ? [] : [{ from, to, metric: plain(of), ...measure(counts, of) }];
    }),
    breaks: breaks.map(({ day, from, to }) => ({ day, from: plain(from), to: plain(to) })),
    splits: await Promise.all(
      counted.splits.map(async (split) => slicesOf(deps, split, (one) => measure(one, metric))),
    ),
    flags:
      wish.flags === true
        ? await readFlags(db, {
            question,
            metric: numberedOf(metric, numbered),
            filters: counting.filters,
            ...settings,
            now: deps.clock.now(),
          })
        : [],
    behind,
  };
}

/** Points of a trend; longer ones are told in longer steps. */
const MOST_STEPS = 400;

function fewEnough(period: Span, step: StepLength): StepLength {
  const days = lengthOf(period);
  if (step === 'day' && days > MOST_STEPS) return fewEnough(period, 'week');
  return step === 'week' && days > MOST_STEPS * 7 ? 'month' : step;
}

interface Counting {
  readonly deps: ReportDeps;
  readonly question: Question;
  readonly filters: NumberedFilters;
  readonly book: OutcomeBook;
}

type CountedStep = Span & { readonly counts: Counts };

/** Databases have no year 0. */
const EARLIEST = '0002-01-02';

function later(one: string, other: string): string {
  return one < other ? other : one;
}

/** The part of a period in which anything can have closed; null when nothing can. */
async function closedWithin(db: Kysely<Tables>, { from, to }: Span, today: string): Promise<Span | null> {
  const known = await readDayRange(db);
  if (known === null) return null;
  const start = later(from, known.from);
  const latest = later(known.to, today);
  const end = to < latest ? to : latest;
  return start > end ? null : { from: start, to: end };
}

/** One reading of the days from the beginning of the baseline to the end of the period. */
async function countPeriod(
  { deps, question, filters, book }: Counting,
  { step, splits: by }: { step: StepLength; splits: readonly Dimension[] },
) {
  const { settings, clock, db } = deps;
  const period = await closedWithin(db, question, dayIn(settings.zone, clock.now()));
  const spans = period === null ? [] : spansOf(period, step);
  const days = openLedger(book);
  const splits = by.map((one): SplitLedger => ({ by: one, lines: new Map(), ledger: openLedger(book) }));
  const asked: (Omit<AskedOnDay, 'metric'> & { metric: number })[] = [];
  await scan(db, {
    from: dayAfter(later(question.from, EARLIEST), -settings.baselineDays),
    to: question.to,
    filters,
    book,
    now: clock.now(),
    days,
    // The baseline comes after the steps.
    lineOf: (day) => (day < question.from ? spans.length : spans.findIndex(({ to }) => day <= to)),
    splits,
    splitsFrom: question.from,
    onDay(day, { outcomes }) {
      if (day < question.from) return;
      const byOutcome = new Uint32Array(book.outcomes.length);
      for (const outcome of outcomes) (byOutcome[outcome] as number) += 1;
      const byMetric = new Map<number, number>();
      byOutcome.forEach((count, place) => {
        const metric = book.outcomes[place]?.metric ?? 0;
        if (count > 0 && metric !== 0) byMetric.set(metric, (byMetric.get(metric) ?? 0) + count);
      });
      for (const [metric, count] of byMetric) asked.push({ day, metric, asked: count });
    },
  });
  const steps = spans.map((span, line): CountedStep => ({ ...span, counts: days.counts(line) }));
  return { steps, baseline: days.counts(spans.length), splits, asked };
}

/** A step in which the metric changes is told in two, so that no point of a line stands for two metrics. */
async function cutAt(
  { deps, filters, book }: Counting,
  { steps, length, days }: { steps: readonly CountedStep[]; length: StepLength; days: readonly string[] },
): Promise<readonly CountedStep[]> {
  const cut: CountedStep[] = [];
  for (const step of steps) {
    const spans = spansOf(step, length, days);
    if (spans.length === 1) {
      cut.push(step);
      continue;
    }
    const ledger = openLedger(book);
    const lineOf = (day: string) => spans.findIndex(({ to }) => day <= to);
    const now = deps.clock.now();
    await scan(deps.db, {
      from: step.from,
      to: step.to,
      filters,
      book,
      now,
      days: ledger,
      lineOf,
      splits: [],
      splitsFrom: step.from,
    });
    cut.push(...spans.map((span, line) => ({ ...span, counts: ledger.counts(line) })));
  }
  return cut;
}

async function slicesOf(
  { db }: ReportDeps,
  { by, lines, ledger }: SplitLedger,
  measure: (counts: Counts) => Measured,
): Promise<Report['splits'][number]> {
  const values = await readValues(db, [...lines.keys()]);
  const slices = [...lines].map(
    ([id, line]): Slice => ({
      value: '',
      label: '',
      ...values.get(id),
      ...measure(ledger.counts(line)),
      rank: null,
    }),
  );
  const inOrder = slices
    .filter(({ tally }) => tally.closures > 0)
    .toSorted(
      (a, b) =>
        b.tally.closures - a.tally.closures ||
        a.label.localeCompare(b.label, 'en') ||
        (a.value < b.value ? -1 : 1),
    );
  return {
    by,
    slices: rankSlices(inOrder.slice(0, MOST_SLICES)),
    more: Math.max(0, inOrder.length - MOST_SLICES),
  };
}

function chosenMetric(
  question: Question,
  metrics: readonly Metric[],
  numbered: ReadonlyMap<number, NumberedMetric>,
): Metric | null {
  if (question.metric === null) return metrics[0] ?? null;
  return [...numbered.values()].find(({ key }) => key === question.metric) ?? null;
}

function numberedOf(
  metric: Metric | null,
  numbered: ReadonlyMap<number, NumberedMetric>,
): NumberedMetric | null {
  return [...numbered.values()].find(({ key }) => key === metric?.key) ?? null;
}

function plain({ key, name, kind, scale, satisfiedFrom }: Metric): Metric {
  return { key, name, kind, scale, satisfiedFrom };
}
