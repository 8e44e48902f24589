import { type Kysely, sql, type Transaction } from 'kysely';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import { type AnswerEventFacts, type AnswerEventType, answerEvent, eventOf } from '../domain/answer-event.ts';
import { type ClockFacts, type FollowUpEventType, followUpEvent } from '../domain/follow-up-event.ts';
import { snapshotFromJson } from './snapshot.ts';
import { SCHEMA, type Tables } from './tables.ts';
import { isOrphaned } from './workers.ts';

/** A receiver of events, as the config names it. */
export interface WebhookSubscription {
  readonly name: string;
  readonly events: readonly (AnswerEventType | FollowUpEventType)[];
}

/** How long an event waits after its first failed attempt. */
export const FIRST_WAIT_MS = 5 * SECOND_MS;

/** How long an event waits after its nth failed attempt; from then on the last of these. */
const WAITS_MS = [
  FIRST_WAIT_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
] as const;

/** An event that nobody took for so long is given up. */
const GIVE_UP_AFTER_MS = 72 * HOUR_MS;

/** When an event is due again after its nth failed attempt, and not before the receiver wants it. */
export function nextDeliveryAt(attempts: number, now: Date, askedMs: number | null): Date {
  const wait = WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? FIRST_WAIT_MS;
  return new Date(now.getTime() + Math.max(wait, askedMs ?? 0));
}

/** Stores an event for each webhook that listens to it. Repeating it for the same version changes nothing. */
export async function queueEvents(
  tx: Transaction<Tables>,
  webhooks: readonly WebhookSubscription[],
  answer: { surveyId: string; version: number; at: Date },
): Promise<void> {
  const listening = webhooks.filter(({ events }) => events.includes(eventOf(answer.version)));
  if (listening.length === 0) return;
  await tx
    .withSchema(SCHEMA)
    .insertInto('webhook_events')
    .values(
      listening.map(({ name }) => ({
        webhook: name,
        survey_id: answer.surveyId,
        version: answer.version,
        state: 'due' as const,
        created_at: answer.at,
        next_attempt_at: answer.at,
      })),
    )
    .onConflict((c) => c.columns(['survey_id', 'version', 'webhook', 'event']).doNothing())
    .execute();
}

/**
 * Stores what became of follow-ups, for each webhook that listens: once for each version of the answer, which is the one that
 * counts now. Repeating it changes nothing.
 */
export async function queueFollowUpEvents(
  tx: Transaction<Tables>,
  webhooks: readonly WebhookSubscription[],
  event: { type: FollowUpEventType; closureIds: readonly string[]; at: Date },
): Promise<void> {
  const listening = webhooks.filter(({ events }) => events.includes(event.type)).map(({ name }) => name);
  if (listening.length === 0 || event.closureIds.length === 0) return;
  await sql`
    insert into caseloop.webhook_events (webhook, survey_id, version, event, state, created_at, next_attempt_at)
    select w.name, s.id, (select max(version) from caseloop.answers a where a.survey_id = s.id), ${event.type}, 'due',
           ${event.at}, ${event.at}
      from caseloop.surveys s cross join unnest(${listening}::text[]) as w (name)
     where s.closure_id = any(${event.closureIds}::uuid[])
        on conflict do nothing`.execute(tx);
}

/** An event to be delivered. Its id is the same in every attempt. */
export interface DueEvent {
  readonly id: string;
  /** This one included. */
  readonly attempts: number;
  readonly event: 'answer' | FollowUpEventType;
  readonly facts: AnswerEventFacts;
  /** When it came to that. */
  readonly at: Date;
  /** Of the follow-up; null where there never was one. */
  readonly clock: ClockFacts | null;
}

/** What is sent of it. Without `comments`, what the customer wrote stays here. */
export function eventBody({ event, facts, at, clock }: DueEvent, options: { comments: boolean }): string {
  const told =
    event === 'answer' || clock === null
      ? answerEvent(facts, options)
      : followUpEvent(event, { ...facts, at, clock }, options);
  return JSON.stringify(told);
}

/** Claims up to `limit` events that are due and in nobody's hands, the longest due first. */
export async function claimDueEvents(
  db: Kysely<Tables>,
  claim: { webhook: string; workerId: string; now: Date; limit: number },
): Promise<readonly DueEvent[]> {
  const { rows: claimed } = await sql<{ id: string }>`
    update caseloop.webhook_events set claimed_by = ${claim.workerId}, claimed_at = ${claim.now}, attempts = attempts + 1
     where id in (
       select id from caseloop.webhook_events
        where webhook = ${claim.webhook} and state = 'due' and claimed_by is null and next_attempt_at <= ${claim.now}
        order by next_attempt_at, version limit ${claim.limit} for update skip locked)
    returning id`.execute(db);
  if (claimed.length === 0) return [];
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('webhook_events as e')
    .innerJoin('surveys as s', 's.id', 'e.survey_id')
    .innerJoin('closures as c', 'c.id', 's.closure_id')
    .innerJoin('answers as a', (join) =>
      join.onRef('a.survey_id', '=', 'e.survey_id').onRef('a.version', '=', 'e.version'),
    )
    .leftJoin('follow_ups as f', (join) =>
      join.onRef('f.closure_id', '=', 'c.id').on('f.is_clock', '=', true),
    )
    .select(['e.id', 'e.attempts', 'e.event', 'e.created_at', 'c.cycle', 'c.closed_at', 'c.snapshot'])
    .select(['f.low_since', 'f.due_at', 'f.escalated_at', 'f.recovered_at', 'f.recovered_by'])
    .select(['f.ref_id', 'f.ref_url'])
    .select([
      's.connector',
      's.name',
      's.metric',
      's.kind',
      's.scale',
      's.satisfied_from',
      's.follow_up_below',
    ])
    .select(['a.version', 'a.score', 'a.reasons', 'a.comment', 'a.answered_at'])
    .where(
      'e.id',
      'in',
      claimed.map(({ id }) => id),
    )
    .orderBy('e.next_attempt_at')
    .orderBy('e.version')
    .execute();
  return rows.map((row) => {
    const { caseId, number, url } = snapshotFromJson(row.snapshot);
    return {
      id: row.id,
      attempts: row.attempts,
      event: row.event,
      at: row.created_at,
      clock: clockOf(row),
      facts: {
        connector: row.connector,
        case: { id: caseId, number, url },
        closure: { cycle: row.cycle, closedAt: row.closed_at },
        survey: {
          name: row.name,
          metric: row.metric,
          kind: row.kind,
          scale: row.scale,
          satisfiedFrom: row.satisfied_from,
          followUpBelow: row.follow_up_below,
        },
        answer: {
          version: row.version,
          score: row.score,
          reasons: row.reasons as string[],
          comment: row.comment,
          answeredAt: row.answered_at,
        },
      },
    };
  });
}

function clockOf(row: {
  low_since: Date | null;
  due_at: Date | null;
  escalated_at: Date | null;
  recovered_at: Date | null;
  recovered_by: string | null;
  ref_id: string | null;
  ref_url: string | null;
}): ClockFacts | null {
  if (row.low_since === null || row.due_at === null) return null;
  return {
    lowSince: row.low_since,
    dueAt: row.due_at,
    escalatedAt: row.escalated_at,
    recoveredAt: row.recovered_at,
    recoveredBy: row.recovered_by,
    task: row.ref_id === null ? null : { id: row.ref_id, url: row.ref_url },
  };
}

/** The receiver has it. */
export async function markDelivered(
  db: Kysely<Tables>,
  event: { id: string; workerId: string; at: Date },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('webhook_events')
    .set({ state: 'delivered', done_at: event.at, claimed_by: null, last_error: null })
    .where('id', '=', event.id)
    .where('claimed_by', '=', event.workerId)
    .execute();
}

/** The receiver does not have it, or does not say so: due again at `at`. */
export async function putEventBack(
  db: Kysely<Tables>,
  event: { id: string; workerId: string; at: Date; error: string },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('webhook_events')
    .set({ next_attempt_at: event.at, claimed_by: null, last_error: event.error })
    .where('id', '=', event.id)
    .where('claimed_by', '=', event.workerId)
    .execute();
}

/** Webhooks that have events due and in nobody's hands, and are not disabled. */
export async function webhooksWithDueEvents(db: Kysely<Tables>, now: Date): Promise<string[]> {
  const s = db.withSchema(SCHEMA);
  const rows = await s
    .selectFrom('webhook_events')
    .select('webhook')
    .distinct()
    .where('state', '=', 'due')
    .where('claimed_by', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where('webhook', 'not in', s.selectFrom('webhooks').select('name'))
    .execute();
  return rows.map(({ webhook }) => webhook);
}

/** Frees events whose worker died or hangs: they are sent once more, under the same id. */
export async function freeOrphanedEvents(db: Kysely<Tables>): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('webhook_events')
    .set({ claimed_by: null })
    .where(isOrphaned(db))
    .execute();
}

/** Gives up events that nobody took for `GIVE_UP_AFTER_MS`, or since they were retried; gives how many, by webhook. */
export async function giveUpOldEvents(db: Kysely<Tables>, now: Date): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .withSchema(SCHEMA)
    .updateTable('webhook_events')
    .set({ state: 'failed', done_at: now })
    .where('state', '=', 'due')
    .where('claimed_by', 'is', null)
    .where((e) => e.fn.coalesce('retried_at', 'created_at'), '<', new Date(now.getTime() - GIVE_UP_AFTER_MS))
    .returning('webhook')
    .execute();
  const counts = new Map<string, number>();
  for (const { webhook } of rows) counts.set(webhook, (counts.get(webhook) ?? 0) + 1);
  return counts;
}
