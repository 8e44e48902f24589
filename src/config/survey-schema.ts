import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { SCALES } from '../domain/score.ts';
import { documented, section } from './documented.ts';
import { languageTag } from './language-tag.ts';
import { choice, duration, list, oneOf, words, yesNo } from './values.ts';

function matches(what: string) {
  return list(words({ about: `One ${what}.`, allowed: 'text' }), {
    about: `Use this survey only for cases with one of these: ${what}. Empty: any.`,
    allowed: 'a list of texts',
  });
}

const Question = documented(
  z
    .record(
      languageTag,
      words({ about: 'The question in this language.', allowed: 'text of up to 200 characters' }),
    )
    .refine((question) => Object.keys(question).length > 0, { message: 'there is no question' }),
  {
    about: 'What is asked, by language. The first one serves languages that are not listed.',
    allowed: 'a map from language tags to text, at least one',
    fix: 'Write, for example, { en: How would you rate the support you received? }.',
  },
);

const MOST_LABEL_CHARACTERS = 40;

const Labels = documented(
  z.record(
    languageTag,
    z.array(
      words({
        about: 'One label.',
        allowed: `text of up to ${MOST_LABEL_CHARACTERS} characters`,
        maxLength: MOST_LABEL_CHARACTERS,
      }),
    ),
  ),
  {
    about:
      'Words for the points, by language: one per point and the lowest first, or two for the ends of a scale of numbers. Languages that are not listed keep the standard ones.',
    allowed: 'a map from language tags to lists of texts',
    fix: 'Write, for example, { en: [Poor, Excellent] } on 1-10.',
  },
).prefault({});

const MOST_ICON_CHARACTERS = 16;

const Icons = list(
  words({
    about: 'One symbol.',
    allowed: `a symbol of up to ${MOST_ICON_CHARACTERS} characters`,
    maxLength: MOST_ICON_CHARACTERS,
  }),
  {
    about: 'Symbols for the points of thumbs, stars or faces, the lowest first. Empty: the standard ones.',
    allowed: 'a list of symbols, one per point',
  },
);

const scaleNames = Object.keys(SCALES) as [keyof typeof SCALES, ...(keyof typeof SCALES)[]];

/** One survey. `satisfiedFrom` and `followUpBelow` depend on the scale and are checked against it elsewhere. */
export const Survey = section('One survey.', {
  when: section('Which cases it is for: every list must match.', {
    brand: matches('brand'),
    channel: matches('channel'),
    tag: matches('tag'),
    team: matches('team'),
    language: matches('language'),
  }).prefault({}),
  kind: choice(['csat', 'ces', 'nps'], 'What is measured. The kinds are never added up.').default('csat'),
  scale: documented(z.enum(scaleNames), {
    about:
      'The scores a customer can give: thumbs are 0 and 1, stars, faces and labelled (words alone) 1 to 5. CES takes 1-5, 1-7 or 1-10, NPS 0-10.',
    allowed: oneOf(scaleNames),
    fix: `Write ${oneOf(scaleNames)}.`,
  }).default('1-5'),
  satisfiedFrom: documented(z.int(), {
    about:
      'The lowest score that counts as satisfied. Default: the top two points of the scale, on thumbs the upper one.',
    allowed: 'a whole number on the scale',
    fix: 'Write a number on the scale.',
  }).optional(),
  metric: words({
    about: 'Names this scale and threshold: charts break where it changes.',
    allowed: 'text of up to 40 characters',
    maxLength: 40,
  }),
  question: Question.prefault({ en: 'How would you rate the support you received?' }),
  labels: Labels,
  icons: Icons,
  followUpBelow: documented(z.int(), {
    about:
      "Lower scores open a follow-up; the scale's lowest point means none. Default: followUp.below on 1-5; other scales must say.",
    allowed: 'a whole number on the scale',
    fix: 'Write a number on the scale.',
  }).optional(),
  expires: duration({
    about: 'How long a link takes an answer, from sending.',
    minMs: HOUR_MS,
    maxMs: 365 * DAY_MS,
  }).prefault('30d'),
  changeWithin: duration({ about: 'How long a given answer can be changed.', maxMs: 365 * DAY_MS }).prefault(
    '7d',
  ),
  via: choice(
    ['mail', 'case', 'auto'],
    'The way to the customer: a mail, a public reply on the case by the CRM, or what fits the case.',
  ).default('mail'),
  reasons: yesNo('Asks after a low score what it was about: person, policy, product or wait.').default(true),
});
