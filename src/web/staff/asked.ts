import type { Request } from 'express';
import { dayIn, defaultPeriod, type StepLength, stepsFor } from '../../domain/periods.ts';
import { type ListQuestion, questionFromQuery } from '../../domain/question-query.ts';
import type { Filters, Question } from '../../domain/report.ts';
import { visibleFilters } from '../../domain/staff.ts';
import type { Visit } from './route.ts';

/** What a page is asked for, as its reader may ask. */
export interface Asked {
  /** Narrowed to what the reader may see. */
  readonly question: Question;
  /** The filters that the reader chose, within what they may see: an agent's own narrowing is none of them. */
  readonly chosen: Filters;
  /** The same days with nothing chosen. */
  readonly whole: Question;
  readonly step: StepLength | null;
  /** In the zone of the report. */
  readonly today: string;
  /** Sentences about what could not be read; the page shows the usual in its place. */
  readonly problems: readonly string[];
}

export function askedOf(
  request: Request,
  { viewer }: Visit,
  { zone, now }: { zone: string; now: Date },
): Asked {
  const today = dayIn(zone, now);
  const { question, problems } = questionFromQuery(request.query, defaultPeriod(today));
  const { from, to, metric } = question;
  const filters = visibleFilters(viewer, question.filters);
  const { agent: _, ...others } = filters;
  return {
    question: { from, to, metric, filters },
    chosen: viewer.role === 'agent' && question.filters.agent === undefined ? others : filters,
    whole: { from, to, metric: null, filters: visibleFilters(viewer, {}) },
    step: stepsFor({ from, to }).find((step) => step === request.query.step) ?? null,
    today,
    problems: problems.filter((problem) => !isOfLists(problem)),
  };
}

const OF_LISTS: readonly (keyof ListQuestion)[] = ['only', 'score'];

/** A page of figures has no parts: what is wrong with them is no concern of its reader. */
function isOfLists(problem: string): boolean {
  return OF_LISTS.some((key) => problem.startsWith(`${key}:`));
}
