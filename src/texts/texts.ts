import { IntlMessageFormat } from 'intl-messageformat';
import type { Reason } from '../domain/reasons.ts';
import { SCALES, type Scale } from '../domain/score.ts';
import { questionFor, questionLanguage, type SurveyDefinition, type SurveyKind } from '../domain/survey.ts';
import { de } from './languages/de.ts';
import { en } from './languages/en.ts';

/**
 * Everything customers read, in one language. A language is one data file in `languages/` and one line in `LANGUAGES`.
 * The texts of `mail`, `page` and `optOut` are ICU messages (https://unicode-org.github.io/icu/userguide/format_parse/messages/):
 * `{name}` marks a place that is filled; every language fills the same places. All others are plain text.
 */
export interface Texts {
  readonly direction: 'ltr' | 'rtl';
  readonly question: Readonly<Record<SurveyKind, string>>;
  readonly labels: {
    readonly thumbs: readonly [string, string];
    readonly five: readonly [string, string, string, string, string];
    readonly seven: readonly [string, string, string, string, string, string, string];
    /** The words at the lowest and the highest point, where the points between are plain numbers. */
    readonly ends: Readonly<Record<SurveyKind, readonly [string, string]>>;
  };
  /** What a low score was about, for one tap each. */
  readonly reasons: Readonly<Record<Reason, string>>;
  readonly mail: Readonly<Record<MailText, string>>;
  readonly page: Readonly<Record<PageText, string>>;
  readonly optOut: Readonly<Record<OptOutText, string>>;
}

type MailText =
  | 'subject'
  | 'subjectWithBrand'
  | 'greeting'
  | 'greetingWithName'
  | 'closed'
  | 'closedWithSubject'
  | 'choose'
  | 'open'
  | 'preview'
  | 'replies'
  | 'reminderSubject'
  | 'reminderSubjectWithBrand'
  | 'reminder'
  | 'reason'
  | 'optOut';

type PageText =
  | 'title'
  | 'request'
  | 'comment'
  | 'optional'
  | 'submit'
  | 'update'
  | 'saved'
  | 'held'
  | 'reasons'
  | 'changing'
  | 'thanksTitle'
  | 'thanks'
  | 'thanksHigh'
  | 'thanksFollowUp'
  | 'yourAnswer'
  | 'yourComment'
  | 'change'
  | 'changeUntil'
  | 'final'
  | 'scoreMissing'
  | 'commentTooLong'
  | 'tooMuch'
  | 'closedTitle'
  | 'closed'
  | 'expiredTitle'
  | 'expired'
  | 'unknownTitle'
  | 'unknown'
  | 'busyTitle'
  | 'busy'
  | 'failedTitle'
  | 'failed';

type OptOutText = 'title' | 'explain' | 'button' | 'doneTitle' | 'done';

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** The languages that mails and pages speak, BCP 47. */
export const LANGUAGE_TAGS: readonly string[] = Object.keys(LANGUAGES);

const FALLBACK = 'en';

/** The texts for a locale: its own, else its language's, else English. Never throws. */
export function textsFor(locale: string | null): { readonly language: string; readonly texts: Texts } {
  const wanted = locale?.toLowerCase().replaceAll('_', '-') ?? FALLBACK;
  const [language, texts] =
    Object.entries(LANGUAGES).find(([tag]) => tag.toLowerCase() === wanted) ??
    Object.entries(LANGUAGES).find(([tag]) => tag.toLowerCase() === wanted.split('-')[0]) ??
    ([FALLBACK, en] as const);
  return { language, texts };
}

/** What a survey says in one language. */
export interface Wording {
  /** BCP 47; for the page's and the mail's `lang`. */
  readonly language: string;
  readonly texts: Texts;
  readonly question: string;
}

/**
 * Words for a survey and a locale, all in one language: the question decides, since it is what the customer must understand.
 * The standard question, and a survey no longer in the config (null), are asked in any language there are texts for.
 * `fallback` is the language for everyone else.
 */
export function wordingFor(
  survey: Pick<SurveyDefinition, 'name' | 'question'> | null,
  kind: SurveyKind,
  locale: string | null,
): Wording {
  const own = textsFor(locale);
  if (survey === null || isStandard(survey.question, kind))
    return { ...own, question: own.texts.question[kind] };
  const question = questionFor(survey, locale, FALLBACK);
  return { ...textsFor(questionLanguage(survey, locale, FALLBACK)), question };
}

function isStandard(question: Readonly<Record<string, string>>, kind: SurveyKind): boolean {
  return Object.entries(question).every(([tag, text]) => LANGUAGES[tag]?.question[kind] === text);
}

/** One score a customer can choose. */
export interface Point {
  readonly score: number;
  /** What is drawn: a number, a star or a face. Hidden from screen readers, which get `name`. Empty where words stand alone. */
  readonly symbol: string;
  /** Words for this point; empty where only the number is shown. */
  readonly label: string;
  /** Number and words in one, for screen readers and plain text: "4 – Satisfied". */
  readonly name: string;
}

const FACES = ['😞', '🙁', '😐', '🙂', '😄'];
const THUMBS = ['👎', '👍'];

/** The points of a scale, lowest first. */
export function pointsOf(scale: Scale, kind: SurveyKind, texts: Texts): readonly Point[] {
  const { min, max } = SCALES[scale];
  return Array.from({ length: max - min + 1 }, (_, index) => {
    const score = min + index;
    const label = labelAt(scale, kind, texts, index);
    const isNamedAlone = scale === 'thumbs' || scale === 'labelled';
    const name = label === '' ? String(score) : isNamedAlone ? label : `${score} – ${label}`;
    const symbol = scale === 'labelled' && label !== '' ? '' : symbolAt(scale, score, index);
    return { score, symbol, label, name };
  });
}

function labelAt(scale: Scale, kind: SurveyKind, texts: Texts, index: number): string {
  if (scale === 'thumbs') return texts.labels.thumbs[index] ?? '';
  const { min, max } = SCALES[scale];
  const words = kind === 'csat' ? WORDS[max - min + 1] : undefined;
  if (words !== undefined) return texts.labels[words][index] ?? '';
  const [low, high] = texts.labels.ends[kind];
  if (index === 0) return low;
  return index === max - min ? high : '';
}

const WORDS: Readonly<Record<number, 'five' | 'seven'>> = { 5: 'five', 7: 'seven' };

function symbolAt(scale: Scale, score: number, index: number): string {
  if (scale === 'thumbs') return THUMBS[index] ?? '';
  if (scale === 'faces') return FACES[index] ?? '';
  return scale === 'stars' ? `${score}★` : String(score);
}

/**
 * Puts values into an ICU message of one of our languages. Messages are parsed once; they come from our own files, so there
 * is an end to them. A value that looks like a place stays as it is. Throws when a value is missing.
 */
export function say(
  language: string,
  message: string,
  values: Readonly<Record<string, string | number | Date>>,
): string {
  const key = `${language} ${message}`;
  const format = FORMATS.get(key) ?? new IntlMessageFormat(message, language, undefined, { ignoreTag: true });
  FORMATS.set(key, format);
  const text = format.format({ ...values });
  if (typeof text !== 'string') throw new TypeError(`message ${message}: expected text`);
  return text;
}

const FORMATS = new Map<string, IntlMessageFormat>();
