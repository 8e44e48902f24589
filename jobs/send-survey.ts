import { SECOND_MS } from '../src/clock.ts';
import { chooseBrand } from '../src/domain/brand.ts';
import { CaseloopError, PermanentError } from '../src/errors.ts';
import { gather } from '../src/gather.ts';
import { composeInvitation } from '../src/mail/compose.ts';
import { UnknownOutcomeError } from '../src/mail/delivery-error.ts';
import { senderFor } from '../src/mail/sender.ts';
import { createSlots } from '../src/slots.ts';
import { nextAttemptAt } from '../src/store/due-rows.ts';
import { endMail, isBeingSentBy, markSent, putMailBack } from '../src/store/mails.ts';
import { decideOnMails, type ReadyMail } from './decide-on-mails.ts';
import type { Work } from './work.ts';

/**
 * Sends one survey's invitation if it is still due: decides once more on what is known now and claims its mail, hands it to
 * the relay, and notes that it left. At most one mail per survey; a crash in the middle is settled by `mail.afterCrash`.
 */
export async function sendSurvey(work: Work, payload: { surveyId: string }): Promise<void> {
  const { decide, noteSent, inSlot } = sharedOf(work);
  const startedAt = work.clock.now();
  const mail = await decide(payload.surveyId);
  if (mail === null) return;
  const isSent = await work.inHand.during([mail.id], () =>
    inSlot(async () => {
      if (!(await isStillOurs(work, mail, startedAt))) return false;
      try {
        await work.mailer.send(await composeFor(work, mail));
      } catch (error) {
        await settleFailedMail(work, mail, error);
        throw error;
      }
      try {
        await noteSent(mail);
      } catch (error) {
        // The store is away. Forgetting that the relay took the mail would send it again.
        work.inHand.keepUntil(mail.id, () => noteSent(mail));
        throw error;
      }
      return true;
    }),
  );
  if (!isSent) return;
  const { connector, case_id } = mail.survey;
  work.log.info({ connector, case: case_id, survey: payload.surveyId }, 'survey sent');
}

/** Less than a worker may be silent for before it is taken for dead. */
const FRESH_MS = 3 * SECOND_MS;

/** Whoever hung before a mail's turn came may have been taken for dead, and others may have sent it. */
async function isStillOurs(work: Work, mail: ReadyMail, startedAt: Date): Promise<boolean> {
  const waitedMs = Math.abs(work.clock.now().getTime() - startedAt.getTime());
  return waitedMs < FRESH_MS || isBeingSentBy(work.db, mail.id, work.workerId);
}

interface Shared {
  /** Null when there is nothing to send. */
  readonly decide: (surveyId: string) => Promise<ReadyMail | null>;
  readonly noteSent: (mail: ReadyMail) => Promise<void>;
  /** Between the relay and the note that it took a mail: what a crash may send twice. */
  readonly inSlot: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Mails that are sent at the same time share their transactions: each by itself would cost more than the mail. */
const SHARED = new WeakMap<Work, Shared>();

/**
 * Jobs at a time: while some hand their mails over, as many others are decided on. What is decided on counts as being handed
 * over, so where a crash holds such mails there are no more than can be.
 */
export function sendsAtOnce(mail: { concurrency: number; afterCrash: 'resend' | 'hold' }): number {
  return mail.afterCrash === 'hold' ? mail.concurrency : 2 * mail.concurrency;
}

function sharedOf(work: Work): Shared {
  const known = SHARED.get(work);
  if (known !== undefined) return known;
  const most = work.config.mail.concurrency;
  const made: Shared = {
    inSlot: createSlots(most),
    decide: gather((surveyIds) => decideOnMails(work, surveyIds), { most }),
    noteSent: gather(
      async (mails) => {
        await markSent(work.db, mails, { workerId: work.workerId, at: work.clock.now() });
        return mails.map(() => undefined);
      },
      { most },
    ),
  };
  SHARED.set(work, made);
  return made;
}

function composeFor(work: Work, mail: ReadyMail) {
  const { survey, snapshot } = mail;
  const brand = chooseBrand(work.config.brands, snapshot.brand);
  return composeInvitation({
    purpose: 'invitation',
    survey: mail.definition,
    surveyId: survey.id,
    locale: survey.locale,
    caseNumber: snapshot.number,
    caseSubject: snapshot.subject,
    brand,
    recipientName: survey.recipient_name,
    to: survey.email,
    ...senderFor(work.config.mail, brand),
    bouncesTo: null,
    repliesAreKept: false,
    messageId: mail.messageId,
    date: work.clock.now(),
    expiresAt: mail.expiresAt,
    links: work.links,
    languages: work.config.languages,
  });
}

/**
 * Refused for good: failed, with the reason. Perhaps taken: `mail.afterCrash` decides. Anything else: due again. The
 * Message-ID stays the same over all attempts.
 */
async function settleFailedMail(work: Work, mail: ReadyMail, error: unknown): Promise<void> {
  const reason = error instanceof CaseloopError ? error.message : 'An unexpected error; see the log.';
  const { attempts } = mail;
  const held = { id: mail.id, from: 'sending', workerId: work.workerId } as const;
  if (error instanceof PermanentError) {
    const surveyId = mail.survey.id;
    await endMail(work.db, { ...held, surveyId, state: 'failed', error: reason });
    return;
  }
  const isHeld = error instanceof UnknownOutcomeError && work.config.mail.afterCrash === 'hold';
  const at = nextAttemptAt(attempts + 1, work.clock.now());
  await putMailBack(work.db, { ...held, state: isHeld ? 'held' : 'due', at, error: reason });
}
