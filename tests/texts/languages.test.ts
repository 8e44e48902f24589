import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/texts/languages.ts';
import { LANGUAGE_TAGS, say, type Texts } from '../../src/texts/texts.ts';

/** Every text of a language by its path. */
function textsOf(texts: Texts): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') found.set(path.join('.'), value);
    else for (const [key, inner] of Object.entries(value ?? {})) visit(inner, [...path, key]);
  };
  visit(texts, []);
  found.delete('direction');
  return found;
}

/** The places of a message with what may be put in: `length plural`, `name argument`. */
function placesOf(elements: readonly MessageFormatElement[]): readonly string[] {
  const found = elements.flatMap((element): readonly string[] => {
    if (element.type === TYPE.literal || element.type === TYPE.pound) return [];
    const inner =
      element.type === TYPE.plural || element.type === TYPE.select
        ? Object.values(element.options).flatMap(({ value }) => placesOf(value))
        : [];
    const { type } = element;
    const name = type === TYPE.tag ? `${element.value} tag` : `${element.value} ${TYPE[type]}`;
    return [name, ...inner];
  });
  return [...new Set(found)].sort();
}

function pluralsOf(elements: readonly MessageFormatElement[]) {
  return elements.filter((element) => element.type === TYPE.plural);
}

const english = textsOf(LANGUAGES.en as Texts);

/** Words that other languages share with English, and nothing that only was not translated. */
const SHARED_WITH_ENGLISH = new Set(['Neutral', 'optional']);

const VALUES = {
  number: '4711',
  subject: 'Printer',
  brand: 'Acme',
  name: 'Ada',
  score: '4',
  button: 'OK',
  date: '1970',
  length: 5001,
  max: 5000,
};

describe.each(LANGUAGE_TAGS)('%s', (tag) => {
  const texts = LANGUAGES[tag] as Texts;
  const own = textsOf(texts);

  test('has every message of English, each with the same places of the same kind', () => {
    const places = (all: ReadonlyMap<string, string>) =>
      Object.fromEntries([...all].map(([path, text]) => [path, placesOf(parse(text))]));
    expect(places(own)).toEqual(places(english));
  });

  test('counts in every form that the language has', () => {
    const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    for (const [path, text] of own)
      for (const plural of pluralsOf(parse(text))) {
        const written = 'options' in plural ? Object.keys(plural.options) : [];
        // What only stands in fractions and millions need not be written: nobody has typed 1.5 characters.
        const counts = new Set(
          [0, 1, 2, 3, 5, 11, 21, 22, 100, 5001, 5011].map((n) => new Intl.PluralRules(tag).select(n)),
        );
        expect({ path, written }).toEqual({ path, written: expect.arrayContaining([...counts]) });
        expect({ path, unknown: written.filter((one) => !forms.includes(one as never)) }).toEqual({
          path,
          unknown: [],
        });
      }
  });

  test('is filled without leftovers, blanks at the ends or straight quotes', () => {
    for (const [path, text] of own) {
      const said = say(tag, text, VALUES);
      expect({ path, said }).toEqual({ path, said: expect.stringMatching(/^\S(.*\S)?$/u) });
      expect({ path, said }).toEqual({ path, said: expect.not.stringMatching(/[{}#'"]|\.\.\.| {2}/) });
    }
  });

  test('has other words for every point of a scale and every reason', () => {
    const { thumbs, five, seven, ends } = texts.labels;
    for (const words of [thumbs, five, seven, ...Object.values(ends), Object.values(texts.reasons)])
      expect(new Set(words).size).toBe(words.length);
    expect(
      Math.max(...[...own].filter(([path]) => path.startsWith('labels.')).map(([, text]) => text.length)),
    ).toBeLessThanOrEqual(40);
  });

  test('is written in the direction of its script', () => {
    const isRightToLeft = ['Arab', 'Hebr'].includes(new Intl.Locale(tag).maximize().script ?? '');
    expect(texts.direction).toBe(isRightToLeft ? 'rtl' : 'ltr');
  });
});

test.each(LANGUAGE_TAGS.filter((tag) => tag !== 'en'))('%s says nothing in English by accident', (tag) => {
  const same = [...textsOf(LANGUAGES[tag] as Texts)].filter(
    ([path, text]) => english.get(path) === text && !SHARED_WITH_ENGLISH.has(text),
  );
  expect(same).toEqual([]);
});

test('a value that runs against the language is kept together', () => {
  const number = { number: 'A-4711', brand: 'Acme' };
  expect(say('he', 'פנייה {number}', number)).toBe('פנייה \u2068A-4711\u2069');
  expect(say('ar', 'الطلب {number}', { number: '4711' })).toBe('الطلب \u20684711\u2069');
  expect(say('en', 'Request {number} to {brand}', number)).toBe('Request A-4711 to Acme');
  expect(say('en', 'Your request to {brand}', { brand: 'אקמי' })).toBe('Your request to \u2068אקמי\u2069');
  expect(say('he', 'שלום {name},', { name: 'עדה לבלייס' })).toBe('שלום עדה לבלייס,');
});

test('a value that looks like a place stays as it is', () => {
  expect(say('en', 'Hello {name},', { name: '{number}' })).toBe('Hello {number},');
  expect(() => say('en', 'Hello {name},', {})).toThrow();
});
