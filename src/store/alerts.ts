import { type Kysely, sql, type Transaction } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import type { CaseSnapshot } from '../domain/case.ts';
import type { AlertKind, AlertWay } from './alert-tables.ts';
import { readFollowUps } from './follow-ups.ts';
import { type AnswerRow, type FollowUpRow, SCHEMA, type SurveyRow, type Tables } from './tables.ts';
import { nextDeliveryAt } from './webhook-events.ts';
import { isOrphaned } from './workers.ts';

/** Where alerts go: an address, or the name of a chat. */
export interface Receiver {
  readonly way: AlertWay;
  readonly receiver: string;
}

/** A receiver is sent one message a minute at most: what comes meanwhile goes with the next one. */
const GATHER_MS = MINUTE_MS;

/** A message that nobody took for so long, and so many times, is given up: we may have been away ourselves. */
const GIVE_UP_AFTER_MS = 72 * 60 * MINUTE_MS;
const GIVE_UP_AFTER_ATTEMPTS = 10;

/** Stores who is to be told of what. Repeating it changes nothing. */
export async function insertAlerts(
  tx: Transaction<Tables>,
  alerts: readonly (Receiver & {
    readonly followUpId: string;
    readonly start: number;
    readonly kind: AlertKind;
  })[],
  now: Date,
): Promise<void> {
  if (alerts.length === 0) return;
  await tx
    .withSchema(SCHEMA)
    .insertInto('alerts')
    .values(
      alerts.map(({ followUpId, ...alert }) => ({ ...alert, follow_up_id: followUpId, created_at: now })),
    )
    .onConflict((c) => c.doNothing())
    .execute();
}

/**
 * Puts the alerts that wait for each receiver into one message, unless one was made for them within the last minute. Every alert
 * is in one message, in however many processes this runs.
 */
export async function gatherMessages(db: Kysely<Tables>, now: Date): Promise<void> {
  const since = new Date(now.getTime() - GATHER_MS);
  const { rows: receivers } = await sql<Receiver>`
    select distinct way, receiver from caseloop.alerts a
     where message_id is null
       and not exists (select from caseloop.alert_messages m
                        where m.way = a.way and m.receiver = a.receiver and m.created_at > ${since} and m.created_at <= ${now})`.execute(
    db,
  );
  for (const { way, receiver } of receivers) {
    await sql`
      with free as (
        select id from caseloop.alerts where way = ${way} and receiver = ${receiver} and message_id is null
         for update skip locked),
      message as (
        insert into caseloop.alert_messages (way, receiver, state, created_at, next_attempt_at)
        select ${way}, ${receiver}, 'due', ${now}, ${now} where exists (select from free) returning id)
      update caseloop.alerts set message_id = (select id from message) where id in (select id from free)`.execute(
      db,
    );
  }
}

/** True when alerts wait for a message that may be made now, or a message is due. */
export async function hasAlertWork(db: Kysely<Tables>, now: Date): Promise<boolean> {
  const { rows } = await sql<{ work: boolean }>`
    select exists (select from caseloop.alerts where message_id is null)
        or exists (select from caseloop.alert_messages where state = 'due' and claimed_by is null and next_attempt_at <= ${now})
        as work`.execute(db);
  return rows[0]?.work === true;
}

/** One thing that a message tells. */
export interface ToldAlert {
  readonly kind: AlertKind;
  readonly row: FollowUpRow;
  readonly survey: SurveyRow;
  /** The answer that counts now. */
  readonly answer: AnswerRow;
  /** The case as it was when it closed. */
  readonly snapshot: CaseSnapshot;
}

export interface DueMessage extends Receiver {
  readonly id: string;
  /** This one included. */
  readonly attempts: number;
  readonly createdAt: Date;
  /** What is still worth telling; empty when the customers were answered meanwhile. */
  readonly alerts: readonly ToldAlert[];
}

/** Claims messages that are due and in nobody's hands, the longest due first. */
export async function claimMessages(
  db: Kysely<Tables>,
  claim: { workerId: string; now: Date; limit: number },
): Promise<readonly DueMessage[]> {
  const { rows: claimed } = await sql<{
    id: string;
    way: AlertWay;
    receiver: string;
    attempts: number;
    created_at: Date;
  }>`
    update caseloop.alert_messages set claimed_by = ${claim.workerId}, claimed_at = ${claim.now}, attempts = attempts + 1
     where id in (
       select id from caseloop.alert_messages
        where state = 'due' and claimed_by is null and next_attempt_at <= ${claim.now}
        order by next_attempt_at limit ${claim.limit} for update skip locked)
    returning id, way, receiver, attempts, created_at`.execute(db);
  if (claimed.length === 0) return [];
  const alerts = await db
    .withSchema(SCHEMA)
    .selectFrom('alerts')
    .selectAll()
    .where(
      'message_id',
      'in',
      claimed.map(({ id }) => id),
    )
    .orderBy('id')
    .execute();
  const followUps = await readFollowUps(db, [...new Set(alerts.map((alert) => alert.follow_up_id))]);
  return claimed.map(({ id, way, receiver, attempts, created_at }) => ({
    id,
    way,
    receiver,
    attempts,
    createdAt: created_at,
    alerts: alerts
      .filter((alert) => alert.message_id === id)
      .flatMap(({ kind, start, follow_up_id }) => {
        const followUp = followUps.find(({ row }) => row.id === follow_up_id);
        return followUp !== undefined && isStillSo(followUp.row, start) ? [{ kind, ...followUp }] : [];
      }),
  }));
}

function isStillSo(row: FollowUpRow, start: number): boolean {
  return row.is_clock && row.starts === start && row.stopped_at === null && row.recovered_at === null;
}

/** The receiver has it, or there was nothing left to tell, or nobody will ever take it. */
export async function endMessage(
  db: Kysely<Tables>,
  message: {
    id: string;
    workerId: string;
    state: 'sent' | 'dropped' | 'failed';
    at: Date;
    error: string | null;
  },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('alert_messages')
    .set({ state: message.state, done_at: message.at, claimed_by: null, last_error: message.error })
    .where('id', '=', message.id)
    .where('claimed_by', '=', message.workerId)
    .execute();
}

/** The receiver does not have it, or does not say so: it is tried again later, for three days at least. False when it is given up. */
export async function putMessageBack(
  db: Kysely<Tables>,
  message: DueMessage,
  failure: { workerId: string; now: Date; error: string; askedMs: number | null },
): Promise<boolean> {
  const { workerId, now, error, askedMs } = failure;
  const isOld = now.getTime() - message.createdAt.getTime() > GIVE_UP_AFTER_MS;
  if (isOld && message.attempts >= GIVE_UP_AFTER_ATTEMPTS) {
    await endMessage(db, { id: message.id, workerId, state: 'failed', at: now, error });
    return false;
  }
  await db
    .withSchema(SCHEMA)
    .updateTable('alert_messages')
    .set({
      claimed_by: null,
      next_attempt_at: nextDeliveryAt(message.attempts, now, askedMs),
      last_error: error,
    })
    .where('id', '=', message.id)
    .where('claimed_by', '=', workerId)
    .execute();
  return true;
}

/** Frees messages whose worker died or hangs: they are sent once more, under the same id. */
export async function freeOrphanedMessages(db: Kysely<Tables>): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('alert_messages')
    .set({ claimed_by: null })
    .where(isOrphaned(db))
    .execute();
}
