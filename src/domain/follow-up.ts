import { createHash } from 'node:crypto';
import { closureKey } from './closure.ts';
import { minute } from './plain-words.ts';
import { reasonInWords } from './reasons.ts';
import type { Scale } from './score.ts';
import { describeScore, type SurveyKind } from './survey.ts';

/**
 * Names the follow-up of a closure, in the CRM too (as external id, or in the note on a case that was opened again): one
 * closure and action, one key, over all connectors of all installations. 37 characters that tell nothing about the case.
 */
export function followUpKey(of: {
  readonly installationId: string;
  readonly connector: string;
  readonly caseId: string;
  readonly closedAt: Date;
  /** Default: a task. */
  readonly action?: 'task' | 'reopen';
}): string {
  const closure = closureKey(of.connector, of.caseId, of.closedAt);
  const hash = createHash('sha256')
    .update(JSON.stringify([of.installationId, closure, ...(of.action === 'reopen' ? ['reopen'] : [])]))
    .digest('hex');
  return `csat:${hash.slice(0, 32)}`;
}

/** What a follow-up says about the answer behind it. */
export interface FollowUpFacts {
  readonly caseNumber: string;
  readonly score: number;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly comment: string | null;
  readonly reasons: readonly string[];
  readonly answeredAt: Date;
  /** Where staff open the case. */
  readonly url: string;
  /** Who is to see to it, where the task itself shows no owner. Default: nobody is named. */
  readonly namedOwner?: string | null;
}

/**
 * The task's words for staff, plain text in English. The customer's own words are quoted line by line, so that they cannot
 * be taken for ours. Throws RangeError for a score that is not on the scale.
 */
export function followUpText(facts: FollowUpFacts): { readonly subject: string; readonly body: string } {
  const score = describeScore(facts, facts.score);
  const comment = (facts.comment ?? '').trim();
  const paragraphs = [
    `The customer rated case ${facts.caseNumber} with ${score} on ${minute(facts.answeredAt)}.`,
    ...(facts.reasons.length === 0 ? [] : [`It was about: ${facts.reasons.map(reasonInWords).join(', ')}.`]),
    comment === '' ? 'They left no comment.' : `Their comment:\n${quote(comment)}`,
    ...(facts.namedOwner == null ? [] : [`${facts.namedOwner} sees to it that this is done.`]),
    'Please answer the customer. This task is done when they have heard back.',
    `Case: ${facts.url}`,
  ];
  return { subject: `Low score on case ${facts.caseNumber}: ${score}`, body: paragraphs.join('\n\n') };
}

function quote(text: string): string {
  return text
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}
