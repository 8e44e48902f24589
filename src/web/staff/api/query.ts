import type { Request, Response } from 'express';
import { dayIn, defaultPeriod, STEPS, type StepLength } from '../../../domain/periods.ts';
import { type ListQuestion, questionFromQuery } from '../../../domain/question-query.ts';
import { DIMENSIONS, type Dimension } from '../../../domain/report.ts';
import { visibleFilters } from '../../../domain/staff.ts';
import type { Refusal } from '../refusals.ts';
import type { Visit } from '../route.ts';

/** A query that may be answered, or everything that is wrong with it. */
export type Read<T> = { readonly value: T; readonly problems: readonly [] } | Refused;
export interface Refused {
  readonly value: null;
  readonly problems: readonly string[];
}

/** A parameter of a query: whether it may come several times, and what it takes, for the document of the API. */
export interface Parameter {
  readonly name: string;
  readonly isList?: boolean;
  readonly about: string;
  readonly schema?: Readonly<Record<string, unknown>>;
}

const DAY = { type: 'string', format: 'date' };

export const QUESTION_PARAMETERS: readonly Parameter[] = [
  { name: 'from', about: 'First day of closing. Without it: 30 days up to today.', schema: DAY },
  { name: 'to', about: 'Last day of closing.', schema: DAY },
  { name: 'metric', about: 'Key of a metric. Without it: that of the latest closures of the period.' },
  ...DIMENSIONS.map((name) => ({
    name,
    isList: true,
    about: `Only closures of this ${name}; several mean any of them, and an empty one "not known".`,
  })),
];

const WHOLE = /^\d{1,4}$/;

/** Refuses what is not in the list, and what comes several times and must not. */
export function problemsOfKeys(query: Request['query'], parameters: readonly Parameter[]): readonly string[] {
  return Object.entries(query).flatMap(([key, value]) => {
    const parameter = parameters.find(({ name }) => name === key);
    if (parameter === undefined)
      return [`${key}: there is no such parameter; use ${parameters.map(({ name }) => name).join(', ')}.`];
    return Array.isArray(value) && parameter.isList !== true ? [`${key}: give it once.`] : [];
  });
}

/** The question of a query, narrowed to what its asker may see. */
export function readQuestion(
  request: Request,
  { viewer }: Visit,
  { zone, now, parameters }: { zone: string; now: Date; parameters: readonly Parameter[] },
): Read<ListQuestion> {
  const { question, problems } = questionFromQuery(request.query, defaultPeriod(dayIn(zone, now)));
  const all = [...problemsOfKeys(request.query, parameters), ...problems];
  return all.length > 0
    ? { value: null, problems: all }
    : { value: { ...question, filters: visibleFilters(viewer, question.filters) }, problems: [] };
}

/** `by`, which may come several times. */
export function readSplits(query: Request['query']): Read<readonly Dimension[]> {
  const wanted = listOf(query.by);
  const splits = DIMENSIONS.filter((dimension) => wanted.includes(dimension));
  const unknown = wanted.filter((one) => !splits.some((dimension) => dimension === one));
  return unknown.length > 0
    ? {
        value: null,
        problems: unknown.map((one) => `by: ${quoted(one)} is none; use ${DIMENSIONS.join(', ')}.`),
      }
    : { value: splits, problems: [] };
}

export function readStep(query: Request['query']): Read<StepLength | undefined> {
  if (query.step === undefined) return { value: undefined, problems: [] };
  const step = STEPS.find((one) => one === query.step);
  return step === undefined
    ? { value: null, problems: [`step: this is none; use ${STEPS.join(', ')}.`] }
    : { value: step, problems: [] };
}

const MOST_PER_PAGE = 500;
const USUAL_PER_PAGE = 100;

export function readLimit(query: Request['query']): Read<number> {
  if (query.limit === undefined) return { value: USUAL_PER_PAGE, problems: [] };
  const limit = WHOLE.test(String(query.limit)) ? Number(query.limit) : 0;
  return limit >= 1 && limit <= MOST_PER_PAGE
    ? { value: limit, problems: [] }
    : { value: null, problems: [`limit: use a whole number from 1 to ${MOST_PER_PAGE}.`] };
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}

/** Somebody else's word in a sentence of ours: not without end. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

/** A refusal in JSON (RFC 9457) that says everything at once. */
export function refuseQuery(response: Response, problems: readonly string[]): void {
  const title = 'This query cannot be answered';
  refuse(response, { status: 400, title, detail: problems.join(' '), problems });
}

export function refuse(
  response: Response,
  refusal: Refusal & { readonly problems?: readonly string[] },
): void {
  response
    .status(refusal.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...refusal }));
}
