import { IntlMessageFormat } from 'intl-messageformat';
import { nearestLanguage } from '../domain/language.ts';
import { en } from './languages/en.ts';
import { LANGUAGES, type Languages } from './languages.ts';
import type { Texts } from './texts.ts';

/** Messages to use instead of ours: by language (BCP 47), then by path such as `mail.subject`. */
export type OwnTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The parts whose messages can be replaced; questions and labels belong to a survey. */
const PARTS = ['reasons', 'mail', 'page', 'optOut'] as const;

/** Every path a message of one's own may have. */
export const MESSAGE_PATHS: readonly string[] = PARTS.flatMap((part) =>
  Object.keys(en[part]).map((name) => `${part}.${name}`),
);

/**
 * All languages with messages of one's own in them. A tag we have no language for is a variant of the nearest one: `de-AT` has
 * the texts of `de`, own ones too, but for those given for itself. Throws RangeError for a tag that is near none.
 */
export function languagesWith(own: OwnTexts): Languages {
  const known = (tag: string) =>
    Object.keys(LANGUAGES).find((one) => one.toLowerCase() === tag.toLowerCase());
  const replaced: Record<string, Texts> = { ...LANGUAGES };
  const entries = Object.entries(own);
  const [languages, variants] = [
    entries.filter(([tag]) => known(tag) !== undefined),
    entries.filter(([tag]) => known(tag) === undefined),
  ];
  for (const [tag, messages] of [...languages, ...variants]) {
    const base = known(tag) ?? languageOf(tag);
    const texts = base === null ? undefined : replaced[base];
    if (texts === undefined) throw new RangeError(`there are no texts near the language ${tag}`);
    replaced[known(tag) ?? tag] = withMessages(texts, messages);
  }
  return replaced;
}

/** The language of ours that a tag is, or is a variant of; null when there is none. */
export function languageOf(tag: string): string | null {
  return nearestLanguage(Object.keys(LANGUAGES), tag);
}

function withMessages(texts: Texts, messages: Readonly<Record<string, string>>): Texts {
  const parts = PARTS.map((part) => [
    part,
    Object.fromEntries(
      Object.entries(texts[part]).map(([name, message]) => [name, messages[`${part}.${name}`] ?? message]),
    ),
  ]);
  return { ...texts, ...Object.fromEntries(parts) };
}

/** Why a message cannot stand at a path, to be read after the path; null when it can. Throws RangeError for an unknown path. */
export function messageProblem(path: string, message: string): { message: string; fix: string } | null {
  const [part, name] = path.split('.');
  const standard = PARTS.filter((one) => one === part).map((one) =>
    new Map(Object.entries(en[one])).get(name ?? ''),
  )[0];
  if (standard === undefined) throw new RangeError(`there is no message ${path}`);
  const wanted = placesOf(elementsOf(standard));
  const allowed = wanted.size === 0 ? 'no {}' : [...wanted.keys()].map((place) => `{${place}}`).join(' and ');
  const places = readPlaces(message);
  if ('problem' in places) return { message: places.problem, fix: `Correct it; ${allowed} can stand in it.` };
  for (const [place, takes] of places)
    if (!wanted.has(place))
      return {
        message: `nothing is ever put in for {${place}}`,
        fix: `Delete it; ${allowed} can stand in it.`,
      };
    else if (takes === 'number' && wanted.get(place) !== 'number')
      return {
        message: `what is put in for {${place}} is text, not a number`,
        fix: `Write {${place}} alone.`,
      };
  const missing = [...wanted.keys()].find((place) => !places.has(place));
  return missing === undefined
    ? null
    : { message: `{${missing}} is missing`, fix: `Write {${missing}} where it shall stand.` };
}

type Elements = ReturnType<IntlMessageFormat['getAst']>;
type Takes = 'text' | 'number';

function elementsOf(message: string): Elements {
  return new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst();
}

function readPlaces(message: string): ReadonlyMap<string, Takes> | { readonly problem: string } {
  try {
    return placesOf(elementsOf(message));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { location } = error as { location?: { start?: { offset?: number } } };
    const at = (location?.start?.offset ?? 0) + 1;
    const what = WHAT_IS_WRONG[error.message] ?? error.message.toLowerCase().replaceAll('_', ' ');
    return { problem: `this is no ICU message: ${what}, at character ${at}` };
  }
}

/** The parser's names for what people get wrong most, in words. */
const WHAT_IS_WRONG: Readonly<Record<string, string>> = {
  EXPECT_ARGUMENT_CLOSING_BRACE: 'a { without its }',
  MALFORMED_ARGUMENT: 'a name in {} with a space or sign in it',
  EMPTY_ARGUMENT: 'a {} without a name',
  INVALID_ARGUMENT_TYPE: 'an unknown word after the comma',
  MISSING_OTHER_CLAUSE: 'a plural or select without "other"',
  UNMATCHED_CLOSING_TAG: 'a closing tag alone',
};

const TYPES = { literal: 0, number: 2, date: 3, time: 4, select: 5, plural: 6, pound: 7, tag: 8 } as const;
const TAKES_NUMBER: readonly number[] = [TYPES.number, TYPES.date, TYPES.time, TYPES.plural];

/** The places of a message, with what must be put in. */
function placesOf(elements: Elements): ReadonlyMap<string, Takes> {
  const found = new Map<string, Takes>();
  const visit = (inner: Elements): void => {
    for (const element of inner) {
      const { type } = element;
      if (type === TYPES.literal || type === TYPES.pound || type === TYPES.tag) continue;
      const takes = TAKES_NUMBER.includes(type) ? 'number' : (found.get(element.value) ?? 'text');
      found.set(element.value, takes);
      if ('options' in element) for (const { value } of Object.values(element.options)) visit(value);
    }
  };
  visit(elements);
  return found;
}
