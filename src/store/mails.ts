import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Decision } from '../domain/policy.ts';
import type { PendingAsk } from './pending-ask.ts';
import { snapshotFromJson } from './snapshot.ts';
import { SCHEMA, type SurveyRow, type Tables } from './tables.ts';
import { isOrphaned } from './workers.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/** The first mail of a survey, the one that reminds of it, and those sent again by hand. A survey has at most one of each. */
export type Purpose = 'invitation' | 'reminder' | `resend-${number}`;

/** A mail that is due, with what it is about. */
export interface DueMail extends PendingAsk {
  readonly id: string;
  readonly purpose: Purpose;
  readonly messageId: string;
  /** Made so far. */
  readonly attempts: number;
  /** Null before the first attempt. */
  readonly firstTriedAt: Date | null;
}

/**
 * The mails of these surveys that are due and in nobody's hands, with their people locked for this transaction as by
 * `lockPeople`. Nothing is claimed by it: see `markSending`. One transaction at a time has the pace of mails, so that two that
 * count those of the last hour cannot both take the last place.
 */
export async function lockDueMails(
  tx: Store,
  which: { surveyIds: readonly string[]; now: Date },
): Promise<readonly DueMail[]> {
  const { rows } = await sql<SurveyRow & DueMailColumns>`
    with pace as materialized (select pg_advisory_xact_lock(hashtextextended('caseloop: the pace of mails', 0)))
    select s.*, m.id as mail_id, m.purpose, m.message_id, m.attempts, m.first_tried_at, cl.closed_at, co.started_at, ca.snapshot
      from pace
      cross join caseloop.mails m
      join caseloop.surveys s on s.id = m.survey_id
      join caseloop.closures cl on cl.id = s.closure_id
      join caseloop.cases ca on ca.connector = s.connector and ca.case_id = s.case_id
      join caseloop.people p on p.person = s.person
      left join caseloop.connectors co on co.name = s.connector
     where m.survey_id = any(${which.surveyIds}::uuid[])
       and m.state = 'due' and m.next_attempt_at <= ${which.now} and m.claimed_by is null
     order by s.person
       for update of p`.execute(tx);
  return rows.map(
    ({
      mail_id,
      purpose,
      message_id,
      attempts,
      first_tried_at,
      closed_at,
      started_at,
      snapshot,
      ...survey
    }) => ({
      id: mail_id,
      purpose,
      messageId: message_id,
      attempts,
      firstTriedAt: first_tried_at,
      survey,
      closedAt: closed_at,
      startedAt: started_at,
      snapshot: snapshotFromJson(snapshot),
    }),
  );
}

interface DueMailColumns {
  readonly mail_id: string;
  readonly purpose: Purpose;
  readonly message_id: string;
  readonly attempts: number;
  readonly first_tried_at: Date | null;
  readonly closed_at: Date;
  readonly started_at: Date | null;
  readonly snapshot: unknown;
}

/** What was decided about a due mail at send time. */
export interface SendDecision {
  readonly mailId: string;
  readonly closureId: string;
  readonly decision: Decision;
}

/**
 * Marks mails as being handed over by this worker, with the decisions that let them go: from here on only `afterCrash`
 * decides when the worker dies. Gives the ids of those that are its own now; one that was called off meanwhile, or that
 * another worker took, is left as it is. One statement, since each costs a round trip.
 */
export async function markSending(
  tx: Store,
  decided: readonly SendDecision[],
  claim: { workerId: string; at: Date },
): Promise<ReadonlySet<string>> {
  if (decided.length === 0) return new Set();
  const going = decided.map(({ mailId, closureId, decision: { outcome, rule, reason } }) => ({
    mail_id: mailId,
    closure_id: closureId,
    outcome,
    rule,
    reason,
  }));
  // A closure that shows this decision already is not written once more: its row is the widest of all. The ids stand there
  // twice, because the planner takes a recordset for a hundred rows and would read the whole table for them.
  const { rows } = await sql<{ mail_id: string }>`
    with going as (
      select * from jsonb_to_recordset(${JSON.stringify(going)}::jsonb)
        as g (mail_id uuid, closure_id uuid, outcome text, rule text, reason text)
    ), mine as (
      update caseloop.mails m
         set state = 'sending', attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, ${claim.at}), claimed_by = ${claim.workerId}, claimed_at = ${claim.at}
        from going
       where m.id = going.mail_id and m.id = any(${decided.map(({ mailId }) => mailId)}::uuid[]) and m.state = 'due' and m.claimed_by is null
      returning going.*, m.purpose
    ), shown as (
      update caseloop.closures c
         set outcome = mine.outcome, rule = mine.rule, reason = mine.reason, decided_at = ${claim.at}
        from mine
       where c.id = mine.closure_id and mine.purpose = 'invitation' and (c.outcome, c.rule, c.reason) <> (mine.outcome, mine.rule, mine.reason)
    ), ledger as (
      insert into caseloop.decisions (closure_id, stage, outcome, rule, reason, decided_at)
      select closure_id, 'sending', outcome, rule, reason, ${claim.at} from mine
    )
    select mail_id from mine`.execute(tx);
  return new Set(rows.map((row) => row.mail_id));
}

/** True while the mail is this worker's to hand over. */
export async function isBeingSentBy(db: Store, mailId: string, workerId: string): Promise<boolean> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('mails')
    .select('id')
    .where('id', '=', mailId)
    .where('state', '=', 'sending')
    .where('claimed_by', '=', workerId)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * The relay took these mails, whose links work until `expiresAt`. One statement, so that no crash can part the rows. A mail
 * that another worker sends by now, because this one hung for so long, is that one's. One that is in nobody's hands again
 * is not: what we know counts.
 */
export async function markSent(
  db: Store,
  mails: readonly { readonly id: string; readonly expiresAt: Date }[],
  by: { workerId: string; at: Date },
): Promise<void> {
  const { workerId, at } = by;
  const taken = mails.map(({ id, expiresAt }) => ({ id, expires_at: expiresAt }));
  await sql`
    with sent as (
      update caseloop.mails m
         set state = 'sent', sent_at = ${at}, claimed_by = null, last_error = null
        from jsonb_to_recordset(${JSON.stringify(taken)}::jsonb) as taken (id uuid, expires_at timestamptz)
       where m.id = taken.id and m.id = any(${mails.map(({ id }) => id)}::uuid[])
         and (m.claimed_by = ${workerId} or (m.claimed_by is null and m.state in ('due', 'held')))
      returning m.survey_id, taken.expires_at
    )
    update caseloop.surveys s set state = 'asked', asked_at = coalesce(s.asked_at, ${at}), expires_at = sent.expires_at
      from sent where s.id = sent.survey_id`.execute(db);
}

/** A mail as its worker knows it: nobody's yet, or being handed over by that worker. */
export type MailInHand = { id: string } & ({ from: 'due' } | { from: 'sending'; workerId: string });

/** True of that mail while it is as its worker knows it: another one may have it by now. */
function isStill(mail: MailInHand): RawBuilder<boolean> {
  const holder = mail.from === 'due' ? sql`claimed_by is null` : sql`claimed_by = ${mail.workerId}`;
  return sql<boolean>`(id = ${mail.id} and state = ${mail.from} and ${holder})`;
}

/** Puts a mail back: due again at `at`, or held until an admin looks. False when it is not as it was. */
export async function putMailBack(
  tx: Store,
  mail: MailInHand & { state: 'due' | 'held'; at: Date; error: string | null },
): Promise<boolean> {
  const row = await tx
    .withSchema(SCHEMA)
    .updateTable('mails')
    .set({ state: mail.state, claimed_by: null, next_attempt_at: mail.at, last_error: mail.error })
    .where(isStill(mail))
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends a mail that will never be sent, and its survey with it unless that was asked before. False when it is not as it was. */
export async function endMail(
  tx: Store,
  mail: MailInHand & { surveyId: string; state: 'cancelled' | 'undeliverable'; error: string | null },
): Promise<boolean> {
  const s = tx.withSchema(SCHEMA);
  const row = await s
    .updateTable('mails')
    .set({ state: mail.state, claimed_by: null, last_error: mail.error })
    .where(isStill(mail))
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) return false;
  await s
    .updateTable('surveys')
    .set({ state: mail.state })
    .where('id', '=', mail.surveyId)
    .where('state', '=', 'pending')
    .execute();
  return true;
}

/**
 * Settles mails whose worker died. Claimed and not yet handed over: due again. In the middle of being handed over: nobody
 * knows whether the relay took it, so `afterCrash` decides, unless somebody has followed a link in it.
 */
export async function settleOrphanedMails(
  db: Kysely<Tables>,
  options: { afterCrash: 'resend' | 'hold'; now: Date },
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  const orphaned = () => s.updateTable('mails').where(isOrphaned(db));
  await markArrived(db, sql<boolean>`state = 'sending' and ${isOrphaned(db)}`);
  await orphaned().set({ claimed_by: null }).where('state', '=', 'due').execute();
  await orphaned()
    .set({
      state: options.afterCrash === 'resend' ? 'due' : 'held',
      claimed_by: null,
      next_attempt_at: options.now,
      last_error:
        'The worker died or hung while it was handing this mail over; whether the relay took it is not known.',
    })
    .where('state', '=', 'sending')
    .execute();
}

/**
 * Makes held mails due again. They keep their Message-ID, so that a relay that took one can tell the second. One whose links
 * somebody has followed has arrived and is not sent again.
 */
export async function releaseHeldMails(db: Kysely<Tables>, now: Date): Promise<void> {
  await markArrived(db, sql<boolean>`state = 'held'`);
  await db
    .withSchema(SCHEMA)
    .updateTable('mails')
    .set({ state: 'due', next_attempt_at: now })
    .where('state', '=', 'held')
    .execute();
}

/** Whoever has followed a link has the mail, whatever we heard of it. */
async function markArrived(db: Kysely<Tables>, which: RawBuilder<boolean>): Promise<void> {
  await sql`
    with arrived as (
      update caseloop.mails m set state = 'sent', sent_at = claimed_at, claimed_by = null, last_error = null
       where ${which} and exists (select from caseloop.taps t where t.survey_id = m.survey_id)
      returning survey_id, sent_at
    )
    update caseloop.surveys s set state = 'asked', asked_at = coalesce(s.asked_at, arrived.sent_at)
      from arrived where s.id = arrived.survey_id`.execute(db);
}

/** Surveys whose mail is due and in nobody's hands, oldest first. */
export async function dueMailSurveys(db: Kysely<Tables>, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('mails')
    .select('survey_id')
    .where('state', '=', 'due')
    .where('claimed_by', 'is', null)
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.survey_id);
}
