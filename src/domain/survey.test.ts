import { describe, expect, test } from 'vitest';
import { snapshotWith, surveyWith } from '../../tests/property/domain-facts.ts';
import type { CaseSnapshot } from './case.ts';
import {
  chooseSurvey,
  describeScore,
  labelsFor,
  localeOf,
  localesOf,
  questionLanguage,
  ratingWord,
  type SurveyMatch,
  viaFor,
} from './survey.ts';

const ANY: SurveyMatch = { brand: [], channel: [], tag: [], team: [], language: [] };

function matches(when: Partial<SurveyMatch>, changes: Partial<CaseSnapshot>): boolean {
  return chooseSurvey([surveyWith({ when: { ...ANY, ...when } })], snapshotWith(changes)) !== null;
}

function requesterIn(locale: string | null): CaseSnapshot['requester'] {
  return { ...snapshotWith().requester, locale };
}

describe('choosing a survey', () => {
  test('the first that matches is used', () => {
    const chat = surveyWith({ name: 'chat', when: { ...ANY, channel: ['chat'] } });
    const all = surveyWith({ name: 'all' });
    const later = surveyWith({ name: 'later' });
    expect(chooseSurvey([chat, all, later], snapshotWith({ channel: 'email' }))?.name).toBe('all');
    expect(chooseSurvey([chat, all, later], snapshotWith({ channel: 'chat' }))?.name).toBe('chat');
  });

  test('without a match there is none', () => {
    expect(
      chooseSurvey([surveyWith({ when: { ...ANY, brand: ['acme'] } })], snapshotWith({ brand: null })),
    ).toBeNull();
    expect(chooseSurvey([], snapshotWith())).toBeNull();
  });

  test('any value of a list will do, in any letter case, and every list must match', () => {
    expect(matches({ brand: ['other', 'ACME'] }, { brand: 'Acme' })).toBe(true);
    expect(matches({ brand: ['acme'], channel: ['chat'] }, { brand: 'acme', channel: 'email' })).toBe(false);
    expect(matches({ tag: ['vip', 'beta'] }, { tags: ['x', 'Beta'] })).toBe(true);
    expect(matches({ tag: ['vip'] }, { tags: ['vip2'] })).toBe(false);
  });

  test('a team matches by name or id', () => {
    const team = { id: '360', name: 'Tier 1' };
    expect(matches({ team: ['tier 1'] }, { team })).toBe(true);
    expect(matches({ team: ['360'] }, { team })).toBe(true);
    expect(matches({ team: ['tier 2'] }, { team })).toBe(false);
  });

  test.each([
    ['de', 'de-AT', true],
    ['de-AT', 'de', true],
    ['de', 'DE_at', true],
    ['de-AT', 'de-CH', false],
    ['de', 'den', false],
    ['de', null, false],
  ])('language %s for a requester in %s: %s', (wanted, locale, expected) => {
    expect(matches({ language: [wanted] }, { requester: requesterIn(locale) })).toBe(expected);
  });

  test("the requester's language comes before the case's", () => {
    expect(localeOf(snapshotWith({ requester: requesterIn('fr'), language: 'de' }))).toBe('fr');
    expect(localeOf(snapshotWith({ requester: requesterIn(null), language: 'de' }))).toBe('de');
    expect(localeOf(snapshotWith())).toBeNull();
  });

  test("what is written to them is asked for in theirs, then the case's, then the brand's", () => {
    const snapshot = snapshotWith({ requester: requesterIn('eo'), language: 'de_AT' });
    expect(localesOf(snapshot, { locale: 'fr' })).toBe('eo,de_AT,fr');
    expect(localesOf(snapshot, { locale: null })).toBe('eo,de_AT');
    expect(localesOf(snapshotWith(), { locale: 'fr' })).toBe('fr');
    expect(localesOf(snapshotWith(), { locale: null })).toBeNull();
  });
});

describe('the question', () => {
  const survey = surveyWith({
    question: { en: 'How?', de: 'Wie?', 'de-CH': 'Wie, bitte?', 'pt-BR': 'Como?' },
  });

  test.each([
    ['de-CH', 'de-CH'],
    ['de-CH-1996', 'de-CH'],
    ['de_AT', 'de'],
    ['pt', 'pt-BR'],
    ['fr', 'en'],
    ['fr,de-AT', 'de'],
    [null, 'en'],
  ])('for %s is the one in %s', (locale, language) => {
    expect(questionLanguage(survey, locale, 'en')).toBe(language);
  });

  test('without the fallback language it is the first one', () => {
    expect(questionLanguage(surveyWith({ question: { nl: 'Hoe?', de: 'Wie?' } }), 'fr', 'en')).toBe('nl');
  });

  test('a survey without one is refused', () => {
    expect(() => questionLanguage(surveyWith({ question: {} }), 'en', 'en')).toThrow(
      new RangeError('survey support has no question: expected at least one language'),
    );
  });
});

describe('labels', () => {
  test('fit what the survey asks', () => {
    expect(labelsFor({ kind: 'csat', scale: 'stars' })[1]).toBe('Dissatisfied');
    expect(labelsFor({ kind: 'nps', scale: '0-10' })).toEqual([
      ...['Not at all likely', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'Extremely likely'],
    ]);
    expect(labelsFor({ kind: 'ces', scale: '1-7' })).toEqual([
      'Very difficult',
      '2',
      '3',
      '4',
      '5',
      '6',
      'Very easy',
    ]);
    expect(labelsFor({ kind: 'ces', scale: 'thumbs' })).toEqual(['Thumbs down', 'Thumbs up']);
  });
});

test('a score is one word for staff, or the number where there is no word', () => {
  expect(ratingWord({ kind: 'csat', scale: '1-5' }, 2)).toBe('Dissatisfied');
  expect(ratingWord({ kind: 'csat', scale: 'thumbs' }, 0)).toBe('Thumbs down');
  expect(ratingWord({ kind: 'nps', scale: '0-10' }, 6)).toBe('6');
  expect(() => ratingWord({ kind: 'csat', scale: '1-5' }, 6)).toThrow(RangeError);
});

describe('the way to the customer', () => {
  const wayOf = (via: 'mail' | 'case' | 'auto', channel: string, email: string | null): string =>
    viaFor(surveyWith({ via }), snapshotWith({ channel, requester: { ...snapshotWith().requester, email } }));

  test('auto mails whoever has an address, unless it was a conversation', () => {
    expect(wayOf('auto', 'email', 'ada@customer.example')).toBe('mail');
    for (const channel of ['chat', 'messaging', 'WhatsApp', 'facebook', 'sms', 'line'])
      expect(wayOf('auto', channel, 'ada@customer.example'), channel).toBe('case');
    for (const email of [null, 'nonsense', 'no-reply@customer.example'])
      expect(wayOf('auto', 'email', email), String(email)).toBe('case');
  });

  test('one that was chosen holds for every case', () => {
    expect(wayOf('case', 'email', 'ada@customer.example')).toBe('case');
    expect(wayOf('mail', 'chat', null)).toBe('mail');
  });
});

describe('a score in words for staff', () => {
  test.each([
    ['csat', '1-5', 2, '2 on a scale of 1 to 5 (Dissatisfied)'],
    ['csat', '1-10', 7, '7 on a scale of 1 to 10'],
    ['csat', 'thumbs', 0, 'thumbs down'],
    ['csat', 'labelled', 2, '2 on a scale of 1 to 5 (Dissatisfied)'],
    ['ces', '1-5', 1, '1 on a scale of 1 to 5 (Very difficult)'],
    ['ces', '1-5', 2, '2 on a scale of 1 to 5'],
    ['nps', '0-10', 0, '0 on a scale of 0 to 10 (Not at all likely)'],
  ] as const)('%s on %s: %i is told as "%s"', (kind, scale, score, words) => {
    expect(describeScore({ kind, scale }, score)).toBe(words);
  });

  test('is refused off the scale', () => {
    expect(() => describeScore({ kind: 'ces', scale: '1-5' }, 6)).toThrow(RangeError);
  });
});
