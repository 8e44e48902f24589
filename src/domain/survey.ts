import { addressProblem } from './address.ts';
import type { Brand } from './brand.ts';
import type { CaseSnapshot } from './case.ts';
import { isConversation } from './channels.ts';
import { nearestLanguage } from './language.ts';
import { requireOnScale, SCALES, type Scale } from './score.ts';

/** CSAT, CES and NPS are metrics of their own and are never added up. */
export type SurveyKind = 'csat' | 'ces' | 'nps';

/**
 * The scales a kind is asked on. NPS is defined on 0-10 alone. CES has words for its ends only, so a scale of words cannot ask
 * for it; stars, faces and thumbs say how much one liked something, not how easy it was; and on 0-10 it would pass for NPS.
 */
export const SCALES_OF: Readonly<Record<SurveyKind, readonly Scale[]>> = {
  csat: ['thumbs', '1-5', 'stars', 'faces', 'labelled', '1-7', '1-10', '0-10'],
  ces: ['1-5', '1-7', '1-10'],
  nps: ['0-10'],
};

/** Promoters are those who give 9 or 10: NPS is defined so, and a figure with another threshold is none. */
export const PROMOTERS_FROM = 9;

/** Which cases a survey is for. An empty list matches every case; within a list any value will do; all lists must match. */
export interface SurveyMatch {
  readonly brand: readonly string[];
  readonly channel: readonly string[];
  readonly tag: readonly string[];
  /** Names or ids of teams. */
  readonly team: readonly string[];
  /** BCP 47; `de` and `de-AT` match each other, `de-AT` and `de-CH` do not. */
  readonly language: readonly string[];
}

/** One entry of the config's `surveys`, with every default filled in. */
export interface SurveyDefinition {
  readonly name: string;
  readonly when: SurveyMatch;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly satisfiedFrom: number;
  /** Names this scale and threshold; charts break where it changes. */
  readonly metric: string;
  /** The question by language (BCP 47). At least one. */
  readonly question: Readonly<Record<string, string>>;
  /** Own words for the points by language: one per point, or two for the ends. Other languages have the standard ones. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Own symbols for thumbs, stars and faces, one per point; empty for the standard ones. */
  readonly icons: readonly string[];
  /** Lower scores open a follow-up; the scale's lowest point means none. */
  readonly followUpBelow: number;
  /** How long a link takes an answer, from sending. */
  readonly expiresMs: number;
  /** How long a given answer can be changed. */
  readonly changeWithinMs: number;
  /** The way to the customer; `auto` chooses for each case. */
  readonly via: Via | 'auto';
  /** Asks after a low score what it was about, for one tap each. */
  readonly reasons: boolean;
}

/** How a survey reaches the customer: by mail, or by a reply on the case itself. */
export type Via = 'mail' | 'case';

/** The way this survey takes for this case. `auto`: by mail where there is an address, except for what was a conversation. */
export function viaFor({ via }: Pick<SurveyDefinition, 'via'>, snapshot: CaseSnapshot): Via {
  if (via !== 'auto') return via;
  const hasAddress = addressProblem(snapshot.requester.email) === null;
  return hasAddress && !isConversation(snapshot.channel) ? 'mail' : 'case';
}

/** The first survey whose `when` matches the case, or null. Letter case does not matter. */
export function chooseSurvey(
  surveys: readonly SurveyDefinition[],
  snapshot: CaseSnapshot,
): SurveyDefinition | null {
  return surveys.find((survey) => isFor(survey.when, snapshot)) ?? null;
}

function isFor(when: SurveyMatch, snapshot: CaseSnapshot): boolean {
  return (
    namesOneOf(when.brand, [snapshot.brand]) &&
    namesOneOf(when.channel, [snapshot.channel]) &&
    namesOneOf(when.tag, snapshot.tags) &&
    namesOneOf(when.team, [snapshot.team?.name, snapshot.team?.id]) &&
    speaksOneOf(when.language, localeOf(snapshot))
  );
}

function namesOneOf(wanted: readonly string[], found: readonly (string | null | undefined)[]): boolean {
  if (wanted.length === 0) return true;
  const has = new Set(found.map((value) => value?.toLowerCase()));
  return wanted.some((value) => has.has(value.toLowerCase()));
}

function speaksOneOf(wanted: readonly string[], locale: string | null): boolean {
  if (wanted.length === 0) return true;
  return locale !== null && wanted.some((language) => covers(language, locale) || covers(locale, language));
}

/** True when `narrow` is `wide` or one of its variants: `de` covers `de-AT`. */
function covers(wide: string, narrow: string): boolean {
  return `${normalise(narrow)}-`.startsWith(`${normalise(wide)}-`);
}

// Salesforce writes de_AT, Zendesk pt-br.
function normalise(locale: string): string {
  return locale.toLowerCase().replaceAll('_', '-');
}

/** The language of the requester: theirs, else the case's, else null. */
export function localeOf(snapshot: CaseSnapshot): string | null {
  return snapshot.requester.locale ?? snapshot.language;
}

/**
 * The languages to write to the requester in, the best first, with commas between: theirs, then the case's, then the brand's.
 * Which of them there are words for is known where something is written. Null when nobody says.
 */
export function localesOf(snapshot: CaseSnapshot, brand: Pick<Brand, 'locale'>): string | null {
  const known = [snapshot.requester.locale, snapshot.language, brand.locale].filter((one) => one !== null);
  return known.length === 0 ? null : [...new Set(known)].join(',');
}

/**
 * The key of `survey.question` to use: the nearest one to `locale`, or to the first of several with commas between that has
 * one, else the same for `fallback`, else the first one written. Throws RangeError when there is no question.
 */
export function questionLanguage(
  survey: Pick<SurveyDefinition, 'name' | 'question'>,
  locale: string | null,
  fallback: string,
): string {
  const languages = Object.keys(survey.question);
  const first = languages[0];
  if (first === undefined)
    throw new RangeError(`survey ${survey.name} has no question: expected at least one language`);
  return nearestLanguage(languages, locale) ?? nearestLanguage(languages, fallback) ?? first;
}

const ENDS: Readonly<Record<SurveyKind, { low: string; high: string } | null>> = {
  csat: null,
  ces: { low: 'Very difficult', high: 'Very easy' },
  nps: { low: 'Not at all likely', high: 'Extremely likely' },
};

/** English words for the points of a survey's scale, lowest first, that fit what it asks. Never empty. */
export function labelsFor(survey: Pick<SurveyDefinition, 'kind' | 'scale'>): readonly string[] {
  const { min, max, labels } = SCALES[survey.scale];
  const ends = ENDS[survey.kind];
  if (ends === null || survey.scale === 'thumbs') return labels;
  return labels.map((_, index) => {
    if (index === 0) return ends.low;
    return index === max - min ? ends.high : String(min + index);
  });
}

/** A score in a word or two for staff: "Dissatisfied", or the number where the scale has no word for it. Throws RangeError as below. */
export function ratingWord(survey: Pick<SurveyDefinition, 'kind' | 'scale'>, score: number): string {
  requireOnScale(survey.scale, score);
  return labelsFor(survey)[score - SCALES[survey.scale].min] ?? String(score);
}

/**
 * A score in words for staff: "2 on a scale of 1 to 5 (Dissatisfied)". The words fit what was asked: nobody is dissatisfied on a
 * scale of effort. Throws RangeError for a score that is not on the scale.
 */
export function describeScore(survey: Pick<SurveyDefinition, 'kind' | 'scale'>, score: number): string {
  const { min, max } = SCALES[survey.scale];
  const label = ratingWord(survey, score);
  if (survey.scale === 'thumbs') return label.toLowerCase();
  const words = label === String(score) ? '' : ` (${label})`;
  return `${score} on a scale of ${min} to ${max}${words}`;
}
