import { text } from './values.ts';

/** The language of a text, as a key or as a value: a BCP 47 tag. */
export const languageTag = text<string>((tag) =>
  isLanguageTag(tag)
    ? { value: tag }
    : {
        message: 'this is not a language tag',
        allowed: 'tags such as en, de or pt-BR',
        fix: 'Write the language, with - and not _ before the region.',
      },
);

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
