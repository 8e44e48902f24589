import { type AnswerEventFacts, answerEventData } from './answer-event.ts';

/** What a receiver can be told of low scores. Public: never rename one. */
export const FOLLOW_UP_EVENTS = ['follow-up.opened', 'follow-up.overdue', 'follow-up.recovered'] as const;

export type FollowUpEventType = (typeof FOLLOW_UP_EVENTS)[number];

/** How the clock of a follow-up stands when the event is sent. */
export interface ClockFacts {
  readonly lowSince: Date;
  readonly dueAt: Date;
  readonly escalatedAt: Date | null;
  readonly recoveredAt: Date | null;
  readonly recoveredBy: string | null;
  /** The record of the task in the CRM; null while there is none. */
  readonly task: { readonly id: string; readonly url: string | null } | null;
}

/** An event as it is sent, see docs/webhooks.md. */
export interface FollowUpEvent {
  readonly type: FollowUpEventType;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is told of a follow-up, together with the answer behind it. `at`: when it came to that. */
export function followUpEvent(
  type: FollowUpEventType,
  facts: AnswerEventFacts & { readonly clock: ClockFacts; readonly at: Date },
  options: { readonly comments: boolean },
): FollowUpEvent {
  const { lowSince, dueAt, escalatedAt, recoveredAt, recoveredBy, task } = facts.clock;
  return {
    type,
    timestamp: facts.at.toISOString(),
    data: {
      ...answerEventData(facts, options),
      recovery: {
        lowSince: lowSince.toISOString(),
        dueAt: dueAt.toISOString(),
        escalatedAt: escalatedAt?.toISOString() ?? null,
        recoveredAt: recoveredAt?.toISOString() ?? null,
        recoveredBy,
        task,
      },
    },
  };
}
