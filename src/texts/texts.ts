import { IntlMessageFormat } from 'intl-messageformat';
import { nearestLanguage } from '../domain/language.ts';
import type { Reason } from '../domain/reasons.ts';
import { SCALES, type Scale } from '../domain/score.ts';
import { questionLanguage, type SurveyDefinition, type SurveyKind } from '../domain/survey.ts';
import { en } from './languages/en.ts';
import { LANGUAGES, type Languages } from './languages.ts';

/**
 * Everything customers read, in one language. A language is one data file in `languages/` and one name in `LANGUAGES`.
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
  | 'otherWay'
  | 'unknownTitle'
  | 'unknown'
  | 'busyTitle'
  | 'busy'
  | 'failedTitle'
  | 'failed';

type OptOutText = 'title' | 'explain' | 'button' | 'doneTitle' | 'done';

/** The languages that mails and pages speak, BCP 47. */
export const LANGUAGE_TAGS: readonly string[] = Object.keys(LANGUAGES);

const FALLBACK = 'en';

/** The texts for a locale, or for several with commas between: those of the nearest language, else English. Never throws. */
export function textsFor(
  locale: string | null,
  languages: Languages = LANGUAGES,
): { readonly language: string; readonly texts: Texts } {
  const language = nearestLanguage(Object.keys(languages), locale) ?? FALLBACK;
  return { language, texts: languages[language] ?? en };
}

/** What a survey says in one language. */
export interface Wording {
  /** BCP 47; for the page's and the mail's `lang`. */
  readonly language: string;
  readonly texts: Texts;
  readonly question: string;
  /** What the survey calls and draws its points; null for the words of the language and the symbols of the scale. */
  readonly own?: OwnPoints | null;
}

interface OwnPoints {
  /** The scale they were written for: one survey may have been asked on another. */
  readonly scale: Scale;
  /** One per point, or two for the ends; empty where this language has none. */
  readonly labels: readonly string[];
  /** One per point, or empty. */
  readonly icons: readonly string[];
}

/**
 * Words for a survey and a locale, or several locales with commas between, all in one language: the question decides, since it
 * is what the customer must understand. A survey no longer in the config (null) asks the standard question, and so does one
 * that has it, in every language that the config does not list. `fallback` is the language for everyone else.
 */
export function wordingFor(
  survey: Pick<SurveyDefinition, 'name' | 'question' | 'scale' | 'labels' | 'icons'> | null,
  kind: SurveyKind,
  locale: string | null,
  languages: Languages = LANGUAGES,
): Wording {
  if (survey === null) {
    const words = textsFor(locale, languages);
    return { ...words, question: words.texts.question[kind], own: null };
  }
  const question = isStandard(survey.question, kind)
    ? { ...standardQuestion(kind, languages), ...survey.question }
    : survey.question;
  const asked = questionLanguage({ name: survey.name, question }, locale, FALLBACK);
  const { scale, labels, icons } = survey;
  const labelled = nearestLanguage(Object.keys(labels), asked);
  // A question in German may stand among the texts of de-AT, but never among those of another language.
  const { language } = textsFor(locale, languages);
  return {
    ...textsFor(nearestLanguage([asked], language) === null ? asked : language, languages),
    question: question[asked] ?? '',
    own: { scale, labels: labelled === null ? [] : (labels[labelled] ?? []), icons },
  };
}

function isStandard(question: Readonly<Record<string, string>>, kind: SurveyKind): boolean {
  return Object.entries(question).some(([tag, text]) => LANGUAGES[tag]?.question[kind] === text);
}

function standardQuestion(kind: SurveyKind, languages: Languages): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(languages).map(([tag, { question }]) => [tag, question[kind]]));
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

/** The points of a scale, lowest first, in the words of a survey or of a language. */
export function pointsOf(
  scale: Scale,
  kind: SurveyKind,
  { texts, own }: Pick<Wording, 'texts' | 'own'>,
): readonly Point[] {
  const { min, max } = SCALES[scale];
  const count = max - min + 1;
  const labels = own?.scale === scale && own.labels.length > 0 ? own.labels : labelsOf(scale, kind, texts);
  const icons = own?.scale === scale ? own.icons : [];
  return Array.from({ length: count }, (_, index) => {
    const score = min + index;
    const label = labels.length === count ? (labels[index] ?? '') : endAt(labels, index, count);
    const isNamedAlone = scale === 'thumbs' || scale === 'labelled';
    const name = label === '' ? String(score) : isNamedAlone ? label : `${score} – ${label}`;
    const symbol =
      scale === 'labelled' && label !== '' ? '' : (icons[index] ?? symbolAt(scale, score, index));
    return { score, symbol, label, name };
  });
}

/** One per point, or two for the ends. */
function labelsOf(scale: Scale, kind: SurveyKind, { labels }: Texts): readonly string[] {
  if (scale === 'thumbs') return labels.thumbs;
  const { min, max } = SCALES[scale];
  const words = kind === 'csat' ? WORDS[max - min + 1] : undefined;
  return words === undefined ? labels.ends[kind] : labels[words];
}

function endAt([low = '', high = '']: readonly string[], index: number, count: number): string {
  if (index === 0) return low;
  return index === count - 1 ? high : '';
}

const WORDS: Readonly<Record<number, 'five' | 'seven'>> = { 5: 'five', 7: 'seven' };

function symbolAt(scale: Scale, score: number, index: number): string {
  if (scale === 'thumbs') return THUMBS[index] ?? '';
  if (scale === 'faces') return FACES[index] ?? '';
  return scale === 'stars' ? `${score}★` : String(score);
}

/**
 * Puts values into an ICU message. Messages are parsed once; they come from our own files and the config, so there is an end
 * to them. A value that looks like a place stays as it is; one that runs against the direction of the language is kept
 * together. Throws when a value is missing.
 */
export function say(
  language: string,
  message: string,
  values: Readonly<Record<string, string | number | Date>>,
): string {
  const key = `${language} ${message}`;
  const known = FORMATS.get(key) ?? {
    format: new IntlMessageFormat(message, language, undefined, { ignoreTag: true }),
    isolate: isolationFor(language),
  };
  FORMATS.set(key, known);
  const text = known.format.format(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'string' ? known.isolate(value) : value,
      ]),
    ),
  );
  if (typeof text !== 'string') throw new TypeError(`message ${message}: expected text`);
  return text;
}

const FORMATS = new Map<string, { format: IntlMessageFormat; isolate: (value: string) => string }>();

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
// Whatever is not a letter of theirs or a space: letters of other scripts, digits, and signs, that turn with what is beside them.
const NOT_RIGHT_TO_LEFT = /[^\p{Script=Arabic}\p{Script=Hebrew}\s]/u;

/** A case number between Arabic words, or a Hebrew name between English ones, must not reorder what is around it. */
function isolationFor(language: string): (value: string) => string {
  const { script } = new Intl.Locale(language).maximize();
  const foreign = script === 'Arab' || script === 'Hebr' ? NOT_RIGHT_TO_LEFT : RIGHT_TO_LEFT;
  return (value) => (foreign.test(value) ? `\u2068${value}\u2069` : value);
}
