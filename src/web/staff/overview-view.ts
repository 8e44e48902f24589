import { compare } from '../../domain/compare.ts';
import {
  countText,
  daysText,
  dayText,
  dimensionText,
  figureText,
  kindText,
  pointsText,
} from '../../domain/figure-words.ts';
import { goalOn, guideWords, progressOf } from '../../domain/goal.ts';
import { daysBefore, stepFor, stepsFor } from '../../domain/periods.ts';
import { queryOf } from '../../domain/question-query.ts';
import type { Dimension, Flag, Metric, Question, Report, Step } from '../../domain/report.ts';
import { SCALES } from '../../domain/score.ts';
import { labelled } from '../../domain/slice-labels.ts';
import type { Choices } from '../../store/report-choices.ts';
import type { Asked } from './asked.ts';
import {
  distributionPicture,
  intervalPicture,
  responsePicture,
  type ShownChart,
  trendPicture,
} from './chart-view.ts';
import { countNumber, listHref, rateNumber, type ShownFigure, shownFigure, timeNumber } from './numbers.ts';

/** Everything on the overview but the filters, as the template needs it. */
export async function overviewView(report: Report, asked: Asked, options: { hasFlags: boolean }) {
  const { question } = asked;
  const { metric, total } = report;
  return {
    kind: kindText(metric),
    figure: shownFigure(total, metric, question),
    guide: metric === null ? null : guideWords(metric, total.figure),
    history: historyOf(report, question),
    goal: goalOf(report, asked),
    trend: await trendOf(report, question),
    distribution:
      metric === null || total.tally.answered === 0 ? null : await distributionOf(report, metric, question),
    beside: besideOf(report, question),
    recovery: recoveryOf(report, question),
    flags: options.hasFlags ? report.flags.map(shownFlag) : [],
    split: await splitOf(report, question),
    minimum: countText(report.settings.minimum),
    steps: stepLinks(asked),
  };
}

/** The period against what came right before it: a trend against one's own history is worth more than any other. */
function historyOf({ metric, total, baseline, settings }: Report, question: Question) {
  if (metric === null || settings.baselineDays === 0) return null;
  const before: Question = {
    ...question,
    from: daysBefore(question.from, settings.baselineDays),
    to: daysBefore(question.from, 1),
    metric: metric.key,
  };
  const { verdict, difference, interval } = compare(baseline, total);
  const days = `the ${settings.baselineDays} days before`;
  const figure = shownFigure(baseline, metric, before);
  const apart =
    interval === null ? '' : ` (${pointsText(interval.low)} to ${pointsText(interval.high)} points)`;
  const sentence = {
    higher: `Higher than in ${days}${apart}.`,
    lower: `Lower than in ${days}${apart}.`,
    'cannot be told apart': `Cannot be told apart from ${days}${apart}.`,
    'too few answers': `Too few answers to compare with ${days}.`,
  }[verdict];
  return { verdict, sentence, difference, figure };
}

function goalOf({ settings, metric, total }: Report, { question, today }: Asked) {
  const { goal } = settings;
  if (goal === null || metric === null || metric.kind === 'nps') return null;
  const day = question.to < today ? question.to : today;
  const { verdict, done } = progressOf(goal, total.figure, day);
  const expected = figureText(metric, goalOn(goal, day));
  const sentence = {
    'on track': 'Even the low end of the interval is at or above the line.',
    behind: 'Even the high end of the interval is below the line.',
    'cannot be told apart': 'The interval is on both sides of the line.',
    'too few answers': 'The figures follow when there are enough.',
  }[verdict];
  return {
    from: figureText(metric, goal.from.percent),
    fromDay: dayText(goal.from.day),
    to: figureText(metric, goal.to.percent),
    toDay: dayText(goal.to.day),
    expected,
    day: dayText(day),
    tone: { 'on track': 'good', behind: 'problem', 'cannot be told apart': '', 'too few answers': '' }[
      verdict
    ],
    word: {
      'on track': 'on track',
      behind: 'behind',
      'cannot be told apart': 'around the line',
      'too few answers': 'too few answers',
    }[verdict],
    sentence,
    done: done === null ? null : Math.round(done),
  };
}

function stepLinks({ question, chosen, step }: Asked) {
  const current = step ?? stepFor(question);
  return stepsFor(question).map((name) => {
    const query = new URLSearchParams(queryOf({ ...question, filters: chosen }));
    query.set('step', name);
    return { name, href: `/dashboard?${query}`, isCurrent: name === current };
  });
}

export interface ShownStep {
  readonly days: string;
  readonly metric: string;
  readonly figure: ShownFigure;
}

async function trendOf(report: Report, question: Question) {
  const { trend, breaks, baseline, settings, metric } = report;
  if (trend.length === 0) return null;
  const pictures: readonly ShownChart[] = await Promise.all([trendPicture(report), responsePicture(report)]);
  return {
    picture: pictures[0],
    response: pictures[1],
    rows: trend.map((step): ShownStep => shownStep(step, question)),
    says: [
      [
        metric?.kind === 'nps' ? 'Dots: the figure.' : 'Dots and whiskers: the figure and its 95% interval.',
        baseline.figure.interval === null
          ? ''
          : `Band: the interval of the ${settings.baselineDays} days before.`,
        trend.some(({ tally, figure }) => tally.answered > 0 && !figure.isEnough)
          ? `Empty dots: fewer than ${countText(settings.minimum)} answers, too few to say.`
          : '',
      ]
        .filter((one) => one !== '')
        .join(' '),
      ...breaks.map(
        ({ day, from, to }) =>
          `On ${dayText(day)} metric ${from.name} (satisfied from ${from.satisfiedFrom} on ${from.scale}) gave way to ${to.name} (from ${to.satisfiedFrom} on ${to.scale}): figures before and after are not the same thing, so the line stops there.`,
      ),
    ],
  };
}

function shownStep(step: Step, question: Question): ShownStep {
  return {
    days: daysText(step.from, step.to),
    metric: step.metric.name,
    figure: shownFigure(step, step.metric, {
      ...question,
      from: step.from,
      to: step.to,
      metric: step.metric.key,
    }),
  };
}

async function distributionOf({ total: { tally, figure } }: Report, metric: Metric, question: Question) {
  const { min, labels } = SCALES[metric.scale];
  return {
    picture: await distributionPicture(metric, tally),
    average: figure.average === null ? null : figure.average.toFixed(2),
    rows: tally.scores
      .map((count, nth) => ({
        score: min + nth,
        label: metric.kind === 'csat' && labels[nth] !== String(min + nth) ? labels[nth] : null,
        isSatisfied: min + nth >= metric.satisfiedFrom,
        count: countNumber(count, question, { only: 'answered', score: min + nth }),
        share: rateNumber(count, tally.answered, question, { only: 'answered', score: min + nth }),
      }))
      .reverse(),
  };
}

function besideOf({ total: { tally }, metrics }: Report, question: Question) {
  return {
    closures: countNumber(tally.closures, question),
    notAskedTitle: metrics.length > 1 ? 'Not asked with this metric' : 'Not asked',
    notAsked: countNumber(tally.closures - tally.asked, question, { only: 'not-asked' }),
    firstReply: timeNumber(tally.firstReply, question),
    firstReplyKnown: countText(tally.firstReply.known),
    resolution: timeNumber(tally.resolution, question),
    resolutionKnown: countText(tally.resolution.known),
    reopened: countNumber(tally.reopened, question, { only: 'reopened' }),
    reopenRate: rateNumber(tally.reopened, tally.closures, question, { only: 'reopened' }),
  };
}

function recoveryOf({ total: { tally } }: Report, question: Question) {
  const { low, recovered, overdue } = tally.recovery;
  return {
    low: countNumber(low, question, { only: 'low' }),
    recovered: countNumber(recovered, question, { only: 'recovered' }),
    rate: rateNumber(recovered, low, question, { only: 'recovered' }),
    waiting: countNumber(low - recovered, question, { only: 'not-recovered' }),
    overdue: countNumber(overdue, question, { only: 'overdue' }),
    hasOverdue: overdue > 0,
    time: timeNumber(tally.recovery, question, { only: 'recovered' }),
  };
}

function shownFlag({ title, detail, question, only }: Flag) {
  return { title, detail, href: listHref(question, { only }) };
}

/** Splits that the overview shows the first useful one of. */
export const OVERVIEW_SPLITS = ['team', 'agent', 'channel'] as const satisfies readonly Dimension[];
const MOST_ON_OVERVIEW = 8;

/** The largest slices of the first split that tells anything apart; null where none does. */
async function splitOf({ splits, metric, total }: Report, question: Question) {
  const split = OVERVIEW_SPLITS.flatMap((by) => splits.filter((one) => one.by === by)).find(
    ({ slices }) => slices.filter(({ value, figure }) => value !== '' && figure.isEnough).length >= 2,
  );
  if (split === undefined) return null;
  const slices = labelled(split.by, split.slices)
    .toSorted((one, other) => other.tally.closures - one.tally.closures)
    .slice(0, MOST_ON_OVERVIEW);
  const { by } = split;
  return {
    title: `By ${dimensionText(by).toLowerCase()}`,
    dimension: dimensionText(by),
    href: `/dashboard/by/${by}?${queryOf(question)}`,
    picture: await intervalPicture({ metric, slices, total }, 'split'),
    rows: slices.map((slice) => {
      const own: Question = { ...question, filters: { ...question.filters, [by]: [slice.value] } };
      return {
        label: slice.label,
        href: `/dashboard?${queryOf(own)}`,
        figure: shownFigure(slice, metric, own),
      };
    }),
    more: split.slices.length + split.more - slices.length,
  };
}

/** Where a page of slices is, with the same question. */
export function slicesLinks({ splits }: Pick<Choices, 'splits'>, question: Question, current?: Dimension) {
  return splits
    .filter(({ by, slices }) => by === current || slices.length > 1)
    .map(({ by, slices, more }) => ({
      by,
      text: dimensionText(by),
      count: countText(slices.length + more),
      href: `/dashboard/by/${by}?${queryOf(question)}`,
    }));
}
