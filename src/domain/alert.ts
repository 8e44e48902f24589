import { reasonInWords } from './reasons.ts';
import type { Scale } from './score.ts';
import { describeScore, type SurveyKind } from './survey.ts';

/** One low score that somebody is told of. */
export interface AlertFacts {
  /** `opened`: it has come. `overdue`: the customer was not answered in time. */
  readonly kind: 'opened' | 'overdue';
  readonly caseNumber: string;
  readonly score: number;
  readonly surveyKind: SurveyKind;
  readonly scale: Scale;
  readonly reasons: readonly string[];
  readonly comment: string | null;
  readonly team: string | null;
  /** Who is to answer the customer. */
  readonly owner: string | null;
  readonly dueAt: Date;
  /** Where staff open the case in the CRM, and here. */
  readonly caseUrl: string;
  readonly url: string;
}

export interface AlertSettings {
  /** The calendar's zone: due times are local there. */
  readonly zone: string;
  /** Whether the message holds what customers wrote. */
  readonly comments: boolean;
}

/** A message about low scores: plain text in English, for mail and chat alike. */
export interface AlertText {
  readonly subject: string;
  readonly entries: readonly AlertEntry[];
  /** How many more there are; null when that is all. */
  readonly more: string | null;
}

export interface AlertEntry {
  readonly title: string;
  readonly lines: readonly string[];
  /** The customer's own words; null where they left none or are not to be told. */
  readonly comment: string | null;
  readonly caseUrl: string;
  readonly url: string;
}

/** Low scores that a message tells one by one; it counts the others. */
const MOST_ENTRIES = 10;
const LONGEST_COMMENT = 600;
const LONGEST_NAME = 80;

/** Puts what one receiver is told at once into words, overdue ones first. Needs at least one. */
export function alertText(facts: readonly AlertFacts[], settings: AlertSettings): AlertText {
  const inOrder = facts.toSorted((a, b) => Number(b.kind === 'overdue') - Number(a.kind === 'overdue'));
  const rest = inOrder.length - MOST_ENTRIES;
  return {
    subject: subjectOf(inOrder),
    entries: inOrder.slice(0, MOST_ENTRIES).map((one) => entryOf(one, settings)),
    more: rest > 0 ? `And ${rest} more: see the cases with a low score in Caseloop.` : null,
  };
}

function subjectOf(facts: readonly AlertFacts[]): string {
  const [first] = facts;
  if (first === undefined) throw new RangeError('an alert about nothing: expected at least one low score');
  if (facts.length === 1) return titleOf(first);
  const overdue = facts.filter(({ kind }) => kind === 'overdue').length;
  const opened = facts.length - overdue;
  const scores = `${opened} low score${opened === 1 ? '' : 's'}`;
  const late = `${overdue} low score${overdue === 1 ? '' : 's'} overdue`;
  if (opened === 0) return late;
  return overdue === 0 ? scores : `${scores}, and ${overdue} overdue`;
}

function titleOf(facts: AlertFacts): string {
  const score = describeScore({ kind: facts.surveyKind, scale: facts.scale }, facts.score);
  const number = oneLine(facts.caseNumber);
  return facts.kind === 'overdue'
    ? `Overdue: nobody has answered the low score on case ${number}`
    : `Low score on case ${number}: ${score}`;
}

function entryOf(facts: AlertFacts, { zone, comments }: AlertSettings): AlertEntry {
  const { kind, owner, team, reasons } = facts;
  const due = localTime(facts.dueAt, zone);
  const score = describeScore({ kind: facts.surveyKind, scale: facts.scale }, facts.score);
  const comment = (facts.comment ?? '').trim();
  return {
    title: titleOf(facts),
    lines: [
      ...(kind === 'overdue' ? [`Score: ${score}.`] : []),
      ...(reasons.length === 0
        ? []
        : [`It was about: ${reasons.map(reasonInWords).map(oneLine).join(', ')}.`]),
      `Owner: ${owner === null ? 'nobody' : oneLine(owner)}.${team === null ? '' : ` Team: ${oneLine(team)}.`}`,
      kind === 'overdue'
        ? `The customer should have heard back by ${due}.`
        : `The customer should hear back by ${due}.`,
    ],
    comment: comments && comment !== '' ? shortened(comment, LONGEST_COMMENT) : null,
    caseUrl: facts.caseUrl,
    url: facts.url,
  };
}

/** "Mon, 30 Nov 2026, 09:00 (Europe/Berlin)" */
function localTime(at: Date, zone: string): string {
  const words = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
  return `${words} (${zone})`;
}

function oneLine(text: string): string {
  return shortened(text.replace(/[\s\p{Cc}]+/gu, ' ').trim(), LONGEST_NAME);
}

function shortened(text: string, most: number): string {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  return `${characters
    .slice(0, most - 1)
    .join('')
    .trimEnd()}…`;
}
