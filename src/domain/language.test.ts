import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestLanguage } from './language.ts';

const TAGS = ['en', 'de', 'es', 'pt-BR', 'zh-Hans', 'he', 'id', 'nb', 'sr'];

test.each([
  ['de', 'de'],
  ['DE_at', 'de'],
  ['de-CH-1996', 'de'],
  ['es-419', 'es'],
  ['pt', 'pt-BR'],
  ['pt-PT', 'pt-BR'],
  ['zh', 'zh-Hans'],
  ['zh-CN', 'zh-Hans'],
  ['zh_SG', 'zh-Hans'],
  // Other characters are another way of writing.
  ['zh-TW', null],
  ['zh-Hant-HK', null],
  ['sr-Latn', null],
  // Old names of languages.
  ['iw', 'he'],
  ['in', 'id'],
  ['no', 'nb'],
  ['nn-NO', 'nb'],
  ['den', null],
  ['und', null],
  ['und,de', 'de'],
  ['eo', null],
  // Whoever speaks none of our languages may speak another one of theirs.
  ['eo, de-AT,es', 'de'],
  ['eo,no language at all,es', 'es'],
  ['', null],
  ['english, please', null],
  [null, null],
])('%s is written to in %s', (locale, language) => {
  expect(nearestLanguage(TAGS, locale)).toBe(language);
});

test('a variant comes before its language, and its region before another', () => {
  expect(nearestLanguage(['de', 'de-AT', 'de-CH'], 'de-CH')).toBe('de-CH');
  expect(nearestLanguage(['de-AT', 'de-CH', 'de'], 'de-LI')).toBe('de');
  expect(nearestLanguage(['de-AT', 'de-CH'], 'de-LI')).toBe('de-AT');
  expect(nearestLanguage(['pt-PT', 'pt-BR'], 'pt')).toBe('pt-BR');
  expect(nearestLanguage(['zh-Hans', 'zh-Hant'], 'zh-TW')).toBe('zh-Hant');
});

test('nothing that a CRM may hold is an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (locale) => {
      expect([...TAGS, null]).toContain(nearestLanguage(TAGS, locale));
    }),
    { numRuns: 200 },
  );
});
