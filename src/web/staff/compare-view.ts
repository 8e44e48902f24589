import { compare } from '../../domain/compare.ts';
import { daysText, kindText, pointsText } from '../../domain/figure-words.ts';
import { lengthOf } from '../../domain/periods.ts';
import type { Question, Report } from '../../domain/report.ts';
import { countNumber, rateNumber, type ShownFigure, shownFigure, timeNumber } from './numbers.ts';

/** What became of the figures around a day. Both reports are of one metric. */
export function compareView(before: Report, after: Report) {
  const metric = after.metric ?? before.metric;
  const { verdict, difference, interval } = compare(before.total, after.total);
  const kind = kindText(metric);
  const headline = {
    higher: `${kind} is higher since then.`,
    lower: `${kind} is lower since then.`,
    'cannot be told apart': `${kind} before and after cannot be told apart.`,
    'too few answers': 'Too few answers to compare.',
  }[verdict];
  return {
    kind,
    verdict,
    headline,
    difference: difference === null ? null : pointsText(difference),
    interval: interval === null ? null : `${pointsText(interval.low)} to ${pointsText(interval.high)}`,
    before: side(before, metric),
    after: side(after, metric),
    rows: besideRows(before, after),
    minimum: after.settings.minimum,
    isNps: metric?.kind === 'nps',
  };
}

function side(
  { question, total }: Report,
  metric: Report['metric'],
): {
  days: string;
  length: number;
  figure: ShownFigure;
} {
  return {
    days: daysText(question.from, question.to),
    length: lengthOf(question),
    figure: shownFigure(total, metric, withMetric(question, metric)),
  };
}

/** What stands next to the score, both times; no verdict, since nothing here has an interval. */
function besideRows(before: Report, after: Report) {
  const both = <T>(pick: (report: Report) => T) => ({ before: pick(before), after: pick(after) });
  return [
    { name: 'Closed cases', ...both((one) => countNumber(one.total.tally.closures, one.question)) },
    {
      name: 'Low scores of all answers',
      ...both(({ total: { tally }, question, metric }) =>
        rateNumber(tally.low, tally.answered, withMetric(question, metric), { only: 'low' }),
      ),
    },
    { name: 'First reply, median', ...both((one) => timeNumber(one.total.tally.firstReply, one.question)) },
    { name: 'Resolution, median', ...both((one) => timeNumber(one.total.tally.resolution, one.question)) },
    {
      name: 'Reopened',
      ...both(({ total: { tally }, question }) =>
        rateNumber(tally.reopened, tally.closures, question, { only: 'reopened' }),
      ),
    },
    {
      name: 'Recovered of low scores',
      ...both(({ total: { tally }, question, metric }) =>
        rateNumber(tally.recovery.recovered, tally.recovery.low, withMetric(question, metric), {
          only: 'recovered',
        }),
      ),
    },
  ];
}

function withMetric(question: Question, metric: Report['metric']): Question {
  return metric === null ? question : { ...question, metric: metric.key };
}
