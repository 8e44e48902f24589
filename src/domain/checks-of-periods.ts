import { chanceOfMore } from './chance.ts';
import { type Check, ERROR_RATE, type Finding, Z_SURE } from './check.ts';
import { compare, differenceOf, type Share } from './compare.ts';
import type { Evidence, Period } from './evidence.ts';
import { PROMPT_DAYS } from './evidence.ts';
import { countText, durationText, kindText, percentText, pointsText, shareText } from './figure-words.ts';
import { averageOf, figureOf, percentOf, wilson } from './figures.ts';
import type { Subset, Tally, Times } from './report.ts';
import { SCALES } from './score.ts';

/** Fewer on either side tell too little about a change to speak up. */
const LEAST = 100;
/** Less than half as much again may be sure and still matter to nobody. */
const MUCH_MORE = 1.5;
/** Times and reopenings are counted for every closing, so that less of a change is worth a look. */
const MORE = 1.25;
/** An average that fell by less of the scale's width has stayed, however many answers say so. */
const STEADY = 0.025;
/** A score that is surely above this is a high one, and a fall that leaves it there is none to worry about. */
const HIGH_PERCENT = 80;
/** Two weeks hold as many weekends as any other two. */
const LEAST_DAYS = 14;

/** What changed since the period before. */
export const PERIOD_CHECKS: readonly Check[] = [
  {
    check: 'more-ones',
    title: 'More of the lowest score under a steady average',
    look: (evidence) => {
      const { metric, now, before } = evidence;
      if (metric === null) return [];
      const averages = [before, now].map(({ tally }) => averageOf(metric, tally.scores));
      const [was, is] = averages;
      if (was == null || is == null || !isSteady(evidence)) return [];
      const { min } = SCALES[metric.scale];
      return rise(evidence, lowestOf, MUCH_MORE, 'low', (change) => {
        const average = `the average was ${was.toFixed(2)} and is ${is.toFixed(2)}`;
        return `Answers of ${min} rose from ${change}, while ${average}.`;
      });
    },
  },
  {
    check: 'reopens-up',
    title: 'More cases opened again under a score that holds',
    look: (evidence) => {
      const { metric, now, before } = evidence;
      const [was, is] = [before, now].map(({ tally }) => figureOf(metric, tally, LEAST));
      if (metric === null || was?.percent == null || is?.percent == null) return [];
      const fell = compare({ tally: before.tally, figure: was }, { tally: now.tally, figure: is });
      if (fell.verdict === 'lower' && (is.interval?.low ?? 0) < HIGH_PERCENT) return [];
      return rise(evidence, reopenedOf, MORE, 'reopened', (change) => {
        const score = `${kindText(metric)} was ${percentText(was.percent ?? 0)} and is ${percentText(is.percent ?? 0)}`;
        return `Cases opened again rose from ${change}, while ${score}.`;
      });
    },
  },
  {
    check: 'slower-reply',
    title: 'First replies got slower',
    look: (evidence) =>
      slower(
        evidence,
        'First replies',
        ({ firstReply }) => firstReply,
        (one) => one.slowReply,
      ),
  },
  {
    check: 'slower-resolution',
    title: 'Cases take longer to resolve',
    look: (evidence) =>
      slower(
        evidence,
        'Resolutions',
        ({ resolution }) => resolution,
        (one) => one.slowResolution,
      ),
  },
  {
    check: 'fewer-answers',
    title: 'Fewer customers answer',
    look: (evidence) => {
      const silent = ({ prompt }: Period): Share => ({ ...prompt, positive: prompt.all - prompt.positive });
      if (!isSurelyMore(silent(evidence.now), silent(evidence.before))) return [];
      const [is, was] = [evidence.now.prompt, evidence.before.prompt];
      if (was.positive * is.all < is.positive * was.all * MORE) return [];
      const change = `${shareText(was.positive, was.all)} to ${shareText(is.positive, is.all)}`;
      const detail = `Surveys answered within ${PROMPT_DAYS} days fell from ${change}, ${difference(is, was)}.`;
      return [{ detail, question: evidence.question, only: 'not-answered' }];
    },
  },
  {
    check: 'volume',
    title: 'Far more or far fewer cases are closed',
    look: ({ now, before, question }) => {
      if (!now.isWhole || !before.isWhole || Math.min(now.days, before.days) < LEAST_DAYS) return [];
      const perDay = (one: Period) => one.tally.closures / one.days;
      const ratio = perDay(now) / perDay(before);
      if (Math.min(now.tally.closures, before.tally.closures) < LEAST) return [];
      if (ratio < MUCH_MORE && ratio > 1 / MUCH_MORE) return [];
      const expected = (100 * now.days) / (now.days + before.days);
      const { low, high } = wilson(now.tally.closures, now.tally.closures + before.tally.closures, Z_SURE);
      if (low <= expected && expected <= high) return [];
      const words = (one: Period) => `${countText(one.tally.closures)} in ${countText(one.days)} days`;
      const verb = ratio > 1 ? 'rose' : 'fell';
      const detail = `Closings ${verb} from ${words(before)} to ${words(now)}, from ${perDay(before).toFixed(1)} a day to ${perDay(now).toFixed(1)}.`;
      return [{ detail, question, only: 'all' }];
    },
  },
];

const lowestOf = ({ answered, scores }: Tally): Share => ({ positive: scores[0] ?? 0, all: answered });
const reopenedOf = ({ reopened, closures }: Tally): Share => ({ positive: reopened, all: closures });

/** A finding when the share is surely higher than before, by at least so many times. */
function rise(
  { now, before, question }: Evidence,
  shareOf: (tally: Tally) => Share,
  times: number,
  only: Subset,
  detailOf: (change: string) => string,
): readonly Finding[] {
  const [is, was] = [shareOf(now.tally), shareOf(before.tally)];
  if (!isSurelyMore(is, was) || is.positive * was.all < was.positive * is.all * times) return [];
  const change = `${shareText(was.positive, was.all)} to ${shareText(is.positive, is.all)}, ${difference(is, was)}`;
  return [{ detail: detailOf(change), question, only }];
}

/** A finding when closings are surely more often slower than half of those before, and the median says so too. */
function slower(
  { now, before, question }: Evidence,
  what: string,
  timesOf: (tally: Tally) => Times,
  slowOf: (period: Period) => Share,
): readonly Finding[] {
  const [is, was] = [timesOf(now.tally), timesOf(before.tally)];
  if (is.medianMs === null || was.medianMs === null || is.medianMs < was.medianMs * MORE) return [];
  const slow = slowOf(now);
  if (!isSurelyMore(slow, slowOf(before))) return [];
  const medians = `a median of ${durationText(was.medianMs)} to ${durationText(is.medianMs)}`;
  const detail = `${what} went from ${medians}: ${shareText(slow.positive, slow.all)} took longer than half of them did before.`;
  return [{ detail, question, only: 'all' }];
}

function isSurelyMore(is: Share, was: Share): boolean {
  return Math.min(is.all, was.all) >= LEAST && chanceOfMore(is, was) < ERROR_RATE;
}

/** True when the average has not fallen, or so little that nobody would see it. */
function isSteady({ metric, now, before }: Evidence): boolean {
  if (metric === null) return false;
  const { min, max } = SCALES[metric.scale];
  const fall = (averageOf(metric, before.tally.scores) ?? 0) - (averageOf(metric, now.tally.scores) ?? 0);
  return fall <= (max - min) * STEADY;
}

/** "by 3.1 to 9.8 points": where the difference of two shares may well lie. */
function difference(is: Share, was: Share): string {
  const { low, high } = differenceOf(is, was);
  const change = (percentOf(is.positive, is.all) ?? 0) - (percentOf(was.positive, was.all) ?? 0);
  return `${pointsText(change)} points (95% interval ${pointsText(low)} to ${pointsText(high)})`;
}
