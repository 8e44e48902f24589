import { countText, durationText, figureText, percentText } from '../../domain/figure-words.ts';
import { queryOf } from '../../domain/question-query.ts';
import type { Measured, Metric, Question, Subset, Times } from '../../domain/report.ts';

/** A number on a page: what is read, what it exactly is, and the list of the cases behind it. */
export interface ShownNumber {
  readonly text: string;
  readonly value: string;
  readonly href: string;
}

/** Which closures of a question a list shows. */
export interface Part {
  readonly only?: Subset;
  readonly score?: number;
}

export function listHref(question: Question, part: Part = {}): string {
  return `/dashboard/cases?${queryOf({ ...question, only: part.only ?? 'all', score: part.score ?? null })}`;
}

export function countNumber(count: number, question: Question, part?: Part): ShownNumber {
  return { text: countText(count), value: String(count), href: listHref(question, part) };
}

/** Null where there is nothing to take a share of. */
export function rateNumber(part: number, whole: number, question: Question, of?: Part): ShownNumber | null {
  if (whole === 0) return null;
  const percent = (100 * part) / whole;
  return { text: percentText(percent), value: String(percent), href: listHref(question, of) };
}

/** Null where no closure tells. */
export function timeNumber(
  { medianMs }: Pick<Times, 'medianMs'>,
  question: Question,
  of?: Part,
): ShownNumber | null {
  if (medianMs === null) return null;
  return { text: durationText(medianMs), value: String(medianMs), href: listHref(question, of) };
}

/** The figure, its interval, how many answers it stands on and the response rate: always all of them together. */
export interface ShownFigure {
  /** Null below the least number of answers. */
  readonly percent: ShownNumber | null;
  /** `83.1% to 89.2%`; null where there is none. */
  readonly interval: string | null;
  readonly answered: ShownNumber;
  /** Null where nobody was asked. */
  readonly rate: ShownNumber | null;
  readonly asked: ShownNumber;
  readonly average: string | null;
}

export function shownFigure(
  { tally, figure }: Measured,
  metric: Metric | null,
  question: Question,
): ShownFigure {
  const { percent, interval, responseRate, average } = figure;
  return {
    percent:
      percent === null
        ? null
        : {
            text: figureText(metric, percent),
            value: String(percent),
            href: listHref(question, { only: 'answered' }),
          },
    interval:
      interval === null
        ? null
        : `${figureText(metric, interval.low)} to ${figureText(metric, interval.high)}`,
    answered: countNumber(tally.answered, question, { only: 'answered' }),
    rate:
      responseRate === null
        ? null
        : {
            text: percentText(responseRate),
            value: String(responseRate),
            href: listHref(question, { only: 'asked' }),
          },
    asked: countNumber(tally.asked, question, { only: 'asked' }),
    average: average === null ? null : average.toFixed(2),
  };
}
