import { MINUTE_MS } from '../src/clock.ts';
import { chooseBrand } from '../src/domain/brand.ts';
import { PermanentError } from '../src/errors.ts';
import { type Incoming, readIncoming } from '../src/mail/incoming.ts';
import { type FetchedMail, type Folder, openMailbox } from '../src/mail/mailbox.ts';
import { surveyReturned } from '../src/mail/return-address.ts';
import { recordAnswer } from '../src/store/answers.ts';
import { recordBounce } from '../src/store/bounces.ts';
import {
  answerWithoutComment,
  keepReply,
  markReply,
  type ReplyRow,
  surveyOfReply,
} from '../src/store/replies.ts';
import { giveLease, takeLease } from '../src/store/workers.ts';
import { answerRulesOf, nudgeAfterAnswer } from './record-answer.ts';
import type { Work } from './work.ts';

const BATCH = 20;
/** Mails per run; the next run goes on. */
const MOST = 500;
const LEASE_MS = 10 * MINUTE_MS;

/**
 * Takes in what came back: bounces end their survey, a customer's words are kept. A mail is put away once that is stored, so
 * a crash has it handled again, which changes nothing. Nothing is ever answered.
 */
export async function readMailbox(work: Work, signal: AbortSignal): Promise<void> {
  const { mailbox } = work.config.mail;
  if (mailbox === null) return;
  const lease = { name: 'read-mailbox', holder: work.workerId };
  if (!(await takeLease(work.db, { ...lease, now: work.clock.now(), forMs: LEASE_MS }))) return;
  try {
    const box = await openMailbox(mailbox);
    const handled = { bounces: 0, replies: 0, other: 0 };
    try {
      for (let read = 0; read < MOST; read += BATCH) {
        const mails = await box.next(BATCH);
        for (const mail of mails) {
          signal.throwIfAborted();
          const folder = await takeIn(work, mail);
          await box.file(mail.uid, folder);
          handled[folder] += 1;
        }
        if (mails.length === 0) break;
      }
    } finally {
      await box.close();
      if (Object.values(handled).some((n) => n > 0)) work.log.info(handled, 'mailbox read');
    }
  } finally {
    await giveLease(work.db, lease);
  }
}

/** Anyone can write to the mailbox: only our own tag, or the Message-ID of a mail of ours, makes a mail about a survey. */
async function takeIn(work: Work, mail: FetchedMail): Promise<Folder> {
  const incoming = await readIncoming(mail.raw).catch(() => null);
  if (incoming === null || incoming.kind === 'auto') return 'other';
  const surveyId = surveyReturned(incoming.recipients, work.links);
  if (incoming.kind === 'bounce') return takeBounce(work, incoming, surveyId);
  return takeReply(work, mail, incoming, surveyId);
}

async function takeBounce(
  { db, clock, log }: Work,
  { failure, messageIds: [messageId] }: Incoming,
  surveyId: string | null,
): Promise<Folder> {
  const returned = surveyId !== null ? { surveyId } : messageId !== undefined ? { messageId } : null;
  if (returned === null || failure === null) return returned === null ? 'other' : 'bounces';
  const isNew = await recordBounce(db, returned, { status: failure, at: clock.now() });
  if (isNew) log.warn({ survey: surveyId, status: failure }, 'mail bounced');
  return 'bounces';
}

async function takeReply(
  work: Work,
  mail: FetchedMail,
  { messageIds, key, text }: Incoming,
  surveyId: string | null,
): Promise<Folder> {
  const { db, clock } = work;
  if (surveyId === null && messageIds.length === 0) return 'other';
  const survey = await surveyOfReply(db, surveyId !== null ? { surveyId } : { messageIds });
  if (survey === null) return 'other';
  const reply = await keepReply(db, {
    surveyId: survey.surveyId,
    messageKey: `${survey.surveyId} ${key}`,
    at: clock.now(),
    text,
  });
  if (!reply.became_comment) await makeComment(work, reply);
  if (mail.isWhole && reply.forwarded_at === null) await forward(work, mail.raw, reply, survey.brand);
  return 'replies';
}

/** Words to an answer that has none become its comment, as far as it may still be changed. */
async function makeComment(work: Work, { id, survey_id, text }: ReplyRow): Promise<void> {
  const answer = text === '' ? null : await answerWithoutComment(work.db, survey_id);
  if (answer === null) return;
  const receipt = await recordAnswer(
    work.db,
    { surveyId: survey_id, ...answer, comment: text, source: 'form', at: work.clock.now() },
    answerRulesOf(work),
  );
  if (receipt.outcome === 'window-closed') return;
  await markReply(work.db, id, { became_comment: true });
  await nudgeAfterAnswer(work, receipt);
}

/** Hands a reply on as it is to whoever reads replies; never to the mailbox itself, or it would go round. */
async function forward(work: Work, raw: Buffer, reply: ReplyRow, brandName: string | null): Promise<void> {
  const { mail, brands } = work.config;
  const to = chooseBrand(brands, brandName).replyTo ?? mail.replyTo;
  if (mail.mailbox === null || to === null || to === mail.mailbox.address) return;
  const now = work.clock.now();
  const messageId = `<${reply.id}.reply@${mail.mailbox.address.split('@').at(-1)}>`;
  const resent = [
    `Resent-From: ${mail.mailbox.address}`,
    `Resent-To: ${to}`,
    `Resent-Date: ${now.toUTCString().replace('GMT', '+0000')}`,
    `Resent-Message-ID: ${messageId}`,
    '',
  ].join('\r\n');
  try {
    await work.mailer.send({
      raw: Buffer.concat([Buffer.from(resent), raw]),
      envelope: { from: mail.mailbox.address, to },
      messageId,
    });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    work.log.warn({ survey: reply.survey_id, reason: error.message }, 'reply not forwarded: it is kept here');
    return;
  }
  await markReply(work.db, reply.id, { forwarded_at: now });
}
