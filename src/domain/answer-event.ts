import { isSatisfied, type Level, levelOf, needsFollowUp, type Thresholds } from './score.ts';
import type { SurveyKind } from './survey.ts';

/** What a receiver can be told of. Public: never rename one. */
export const ANSWER_EVENTS = ['answer.created', 'answer.changed'] as const;

export type AnswerEventType = (typeof ANSWER_EVENTS)[number];

/** The shape of an event's data. A receiver may count on it: keys are only added, and whatever else changes raises it. */
const FORMAT = 1;

/** The event of an answer's version. */
export function eventOf(version: number): AnswerEventType {
  return version === 1 ? 'answer.created' : 'answer.changed';
}

/** What is told of one version of an answer. No address and no name of the customer. */
export interface AnswerEventFacts {
  readonly connector: string;
  readonly case: { readonly id: string; readonly number: string; readonly url: string };
  readonly closure: { readonly cycle: number; readonly closedAt: Date };
  readonly survey: Thresholds & { readonly name: string; readonly metric: string; readonly kind: SurveyKind };
  readonly answer: {
    readonly version: number;
    readonly score: number;
    readonly reasons: readonly string[];
    readonly comment: string | null;
    readonly answeredAt: Date;
  };
}

/** An event as it is sent, see docs/webhooks.md. */
export interface AnswerEvent {
  readonly type: AnswerEventType;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly level: Level };
}

/** The event of one version of an answer. Without `comments`, what the customer wrote stays here. */
export function answerEvent(facts: AnswerEventFacts, options: { readonly comments: boolean }): AnswerEvent {
  return {
    type: eventOf(facts.answer.version),
    timestamp: facts.answer.answeredAt.toISOString(),
    data: answerEventData(facts, options),
  };
}

/** What every event tells of the answer that it is about. */
export function answerEventData(
  facts: AnswerEventFacts,
  options: { readonly comments: boolean },
): AnswerEvent['data'] {
  const { survey, answer } = facts;
  return {
    format: FORMAT,
    connector: facts.connector,
    case: { ...facts.case },
    closure: { cycle: facts.closure.cycle, closedAt: facts.closure.closedAt.toISOString() },
    survey: survey.name,
    metric: survey.metric,
    kind: survey.kind,
    scale: survey.scale,
    version: answer.version,
    score: answer.score,
    level: levelOf(survey, answer.score),
    satisfied: isSatisfied(survey, answer.score),
    followUp: needsFollowUp(survey, answer.score),
    reasons: [...answer.reasons],
    ...(options.comments ? { comment: answer.comment } : {}),
    answeredAt: answer.answeredAt.toISOString(),
  };
}
