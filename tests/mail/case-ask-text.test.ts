import { expect, it } from 'vitest';
import { PLAIN_BRAND } from '../../src/domain/brand.ts';
import { createLinks } from '../../src/links.ts';
import { caseAskText } from '../../src/mail/case-ask-text.ts';
import { Secret } from '../../src/secret.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';

const surveyId = '0b8f3f5e-7c1a-4f0e-9f55-0a8d0c7f3e11';
const links = createLinks({
  publicUrl: 'https://survey.acme.example',
  secrets: [new Secret('s'.repeat(40))],
});
const survey = {
  name: 'support',
  kind: 'csat',
  scale: '1-5',
  question: { en: 'How was it?', de: 'Wie war es?' },
  labels: {},
  icons: [],
} as const;
const invitation = {
  survey,
  surveyId,
  expiresAt: new Date('2026-12-21T10:00:00Z'),
  links,
  locale: 'de-AT',
  languages: LANGUAGES,
  caseNumber: '4711\n{number}',
  brand: PLAIN_BRAND,
  isNarrow: false,
};

it('says in the language of the customer what is asked, with an address for each score and the mark as last line', () => {
  const { text, mark } = caseAskText(invitation);
  expect(mark).toBe(links.optOutUrl(surveyId));
  expect(text.split('\n').at(-1)).toBe(mark);
  expect(text).toContain('4711 {number}');
  expect(text).toContain('Wie war es?');
  const scores = [...text.matchAll(/\?score=(\d)/g)].map(([, score]) => score);
  expect(scores).toEqual(['1', '2', '3', '4', '5']);
  expect(Buffer.byteLength(text)).toBeLessThan(4_000);
});

it('has the same mark in every attempt, and one address to open where room is scarce', () => {
  const later = caseAskText({ ...invitation, expiresAt: new Date('2027-01-01T00:00:00Z'), isNarrow: true });
  expect(later.mark).toBe(caseAskText(invitation).mark);
  expect([...later.text.matchAll(/https:\/\/\S+/g)]).toHaveLength(2);
});
