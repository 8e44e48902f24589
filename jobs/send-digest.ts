import { DAY_MS } from '../src/clock.ts';
import { TRY_FOR_MS } from '../src/domain/delivery.ts';
import { digestReaders, latestDigestWeek } from '../src/domain/digest.ts';
import { CaseloopError, PermanentError } from '../src/errors.ts';
import { UnknownOutcomeError } from '../src/mail/delivery-error.ts';
import { composeDigest } from '../src/mail/digest-mail.ts';
import {
  claimDigest,
  type DigestEnd,
  type DigestInHand,
  dueDigests,
  isDigestWith,
  planDigests,
  settleDigest,
  settleOrphanedDigests,
} from '../src/store/digests.ts';
import { nextAttemptAt } from '../src/store/due-rows.ts';
import { makeDigest } from './make-digest.ts';
import type { Work } from './work.ts';

/** Who was stopped for longer sends no digest any more that nobody waits for. */
const LATEST_MS = 3 * DAY_MS;
const DIGESTS_PER_SWEEP = 100;

/** Plans the digests of the last week, once each, and rings those that are due. */
export async function sweepDigests(work: Work, now: Date): Promise<void> {
  const { db, config, queues } = work;
  await settleOrphanedDigests(db, { afterCrash: config.mail.afterCrash, now });
  const week = latestDigestWeek(now, config.digest.on, config.report.zone);
  const readers = digestReaders(config.digest.to);
  if (readers.length > 0 && now.getTime() - week.dueAt.getTime() < LATEST_MS)
    await planDigests(db, { week, readers, domain: domainOf(work), now });
  const due = await dueDigests(db, now, DIGESTS_PER_SWEEP);
  await queues.addMany(due.map((digestId) => ({ name: 'send-digest', payload: { digestId } })));
}

/** Sends one digest if it is still due. At most one per week, team and reader; a crash in the middle is settled by `mail.afterCrash`. */
export async function sendDigest(work: Work, { digestId }: { digestId: string }): Promise<void> {
  const { db, config, clock, log, workerId } = work;
  const digest = await claimDigest(db, digestId, { workerId, at: clock.now() });
  if (digest === null) return;
  const held = { id: digest.id, workerId };
  const isSent = await work.inHand.during([digest.id], async () => {
    try {
      if (!isWanted(work, digest)) throw new PermanentError(NOT_WANTED);
      const { content, pngs } = await makeDigest(work, digest);
      const mail = await composeDigest({
        content,
        pngs,
        from: config.mail.from,
        to: digest.address,
        messageId: digest.messageId,
        date: clock.now(),
      });
      // Figures may take a while, and whoever hung so long may have been taken for dead.
      if (!(await isDigestWith(db, held))) return false;
      await work.mailer.send(mail);
    } catch (error) {
      await settleDigest(db, held, endOf(work, digest, error));
      throw error;
    }
    const noteSent = () => settleDigest(db, held, { state: 'sent', at: clock.now() });
    // The store may be away. Forgetting that the relay took the mail would send it again.
    await noteSent().catch((error: unknown) => {
      work.inHand.keepUntil(digest.id, noteSent);
      throw error;
    });
    return true;
  });
  if (isSent) log.info({ digest: digest.id, week: digest.week.from }, 'digest sent');
}

const NOT_WANTED = 'digest.to: nobody there is to get this digest any more.';

function isWanted({ config }: Work, { team, address }: DigestInHand): boolean {
  return digestReaders(config.digest.to).some((one) => one.team === team && one.address === address);
}

/** Refused for good, or put off for too long: failed. Perhaps taken: `mail.afterCrash` decides. Anything else: due again. */
function endOf({ config, clock }: Work, { attempts, plannedAt }: DigestInHand, error: unknown): DigestEnd {
  const why = error instanceof CaseloopError ? error.message : 'An unexpected error; see the log.';
  const now = clock.now();
  if (error instanceof PermanentError || now.getTime() - plannedAt.getTime() >= TRY_FOR_MS)
    return { state: 'failed', error: why };
  if (error instanceof UnknownOutcomeError && config.mail.afterCrash === 'hold')
    return { state: 'held', error: why };
  return { state: 'due', at: nextAttemptAt(attempts, now), error: why };
}

/** What Message-IDs end with. */
export function domainOf({ config }: Pick<Work, 'config'>): string {
  return new URL(config.server.publicUrl).hostname;
}
