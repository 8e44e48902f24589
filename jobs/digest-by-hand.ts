import { randomUUID } from 'node:crypto';
import { type DigestWeek, latestDigestWeek } from '../src/domain/digest.ts';
import { digestBlocks, digestTitle } from '../src/mail/digest-content.ts';
import { composeDigest } from '../src/mail/digest-mail.ts';
import { digestText } from '../src/mail/digest-text.ts';
import { noteInAudit } from '../src/store/audit.ts';
import { makeDigest } from './make-digest.ts';
import { domainOf } from './send-digest.ts';
import type { Work } from './work.ts';

export interface DigestOrder {
  /** Null is all of them together. */
  readonly team: string | null;
  /** One bare address; null only shows it. */
  readonly to: string | null;
  readonly actor: string;
}

export interface DigestByHand {
  readonly title: string;
  readonly text: string;
  readonly week: Pick<DigestWeek, 'from' | 'to'>;
  /** Null where nothing was sent. */
  readonly messageId: string | null;
}

/** Makes the digest of the last week now and, where there is an address, sends it there; the planned ones go all the same. */
export async function digestByHand(work: Work, { team, to, actor }: DigestOrder): Promise<DigestByHand> {
  const { config, clock } = work;
  const { from: first, to: last } = latestDigestWeek(clock.now(), config.digest.on, config.report.zone);
  const week = { from: first, to: last };
  const { content, pngs } = await makeDigest(work, { team, week });
  const title = digestTitle(content);
  const shown = { title, text: digestText(title, digestBlocks(content)), week };
  if (to === null) return { ...shown, messageId: null };
  const messageId = `digest-by-hand.${randomUUID()}@${domainOf(work)}`;
  const mail = await composeDigest({
    content,
    pngs,
    from: config.mail.from,
    to,
    messageId,
    date: clock.now(),
  });
  const detail = `${team ?? 'all teams'}, ${first} to ${last}`;
  await noteInAudit(work.db, { at: clock.now(), actor, what: 'digest sent by hand', detail });
  await work.mailer.send(mail);
  return { ...shown, messageId: mail.messageId };
}
