import type { ClosureHistory } from './store/history.ts';
import type { FollowUpRow } from './store/tables.ts';

type Event = { readonly at: Date; readonly what: string };

/** What became of a low score: who was told, whether the customer was answered, in sentences. No addresses. */
export function recoveryEvents({ followUps, alerts }: ClosureHistory): Event[] {
  const clock = followUps.find((row) => row.is_clock);
  return [...alerts.map(toldEvent), ...(clock === undefined ? [] : clockEvents(clock))];
}

function toldEvent({ kind, way, receivers, at }: ClosureHistory['alerts'][number]): Event {
  const count = receivers.length;
  const who =
    way === 'chat'
      ? `The chat ${receivers.join(', ')}`
      : `By mail ${count === 1 ? 'one person' : `${count} people`}`;
  const what = kind === 'overdue' ? 'that nobody had answered in time' : 'of the low score';
  return { at, what: `${who} ${count === 1 ? 'was' : 'were'} told ${what}.` };
}

const PROOFS = {
  reply: 'somebody on our side wrote to them on the case',
  task: 'the follow-up task was done',
  'by-hand': 'a person here said so',
} as const;

function clockEvents(clock: FollowUpRow): Event[] {
  const events: Event[] = [];
  if (clock.escalated_at !== null)
    events.push({
      at: clock.escalated_at,
      what: 'Nobody had answered the customer in time: it was escalated.',
    });
  if (clock.recovered_at !== null && clock.recovered_by !== null)
    events.push({
      at: clock.recovered_at,
      what: `The customer was answered: ${PROOFS[clock.recovered_by]}.`,
    });
  if (clock.stopped_at !== null)
    events.push({
      at: clock.stopped_at,
      what: 'The score is not low any more, so nobody waits for an answer to the customer.',
    });
  return events;
}

/** What is still to come of a low score. */
export function recoveryDue({
  followUps,
}: ClosureHistory): { at: Date | null; what: string; fix: string | null }[] {
  const clock = followUps.find((row) => row.is_clock);
  if (clock === undefined || clock.recovered_at !== null || clock.stopped_at !== null) return [];
  const what =
    clock.escalated_at === null
      ? 'The customer is to be answered; after that people are told that nobody did.'
      : 'The customer is still to be answered.';
  return [
    { at: clock.due_at, what, fix: 'Answer the customer in the CRM, in public, or finish the task there.' },
  ];
}
