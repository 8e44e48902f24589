import { SCALES, type Scale } from '../domain/score.ts';
import { PROMOTERS_FROM, SCALES_OF, type SurveyKind } from '../domain/survey.ts';
import { checkBrands } from './brand-checks.ts';
import { checkHours } from './hours-check.ts';
import { checkLabels } from './label-checks.ts';
import { NAME } from './name.ts';
import type { ConfigWarning, KeyPath, ProblemDraft } from './problem.ts';
import { checkSignIn } from './sign-in-check.ts';
import type { Source } from './source.ts';
import { checkTexts } from './text-checks.ts';
import { entriesAt, valueAt } from './value-at.ts';
import { oneOf } from './values.ts';

/**
 * Rules that hold between keys. They look at the plain values, so that they speak up together with the rules for single
 * keys; what those already refuse is passed over.
 */
export function checkAcrossKeys(value: unknown): ProblemDraft[] {
  return [
    ...checkScales(value),
    ...checkKinds(value),
    ...checkHours(value),
    ...checkLead(value),
    ...checkNotEmpty(value, 'connectors'),
    ...checkNotEmpty(value, 'surveys'),
    ...checkNames(value, 'connectors'),
    ...checkNames(value, 'surveys'),
    ...checkNames(value, 'brands'),
    ...checkNames(value, 'webhooks'),
    ...checkChatNames(value),
    ...checkBrands(value),
    ...checkLabels(value),
    ...checkTexts(value),
    ...checkSignIn(value),
  ];
}

function checkScales(value: unknown): ProblemDraft[] {
  return entriesAt(value, ['surveys']).flatMap(([name, survey]) => {
    const scale = valueAt(survey, ['scale']) ?? '1-5';
    if (!isScale(scale)) return [];
    return [
      ...offScale(scale, ['surveys', name, 'satisfiedFrom'], valueAt(survey, ['satisfiedFrom'])),
      ...offScale(scale, ['surveys', name, 'followUpBelow'], valueAt(survey, ['followUpBelow'])),
      ...missingFollowUpBelow(scale, ['surveys', name, 'followUpBelow'], survey),
      ...overlap(scale, ['surveys', name, 'followUpBelow'], survey),
    ];
  });
}

/** A kind is a metric of its own: a scale or threshold that is not its makes a figure that nobody can compare. */
function checkKinds(value: unknown): ProblemDraft[] {
  return entriesAt(value, ['surveys']).flatMap(([name, survey]) => {
    const kind = valueAt(survey, ['kind']) ?? 'csat';
    const scale = valueAt(survey, ['scale']) ?? '1-5';
    if (!isKind(kind) || !isScale(scale)) return [];
    if (!SCALES_OF[kind].includes(scale)) {
      const scales = oneOf(SCALES_OF[kind]);
      return [
        {
          path: ['surveys', name, 'scale'],
          message: `${kind} is not asked on the scale ${scale}`,
          allowed: `${scales} for ${kind}`,
          fix: `Write ${scales}, or another kind; either way with a new metric name.`,
        },
      ];
    }
    const satisfiedFrom = valueAt(survey, ['satisfiedFrom']) ?? PROMOTERS_FROM;
    if (kind !== 'nps' || satisfiedFrom === PROMOTERS_FROM) return [];
    return [
      {
        path: ['surveys', name, 'satisfiedFrom'],
        message: 'NPS counts 9 and 10 as promoters, and no other scores',
        allowed: `${PROMOTERS_FROM} for nps`,
        fix: 'Delete it, or choose the kind csat with a new metric name.',
      },
    ];
  });
}

function isKind(value: unknown): value is SurveyKind {
  return typeof value === 'string' && Object.hasOwn(SCALES_OF, value);
}

function isScale(value: unknown): value is Scale {
  return typeof value === 'string' && Object.hasOwn(SCALES, value);
}

function offScale(scale: Scale, path: KeyPath, score: unknown): ProblemDraft[] {
  const { min, max } = SCALES[scale];
  if (typeof score !== 'number' || !Number.isInteger(score) || (score >= min && score <= max)) return [];
  return [
    {
      path,
      message: 'the score is not on the scale of this survey',
      allowed: rangeOf(scale),
      fix: 'Write a score of this scale, or change the scale and give it a new metric name.',
    },
  ];
}

function missingFollowUpBelow(scale: Scale, path: KeyPath, survey: unknown): ProblemDraft[] {
  if (SCALES[scale].followUpBelow !== null || typeof survey !== 'object' || survey === null) return [];
  if (valueAt(survey, ['followUpBelow']) !== undefined) return [];
  return [
    {
      path,
      message: 'this key is required on every scale but 1-5',
      allowed: `${rangeOf(scale)}; ${SCALES[scale].min} for no follow-ups`,
      fix: 'Add it: lower scores open a follow-up.',
    },
  ];
}

/** A score cannot be satisfied and ask for a follow-up at once. */
function overlap(scale: Scale, path: KeyPath, survey: unknown): ProblemDraft[] {
  const { max } = SCALES[scale];
  const satisfiedFrom = valueAt(survey, ['satisfiedFrom']) ?? SCALES[scale].satisfiedFrom;
  const followUpBelow = valueAt(survey, ['followUpBelow']);
  if (typeof satisfiedFrom !== 'number' || typeof followUpBelow !== 'number') return [];
  if (followUpBelow <= satisfiedFrom || satisfiedFrom > max || followUpBelow > max) return [];
  return [
    {
      path,
      message: 'scores that count as satisfied would open a follow-up',
      allowed: `at most satisfiedFrom, which is ${satisfiedFrom}`,
      fix: 'Lower followUpBelow, or raise satisfiedFrom and give the survey a new metric name.',
    },
  ];
}

function rangeOf(scale: Scale): string {
  const { min, max } = SCALES[scale];
  return `a whole number from ${min} to ${max} on the scale ${scale}`;
}

function checkLead(value: unknown): ProblemDraft[] {
  if (
    valueAt(value, ['followUp', 'owner']) !== 'lead' ||
    valueAt(value, ['followUp', 'lead', 'default']) !== undefined
  )
    return [];
  return [
    {
      path: ['followUp', 'lead', 'default'],
      message: 'this key is required when the owner is the lead',
      allowed: 'the mail address of the lead of every team that has no line of its own',
      fix: 'Add it under followUp.lead, or set followUp.owner to assignee.',
    },
  ];
}

function checkChatNames(value: unknown): ProblemDraft[] {
  return entriesAt(value, ['followUp', 'alerts'])
    .filter(([name]) => !NAME.test(name))
    .map(([name]) => ({
      ...notAName,
      path: ['followUp', 'alerts', name],
      fix: 'Rename it, for example leads.',
    }));
}

function checkNotEmpty(value: unknown, section: 'connectors' | 'surveys'): ProblemDraft[] {
  const found = valueAt(value, [section]);
  const isMap = typeof found === 'object' && found !== null && !Array.isArray(found);
  if (!isMap || Object.keys(found).length > 0) return [];
  return [
    {
      path: [section],
      message: 'there is none',
      allowed: 'at least one',
      fix:
        section === 'surveys'
          ? 'Add a survey, or delete the key for one on the scale 1-5.'
          : 'Add a connector, as config/example.yaml shows.',
    },
  ];
}

const NAMED = {
  connectors: 'zendesk-eu',
  surveys: 'support',
  brands: 'acme',
  webhooks: 'data-team',
} as const;

function checkNames(value: unknown, section: keyof typeof NAMED): ProblemDraft[] {
  return entriesAt(value, [section])
    .filter(([name]) => !NAME.test(name))
    .map(([name]) => ({
      ...notAName,
      path: [section, name],
      fix: `Rename it, for example ${NAMED[section]}.`,
    }));
}

const notAName = {
  atKey: true,
  message: 'this cannot be a name',
  allowed: 'a small letter, then up to 39 small letters, digits and -',
} as const;

/** Words for what a support survey must not ask about: those answers say nothing about the support. */
const OTHER_SUBJECTS =
  /\b(products?|pricing|prices?|price|roadmaps?|features?|produkte?s?|preise?s?|funktionen|produits?|prix|tarifs?|productos?|precios?|prodott[oi]|prezz[oi])\b/i;

/** A warning for every CSAT question that asks about more than the support. */
export function warnOfQuestions(source: Source, value: unknown): ConfigWarning[] {
  return entriesAt(value, ['surveys']).flatMap(([name, survey]) => {
    if ((valueAt(survey, ['kind']) ?? 'csat') !== 'csat') return [];
    return entriesAt(survey, ['question'])
      .filter(([, question]) => typeof question === 'string' && OTHER_SUBJECTS.test(question))
      .map(([language]) =>
        source.warning(
          ['surveys', name, 'question', language],
          'the question seems to be about product, pricing or roadmap. A support survey asks about the support just received: otherwise people are scored for what they cannot change.',
        ),
      );
  });
}
