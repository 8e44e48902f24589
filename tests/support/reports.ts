import { figureOf } from '../../src/domain/figures.ts';
import type {
  Dimension,
  Measured,
  Metric,
  Question,
  Report,
  ReportSettings,
  Slice,
  Step,
  Tally,
} from '../../src/domain/report.ts';

/** Reports made by hand, whose figures follow from their counts: for pages, charts and mails without a store. */

export const METRIC: Metric = {
  key: 'csat 1-5 4 2026-11',
  name: '2026-11',
  kind: 'csat',
  scale: '1-5',
  satisfiedFrom: 4,
};

export const EARLIER_METRIC: Metric = {
  ...METRIC,
  key: 'csat 1-5 5 2026-01',
  name: '2026-01',
  satisfiedFrom: 5,
};

export const SETTINGS: ReportSettings = {
  zone: 'Europe/Berlin',
  minimum: 10,
  goal: { from: { percent: 80, day: '2026-10-01' }, to: { percent: 90, day: '2026-12-31' } },
  baselineDays: 30,
};

export const QUESTION: Question = { from: '2026-11-01', to: '2026-11-30', filters: {}, metric: null };

export const NOBODY: Tally = {
  closures: 0,
  asked: 0,
  answered: 0,
  satisfied: 0,
  low: 0,
  scores: [],
  reopened: 0,
  firstReply: { known: 0, medianMs: null },
  resolution: { known: 0, medianMs: null },
  recovery: { low: 0, recovered: 0, overdue: 0, medianMs: null },
};

const HOUR_MS = 3_600_000;

/** Answers per point of 1-5, from the lowest, among so many closures of which so many were asked. */
export function tallyOf(
  scores: readonly number[],
  { asked, closures }: { asked: number; closures: number },
): Tally {
  const answered = sum(scores);
  const low = sum(scores.slice(0, 2));
  return {
    closures,
    asked,
    answered,
    satisfied: sum(scores.slice(3)),
    low,
    scores,
    reopened: Math.round(closures / 20),
    firstReply: { known: closures, medianMs: closures === 0 ? null : 2.4 * HOUR_MS },
    resolution: { known: closures, medianMs: closures === 0 ? null : 29 * HOUR_MS },
    recovery: {
      low,
      recovered: Math.floor(low * 0.7),
      overdue: Math.min(low, 2),
      medianMs: low < 2 ? null : 5.5 * HOUR_MS,
    },
  };
}

export function measured(tally: Tally, minimum = SETTINGS.minimum): Measured {
  return { tally, figure: figureOf(METRIC, tally, minimum) };
}

export function sliceOf(value: string, tally: Tally, over: Partial<Slice> = {}): Slice {
  return { ...measured(tally), value, label: value, rank: null, ...over };
}

/** A report over nothing but what is given. */
export function reportOf(over: Partial<Report> = {}): Report {
  return {
    question: QUESTION,
    settings: SETTINGS,
    metric: METRIC,
    metrics: [METRIC],
    total: measured(tallyOf([14, 17, 25, 111, 245], { asked: 1320, closures: 1702 })),
    baseline: measured(tallyOf([22, 24, 31, 120, 210], { asked: 1298, closures: 1650 })),
    trend: [],
    breaks: [],
    splits: [],
    flags: [],
    behind: 0,
    ...over,
  };
}

/** A period on which there is something of everything to see. */
export function fullReport(): Report {
  return reportOf({
    metrics: [METRIC, EARLIER_METRIC],
    trend: TREND,
    breaks: [{ day: '2026-11-08', from: EARLIER_METRIC, to: METRIC }],
    splits: [...SPLITS].map(([by, slices]) => ({ by, slices, more: by === 'topic' ? 12 : 0 })),
    flags: [
      {
        check: 'more-ones',
        title: 'More of the lowest scores under a steady average',
        detail: 'Scores of 1 went from 5 of 407 to 14 of 412 answers while the average stayed at 4.3.',
        question: QUESTION,
        only: 'low',
      },
      {
        check: 'skips',
        title: 'Ben Okafor’s closings are asked about less often than others’',
        detail: '61 of 102 closings were not asked about (59.8 %); of all others 381 of 1,600 (23.8 %).',
        question: { ...QUESTION, filters: { agent: ['zendesk-eu/12'] } },
        only: 'not-asked',
      },
    ],
  });
}

const TREND: readonly Step[] = (
  [
    ['2026-11-01', EARLIER_METRIC, [1, 1, 4, 9, 26]],
    ['2026-11-04', EARLIER_METRIC, [2, 1, 1, 10, 21]],
    ['2026-11-08', METRIC, [2, 3, 3, 13, 28]],
    ['2026-11-11', METRIC, [1, 0, 1, 2, 3]],
    ['2026-11-14', METRIC, [3, 4, 2, 16, 33]],
    ['2026-11-17', METRIC, [2, 1, 4, 19, 37]],
    ['2026-11-20', METRIC, [0, 0, 0, 0, 0]],
    ['2026-11-23', METRIC, [1, 2, 3, 20, 44]],
    ['2026-11-26', METRIC, [2, 5, 7, 22, 53]],
  ] as const
).map(([from, metric, scores], at, all): Step => {
  const next = all[at + 1]?.[0];
  const answered = sum(scores);
  return {
    ...measured(tallyOf(scores, { asked: answered * 3, closures: answered * 4 })),
    from,
    to: next === undefined ? '2026-11-30' : dayBefore(next),
    metric,
  };
});

const SPLITS: ReadonlyMap<Dimension, readonly Slice[]> = new Map<Dimension, readonly Slice[]>([
  [
    'agent',
    [
      sliceOf('zendesk-eu/11', tallyOf([1, 1, 2, 21, 95], { asked: 352, closures: 440 }), {
        label: 'Ada Lindqvist',
        rank: 1,
      }),
      sliceOf('zendesk-eu/12', tallyOf([1, 2, 2, 6, 9], { asked: 41, closures: 102 }), {
        label: 'Ben Okafor',
      }),
      sliceOf('zendesk-eu/13', tallyOf([4, 5, 7, 33, 61], { asked: 350, closures: 450 }), {
        label: 'Chidi Anagonye',
      }),
      sliceOf('desk/7', tallyOf([7, 8, 10, 38, 62], { asked: 500, closures: 602 }), {
        label: 'Dana Whitfield-Castellanos',
      }),
      sliceOf('desk/8', tallyOf([1, 0, 1, 3, 2], { asked: 50, closures: 71 }), { label: 'Eli Brandt' }),
      sliceOf('', tallyOf([0, 0, 1, 2, 5], { asked: 27, closures: 37 }), { label: 'not known' }),
    ],
  ],
  [
    'team',
    [
      sliceOf('Billing', tallyOf([5, 7, 10, 48, 100], { asked: 560, closures: 700 })),
      sliceOf('Returns & refunds', tallyOf([9, 10, 14, 60, 140], { asked: 733, closures: 965 })),
      sliceOf('', tallyOf([0, 0, 1, 3, 5], { asked: 27, closures: 37 }), { label: 'not known' }),
    ],
  ],
  [
    'channel',
    [
      sliceOf('email', tallyOf([10, 12, 17, 80, 170], { asked: 980, closures: 1240 })),
      sliceOf('chat', tallyOf([4, 5, 8, 31, 75], { asked: 340, closures: 462 })),
    ],
  ],
  ['topic', [sliceOf('invoice', tallyOf([4, 5, 8, 31, 75], { asked: 340, closures: 462 }))]],
  [
    'language',
    [
      sliceOf('en', tallyOf([4, 5, 8, 31, 75], { asked: 340, closures: 462 })),
      sliceOf('de', tallyOf([10, 12, 17, 80, 170], { asked: 980, closures: 1240 })),
    ],
  ],
]);

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
