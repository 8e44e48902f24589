import { SECOND_MS } from '../src/clock.ts';
import { chooseBrand } from '../src/domain/brand.ts';
import { TRY_FOR_MS } from '../src/domain/delivery.ts';
import { CaseloopError, PermanentError, RetryableError } from '../src/errors.ts';
import { gather } from '../src/gather.ts';
import { composeInvitation } from '../src/mail/compose.ts';
import { UndeliverableError, UnknownOutcomeError } from '../src/mail/delivery-error.ts';
import { returnAddress } from '../src/mail/return-address.ts';
import { senderFor } from '../src/mail/sender.ts';
import { createSlots } from '../src/slots.ts';
import { giveMailUp } from '../src/store/bounces.ts';
import { nextAttemptAt } from '../src/store/due-rows.ts';
import { isBeingSentBy, markSent, putMailBack } from '../src/store/mails.ts';
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
    purpose: mail.purpose === 'reminder' ? 'reminder' : 'invitation',
    survey: mail.definition,
    surveyId: survey.id,
    locale: survey.locale,
    caseNumber: snapshot.number,
    caseSubject: snapshot.subject,
    brand,
    recipientName: survey.recipient_name,
    to: survey.email ?? '',
    ...senderFor(work.config.mail, brand),
    ...returnsOf(work, survey.id),
    messageId: mail.messageId,
    date: work.clock.now(),
    expiresAt: mail.expiresAt,
    links: work.links,
    languages: work.config.languages,
  });
}

/** With a mailbox of our own, bounces and replies come back there; `replyTo` then is where replies are forwarded. */
function returnsOf({ config, links }: Work, surveyId: string) {
  const back = returnAddress(config.mail.mailbox, surveyId, links);
  return {
    bouncesTo: back,
    repliesAreKept: back !== null,
    ...(back === null ? {} : { replyTo: back }),
  };
}

/**
 * Refused for good, or put off by the relay for too long: undeliverable, with the reason. Perhaps taken: `mail.afterCrash` decides. Anything else: due again. The
 * Message-ID stays the same over all attempts.
 */
async function settleFailedMail(work: Work, mail: ReadyMail, error: unknown): Promise<void> {
  const reason = error instanceof CaseloopError ? error.message : 'An unexpected error; see the log.';
  const { attempts } = mail;
  const held = { id: mail.id, from: 'sending', workerId: work.workerId } as const;
  const at = work.clock.now();
  const isForGood = error instanceof PermanentError;
  if (isForGood || isPutOffForTooLong(mail, error, at)) {
    const isAddressGone = error instanceof UndeliverableError && error.isAddressGone;
    const why = `${reason.replace(/^mail(?:\.url)?: /, '')}${isForGood ? '' : ', for three days'}`;
    const { survey, purpose } = mail;
    const isOver = await giveMailUp(work.db, { ...held, survey, purpose }, { why, isAddressGone, at });
    const { connector, case_id } = mail.survey;
    if (isOver)
      work.log.warn({ connector, case: case_id, survey: mail.survey.id, reason }, 'mail undeliverable');
    return;
  }
  const isHeld = error instanceof UnknownOutcomeError && work.config.mail.afterCrash === 'hold';
  const nextAt = nextAttemptAt(attempts + 1, at);
  await putMailBack(work.db, { ...held, state: isHeld ? 'held' : 'due', at: nextAt, error: reason });
}

/** By its own fault: a relay that nobody can use is for the admin to mend, and its mails wait. */
function isPutOffForTooLong({ firstTriedAt }: ReadyMail, error: unknown, now: Date): boolean {
  if (!(error instanceof RetryableError) || error.scope === 'account' || firstTriedAt === null) return false;
  return now.getTime() - firstTriedAt.getTime() >= TRY_FOR_MS;
}
