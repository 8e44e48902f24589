import { ownDomainsOf } from '../src/domain/own-domains.ts';
import { type Decision, decide } from '../src/domain/policy.ts';
import type { SurveyDefinition } from '../src/domain/survey.ts';
import { CaseloopError, PermanentError } from '../src/errors.ts';
import { composeInvitation } from '../src/mail/compose.ts';
import { UnknownOutcomeError } from '../src/mail/delivery-error.ts';
import { decideAgain, lockPerson, readAskHistory } from '../src/store/cases.ts';
import { readConnector } from '../src/store/connectors.ts';
import { nextAttemptAt } from '../src/store/due-rows.ts';
import {
  claimMail,
  endMail,
  type Invitation,
  markSending,
  markSent,
  putMailBack,
  readInvitation,
} from '../src/store/mails.ts';
import type { MailRow } from '../src/store/tables.ts';
import type { Work } from './work.ts';

/**
 * Sends one survey's invitation if it is still due: claims its mail, decides once more on what is known now, hands it to
 * the relay, and notes that it left. At most one mail per survey; a crash in the middle is settled by `mail.afterCrash`.
 */
export async function sendSurvey(work: Work, payload: { surveyId: string }): Promise<void> {
  const { db, clock, workerId } = work;
  const mail = await claimMail(db, {
    surveyId: payload.surveyId,
    purpose: 'invitation',
    workerId,
    now: clock.now(),
  });
  if (mail === null) return;
  const ready = await decideAtSendTime(work, mail);
  if (ready === null) return;
  try {
    await work.mailer.send(composeFor(work, mail, ready));
  } catch (error) {
    await settleFailedMail(work, mail, error);
    throw error;
  }
  await markSent(db, { id: mail.id, surveyId: payload.surveyId, at: clock.now() });
  work.log.info(
    {
      connector: ready.invitation.survey.connector,
      case: ready.invitation.survey.case_id,
      survey: payload.surveyId,
    },
    'survey sent',
  );
}

interface Ready {
  readonly invitation: Invitation;
  readonly definition: SurveyDefinition;
  readonly expiresAt: Date;
}

async function decideAtSendTime(work: Work, mail: MailRow): Promise<Ready | null> {
  const { config, clock } = work;
  return work.db.transaction().execute(async (tx) => {
    const invitation = await readInvitation(tx, mail.survey_id);
    const { survey, closure, snapshot } = invitation;
    await lockPerson(tx, survey.person);
    const now = clock.now();
    const connector = await readConnector(tx, survey.connector);
    const definition = config.surveys.find((one) => one.name === survey.name) ?? null;
    const history = await readAskHistory(tx, {
      connector: survey.connector,
      caseId: survey.case_id,
      closedAt: closure.closed_at,
      person: survey.person,
      now,
    });
    const decision: Decision = decide(
      {
        connector: survey.connector,
        snapshot,
        closedAt: closure.closed_at,
        startedAt: connector?.started_at ?? closure.noticed_at,
        survey: definition,
        now,
        ownDomains: ownDomainsOf(config.mail.from),
        ...history,
      },
      config.policy,
      'sending',
    );
    await decideAgain(tx, closure.id, 'sending', decision, now);
    if (decision.outcome === 'skip' || definition === null) {
      await endMail(tx, { id: mail.id, surveyId: survey.id, state: 'cancelled', error: decision.reason });
      return null;
    }
    if (decision.outcome === 'hold') {
      work.log.warn({ connector: survey.connector, until: decision.until }, 'hourly brake: sends are held');
      await putMailBack(tx, { id: mail.id, state: 'due', at: decision.until ?? now, error: decision.reason });
      return null;
    }
    const expiresAt = new Date(now.getTime() + definition.expiresMs);
    const mine = await markSending(tx, {
      id: mail.id,
      workerId: work.workerId,
      surveyId: survey.id,
      expiresAt,
    });
    return mine ? { invitation, definition, expiresAt } : null;
  });
}

function composeFor(work: Work, mail: MailRow, { invitation, definition, expiresAt }: Ready) {
  const { survey, snapshot } = invitation;
  return composeInvitation({
    survey: definition,
    surveyId: survey.id,
    locale: survey.locale,
    caseNumber: snapshot.number,
    caseSubject: snapshot.subject,
    brand: snapshot.brand,
    recipientName: survey.recipient_name,
    to: survey.email,
    from: work.config.mail.from,
    replyTo: work.config.mail.replyTo,
    messageId: mail.message_id,
    date: work.clock.now(),
    expiresAt,
    links: work.links,
  });
}

/**
 * Refused for good: failed, with the reason. Perhaps taken: `mail.afterCrash` decides. Anything else: due again. The
 * Message-ID stays the same over all attempts.
 */
async function settleFailedMail(work: Work, mail: MailRow, error: unknown): Promise<void> {
  const reason = error instanceof CaseloopError ? error.message : 'An unexpected error; see the log.';
  if (error instanceof PermanentError) {
    await endMail(work.db, { id: mail.id, surveyId: mail.survey_id, state: 'failed', error: reason });
    return;
  }
  const isHeld = error instanceof UnknownOutcomeError && work.config.mail.afterCrash === 'hold';
  const at = nextAttemptAt(mail.attempts + 1, work.clock.now());
  await putMailBack(work.db, { id: mail.id, state: isHeld ? 'held' : 'due', at, error: reason });
}
