import type { Transaction } from 'kysely';
import type { Decision } from '../src/domain/policy.ts';
import type { SurveyDefinition } from '../src/domain/survey.ts';
import { decideAgain, noteDecision } from '../src/store/closures.ts';
import { type DueMail, endMail, lockDueMails, markSending, putMailBack } from '../src/store/mails.ts';
import { answeredAmong } from '../src/store/reminders.ts';
import type { Tables } from '../src/store/tables.ts';
import { decideAtSending, roundsOf, sayHeld } from './decide-at-sending.ts';
import type { Work } from './work.ts';

/** A mail that this worker has claimed and must hand over now. */
export interface ReadyMail extends DueMail {
  readonly definition: SurveyDefinition;
  readonly expiresAt: Date;
}

/**
 * Decides once more about these surveys, on what is known now, and claims the mails that may go. One transaction for all of
 * them: either every decision stands, or none. Gives the mail or null for each survey, in their order.
 */
export async function decideOnMails(
  work: Work,
  surveyIds: readonly string[],
): Promise<readonly (ReadyMail | null)[]> {
  const now = work.clock.now();
  const ready = await work.db.transaction().execute(async (tx) => {
    const due = (await lockDueMails(tx, { surveyIds, now })).map(byPolicyIfReminder);
    const mine: ReadyMail[] = [];
    for (const round of roundsOf(due)) mine.push(...(await decideRound(tx, work, round, now)));
    return mine;
  });
  const bySurvey = new Map(ready.map((mail) => [mail.survey.id, mail]));
  return surveyIds.map((surveyId) => {
    const mail = bySurvey.get(surveyId) ?? null;
    // Two jobs may be about one survey: only one of them may send.
    bySurvey.delete(surveyId);
    return mail;
  });
}

/** Whoever sent a survey by hand meant that mail: a reminder of it goes by the policy like any other. */
function byPolicyIfReminder(mail: DueMail): DueMail {
  return mail.purpose === 'reminder' ? { ...mail, survey: { ...mail.survey, by_hand: null } } : mail;
}

async function decideRound(
  tx: Transaction<Tables>,
  work: Work,
  mails: readonly DueMail[],
  now: Date,
): Promise<readonly ReadyMail[]> {
  const reminders = mails.filter(({ purpose }) => purpose === 'reminder');
  const answered = await answeredAmong(
    tx,
    reminders.map(({ survey }) => survey.id),
  );
  const noReminder = (mail: DueMail) => whyNoReminder(work, mail, answered, now);
  const going = await decideAtSending(tx, work, mails, { via: 'mail', now, noReminder }, (mail, decision) =>
    keepBack(tx, work, mail, decision, now),
  );
  const claimed = await markSending(
    tx,
    going.map(({ id, survey, decision }) => ({ mailId: id, closureId: survey.closure_id, decision })),
    { workerId: work.workerId, at: now },
  );
  return going.filter(({ id }) => claimed.has(id)).map((mail) => ({ ...mail, expiresAt: expiryOf(mail) }));
}

/** A reminder leads to the same survey, whose link works no longer for it. */
function expiryOf({ purpose, survey, expiresAt }: ReadyMail): Date {
  return purpose === 'reminder' && survey.expires_at !== null ? survey.expires_at : expiresAt;
}

function whyNoReminder(
  { config }: Work,
  { purpose, survey }: DueMail,
  answered: ReadonlySet<string>,
  now: Date,
): string | null {
  if (purpose !== 'reminder') return null;
  if (config.policy.remindAfterMs === null) return 'reminders are off (policy.remindAfter)';
  if (answered.has(survey.id)) return 'the survey is answered, so nobody is reminded';
  const isOver = survey.expires_at !== null && survey.expires_at <= now;
  return isOver ? 'the link has expired, so nobody is reminded' : null;
}

/** Called off, or held until it may go. A mail that another worker took meanwhile is not touched. */
async function keepBack(
  tx: Transaction<Tables>,
  work: Work,
  { id, purpose, survey }: DueMail,
  decision: Decision,
  now: Date,
): Promise<void> {
  const { reason } = decision;
  let isKept: boolean;
  if (decision.outcome === 'hold') {
    const at = decision.until ?? now;
    isKept = await putMailBack(tx, { id, from: 'due', state: 'due', at, error: reason });
  } else {
    const surveyId = survey.id;
    isKept = await endMail(tx, { id, from: 'due', surveyId, state: 'cancelled', error: reason });
  }
  if (!isKept) return;
  const note = purpose === 'invitation' ? decideAgain : noteDecision;
  await note(tx, survey.closure_id, 'sending', decision, now);
  if (decision.rule === 'hourly-brake') sayHeld(work, now);
}
