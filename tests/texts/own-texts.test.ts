import { describe, expect, test } from 'vitest';
import { composeInvitation } from '../../src/mail/compose.ts';
import { languagesWith, MESSAGE_PATHS } from '../../src/texts/own-texts.ts';
import { pointsOf, textsFor, wordingFor } from '../../src/texts/texts.ts';
import { SAMPLE_SURVEY, sampleInvitation } from '../support/sample-invitation.ts';
import { parseMail } from '../support/smtp.ts';

const OWN = languagesWith({
  'de-AT': { 'mail.greetingWithName': 'Grüß Gott {name},' },
  de: { 'mail.optOut': 'Bitte keine Umfragen mehr' },
});

describe('messages of one’s own', () => {
  test('replace ours, and nothing else', () => {
    const { texts } = textsFor('de', OWN);
    const { texts: ours } = textsFor('de');
    expect(texts).toEqual({ ...ours, mail: { ...ours.mail, optOut: 'Bitte keine Umfragen mehr' } });
    expect(textsFor('fr', OWN)).toEqual(textsFor('fr'));
  });

  test('make a variant, that has the own ones of its language too', () => {
    const { language, texts } = textsFor('de_AT', OWN);
    expect(language).toBe('de-AT');
    expect(texts.mail.greetingWithName).toBe('Grüß Gott {name},');
    expect(texts.mail.optOut).toBe('Bitte keine Umfragen mehr');
    expect(textsFor('de-CH', OWN).language).toBe('de');
  });

  test('stand around a question of the language, and around no other', () => {
    const survey = { ...SAMPLE_SURVEY, question: { de: 'Wie war es?', en: 'How was it?' } };
    expect(wordingFor(survey, 'csat', 'de-AT', OWN)).toMatchObject({
      language: 'de-AT',
      question: 'Wie war es?',
    });
    expect(wordingFor(survey, 'csat', 'fr', OWN)).toMatchObject({ language: 'en', question: 'How was it?' });
  });

  test('can be given for every path that leads to one message', () => {
    expect(MESSAGE_PATHS).toContain('mail.subject');
    expect(MESSAGE_PATHS.filter((path) => /^(question|labels|direction)/.test(path))).toEqual([]);
  });

  test('are what a mail says', async () => {
    const survey = { ...SAMPLE_SURVEY };
    const { raw } = await composeInvitation(sampleInvitation({ survey, locale: 'de-AT', languages: OWN }));
    const mail = await parseMail(raw);
    expect(mail.text).toContain('Grüß Gott Ada Lovelace,');
    expect(mail.text).toContain('Bitte keine Umfragen mehr');
    expect(mail.html).toContain('<html lang="de-AT"');
  });
});

describe('labels and icons of a survey', () => {
  const survey = {
    ...SAMPLE_SURVEY,
    scale: 'faces',
    labels: { en: ['Awful', 'Poor', 'Fair', 'Good', 'Great'] },
    icons: ['😡', '😕', '😶', '🙂', '🤩'],
  } as const;

  test('are shown where there are some for the language; icons always', () => {
    const english = pointsOf('faces', 'csat', wordingFor(survey, 'csat', 'en-GB'));
    expect(english[0]).toEqual({ score: 1, symbol: '😡', label: 'Awful', name: '1 – Awful' });
    const german = pointsOf('faces', 'csat', wordingFor(survey, 'csat', 'de'));
    expect(german[0]).toEqual({
      score: 1,
      symbol: '😡',
      label: 'Sehr unzufrieden',
      name: '1 – Sehr unzufrieden',
    });
  });

  test('two are the words for the ends', () => {
    const ends = { ...survey, scale: '1-10', labels: { en: ['Poor', 'Great'] }, icons: [] } as const;
    const points = pointsOf('1-10', 'csat', wordingFor(ends, 'csat', null));
    expect(points.map(({ label }) => label)).toEqual(['Poor', ...Array(8).fill(''), 'Great']);
  });

  test('are not for a survey that was asked on another scale', () => {
    expect(pointsOf('1-5', 'csat', wordingFor(survey, 'csat', 'en'))[0]).toEqual({
      score: 1,
      symbol: '1',
      label: 'Very dissatisfied',
      name: '1 – Very dissatisfied',
    });
  });
});

test('a changed question in one language leaves the standard one to the others', () => {
  const survey = { ...SAMPLE_SURVEY, question: { ...SAMPLE_SURVEY.question, de: 'Wie war die Hilfe?' } };
  expect(wordingFor(survey, 'csat', 'de').question).toBe('Wie war die Hilfe?');
  expect(wordingFor(survey, 'csat', 'fr')).toMatchObject({
    language: 'fr',
    question: textsFor('fr').texts.question.csat,
  });
  const other = { ...SAMPLE_SURVEY, question: { en: 'How was our shop?' } };
  expect(wordingFor(other, 'csat', 'fr')).toMatchObject({ language: 'en', question: 'How was our shop?' });
});

test('a survey that is no longer in the config asks the standard question', () => {
  expect(wordingFor(null, 'ces', 'eo,nl')).toMatchObject({
    language: 'nl',
    question: textsFor('nl').texts.question.ces,
  });
});
