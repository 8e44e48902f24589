import { DIMENSIONS, type Dimension, type Filters, type Question, SUBSETS, type Subset } from './report.ts';

/** A question as an address holds it, with the part of its closures that a list shows. */
export interface ListQuestion extends Question {
  readonly only: Subset;
  /** One point of the scale; null for any. */
  readonly score: number | null;
}

export type QueryValues = Readonly<Record<string, unknown>>;

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/**
 * Reads `from`, `to`, `metric`, `only`, `score` and the dimensions, each of which may come several times. What is missing is
 * taken from `otherwise`. `problems` are sentences for the reader; with any, the question is `otherwise` in those parts.
 */
export function questionFromQuery(
  query: QueryValues,
  otherwise: { readonly from: string; readonly to: string },
): { readonly question: ListQuestion; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const one = (key: string): string | null => valuesOf(query, key)[0] ?? null;
  const day = (key: 'from' | 'to'): string => {
    const value = one(key);
    if (value === null || value === '') return otherwise[key];
    if (isDay(value)) return value;
    problems.push(`${key}: this is not a day; use YYYY-MM-DD.`);
    return otherwise[key];
  };
  let from = day('from');
  let to = day('to');
  if (from > to) {
    problems.push('from: the first day is after the last one.');
    ({ from, to } = otherwise);
  }
  const only = one('only') ?? 'all';
  if (!isSubset(only)) problems.push(`only: this is no part of a list; use ${SUBSETS.join(', ')}.`);
  const score = one('score');
  if (score !== null && !/^\d{1,2}$/.test(score))
    problems.push('score: this is not a score; use a whole number.');
  return {
    question: {
      from,
      to,
      filters: filtersOf(query),
      metric: one('metric') === '' ? null : one('metric'),
      only: isSubset(only) ? only : 'all',
      score: score !== null && /^\d{1,2}$/.test(score) ? Number(score) : null,
    },
    problems,
  };
}

/** The query of an address that asks this: `from=2026-11-01&to=2026-11-30&team=Billing`. */
export function queryOf(question: Question & Partial<ListQuestion>): string {
  const query = new URLSearchParams({ from: question.from, to: question.to });
  for (const dimension of DIMENSIONS) {
    for (const value of question.filters[dimension] ?? []) query.append(dimension, value);
  }
  if (question.metric !== null) query.set('metric', question.metric);
  if (question.only !== undefined && question.only !== 'all') query.set('only', question.only);
  if (question.score !== undefined && question.score !== null) query.set('score', String(question.score));
  return query.toString();
}

function filtersOf(query: QueryValues): Filters {
  const filters: Partial<Record<Dimension, readonly string[]>> = {};
  for (const dimension of DIMENSIONS) {
    const values = valuesOf(query, dimension);
    if (values.length > 0) filters[dimension] = [...new Set(values)];
  }
  return filters;
}

function valuesOf(query: QueryValues, key: string): string[] {
  const value = query[key];
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}

/** True for a day of the calendar as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isSubset(text: string): text is Subset {
  return (SUBSETS as readonly string[]).includes(text);
}
