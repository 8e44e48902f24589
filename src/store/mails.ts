import type { Kysely, Transaction } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import { snapshotFromJson } from './snapshot.ts';
import { type ClosureRow, type MailRow, SCHEMA, type SurveyRow, type Tables } from './tables.ts';
import { isOrphaned } from './workers.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/** Claims the mail of a survey that is due; null when there is none, or another worker has it. */
export async function claimMail(
  db: Kysely<Tables>,
  claim: { surveyId: string; purpose: string; workerId: string; now: Date },
): Promise<MailRow | null> {
  const row = await db
    .withSchema(SCHEMA)
    .updateTable('mails')
    .set({ claimed_by: claim.workerId, claimed_at: claim.now })
    .where('survey_id', '=', claim.surveyId)
    .where('purpose', '=', claim.purpose)
    .where('state', '=', 'due')
    .where('next_attempt_at', '<=', claim.now)
    .where('claimed_by', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

export interface Invitation {
  readonly survey: SurveyRow;
  readonly closure: ClosureRow;
  /** The case as it is now, not as it was when it closed. */
  readonly snapshot: CaseSnapshot;
}

/** What a survey's mail is about. */
export async function readInvitation(tx: Store, surveyId: string): Promise<Invitation> {
  const s = tx.withSchema(SCHEMA);
  const survey = await s
    .selectFrom('surveys')
    .selectAll()
    .where('id', '=', surveyId)
    .executeTakeFirstOrThrow();
  const closure = await s
    .selectFrom('closures')
    .selectAll()
    .where('id', '=', survey.closure_id)
    .executeTakeFirstOrThrow();
  const { snapshot } = await s
    .selectFrom('cases')
    .select('snapshot')
    .where('connector', '=', survey.connector)
    .where('case_id', '=', survey.case_id)
    .executeTakeFirstOrThrow();
  return { survey, closure, snapshot: snapshotFromJson(snapshot) };
}

/**
 * Marks a claimed mail as being handed over: from here on only `afterCrash` decides when its worker dies. False when it
 * was called off meanwhile.
 */
export async function markSending(
  tx: Store,
  mail: { id: string; workerId: string; surveyId: string; expiresAt: Date },
): Promise<boolean> {
  const s = tx.withSchema(SCHEMA);
  const row = await s
    .updateTable('mails')
    .set((e) => ({ state: 'sending', attempts: e('attempts', '+', 1) }))
    .where('id', '=', mail.id)
    .where('state', '=', 'due')
    .where('claimed_by', '=', mail.workerId)
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) return false;
  await s
    .updateTable('surveys')
    .set({ expires_at: mail.expiresAt })
    .where('id', '=', mail.surveyId)
    .execute();
  return true;
}

/** The relay took the mail. One statement, so that no crash can part the two rows. */
export async function markSent(
  db: Kysely<Tables>,
  mail: { id: string; surveyId: string; at: Date },
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  await s
    .with('sent', (q) =>
      q
        .updateTable('mails')
        .set({ state: 'sent', sent_at: mail.at, claimed_by: null, last_error: null })
        .where('id', '=', mail.id)
        .returning('survey_id'),
    )
    .updateTable('surveys')
    .set({ state: 'asked', asked_at: mail.at })
    .where('id', '=', mail.surveyId)
    .execute();
}

/** Puts a mail back: due again at `at`, or held until an admin looks. */
export async function putMailBack(
  tx: Store,
  mail: { id: string; state: 'due' | 'held'; at: Date; error: string | null },
): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('mails')
    .set({ state: mail.state, claimed_by: null, next_attempt_at: mail.at, last_error: mail.error })
    .where('id', '=', mail.id)
    .execute();
}

/** Ends a mail that will never be sent, and its survey with it. */
export async function endMail(
  tx: Store,
  mail: { id: string; surveyId: string; state: 'cancelled' | 'failed'; error: string | null },
): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  await s
    .updateTable('mails')
    .set({ state: mail.state, claimed_by: null, last_error: mail.error })
    .where('id', '=', mail.id)
    .execute();
  await s.updateTable('surveys').set({ state: mail.state }).where('id', '=', mail.surveyId).execute();
}

/**
 * Settles mails whose worker died. Claimed and not yet handed over: due again. In the middle of being handed over: nobody
 * knows whether the relay took it, so `afterCrash` decides.
 */
export async function settleOrphanedMails(
  db: Kysely<Tables>,
  options: { afterCrash: 'resend' | 'hold'; now: Date },
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  const orphaned = () => s.updateTable('mails').where(isOrphaned(db, options.now));
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
