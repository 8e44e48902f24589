import MimeNode from 'nodemailer/lib/mime-node';
import { PermanentError } from '../errors.ts';
import type { Mail } from './compose.ts';
import type { Block } from './digest-blocks.ts';
import { type DigestContent, digestBlocks, digestPreview, digestTitle } from './digest-content.ts';
import { digestHtml } from './digest-html.ts';
import { digestText } from './digest-text.ts';

/** A weekly mail to leads. */
export interface DigestMail {
  readonly content: DigestContent;
  /** The bytes of each of the content's pictures, by name. */
  readonly pngs: ReadonlyMap<string, Uint8Array>;
  /** An address, with or without a name before it. */
  readonly from: string;
  /** One bare address. */
  readonly to: string;
  /** Without brackets; the same for every attempt. */
  readonly messageId: string;
  readonly date: Date;
}

/**
 * Composes a digest: plain text beside HTML with its pictures attached. The same input gives the same bytes. Throws
 * PermanentError when an address cannot be written into a mail.
 */
export async function composeDigest({ content, pngs, ...mail }: DigestMail): Promise<Mail> {
  const title = digestTitle(content);
  const blocks = digestBlocks(content);
  const id = `<${mail.messageId}>`;
  const root = new MimeNode('multipart/alternative', {
    baseBoundary: mail.messageId,
    disableFileAccess: true,
    disableUrlAccess: true,
  }).setHeader([
    { key: 'From', value: mail.from },
    { key: 'To', value: mail.to },
    { key: 'Subject', value: title },
    { key: 'Message-ID', value: id },
    { key: 'Date', value: mail.date.toUTCString().replace('GMT', '+0000') },
    { key: 'Auto-Submitted', value: 'auto-generated' },
    { key: 'X-Auto-Response-Suppress', value: 'All' },
  ]);
  root.createChild('text/plain; charset=utf-8').setContent(digestText(title, blocks));
  const related = root.createChild('multipart/related; type="text/html"');
  related
    .createChild('text/html; charset=utf-8')
    .setContent(await digestHtml(title, digestPreview(content), blocks));
  for (const cid of cidsOf(blocks)) {
    const png = pngs.get(cid);
    if (png === undefined) throw new RangeError(`digest: there is no picture ${cid}`);
    related
      .createChild('image/png', { filename: `${cid}.png` })
      .setHeader([
        { key: 'Content-Id', value: `<${cid}>` },
        { key: 'Content-Disposition', value: `inline; filename=${cid}.png` },
        { key: 'Content-Transfer-Encoding', value: 'base64' },
      ])
      .setContent(Buffer.from(png));
  }
  const envelope = root.getEnvelope();
  const [recipient] = envelope.to;
  if (!envelope.from || recipient === undefined || envelope.to.length !== 1)
    throw new PermanentError('mail: a digest needs one sender and one plain address of a reader');
  return { raw: await root.build(), envelope: { from: envelope.from, to: recipient }, messageId: id };
}

function cidsOf(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((block) => (block.kind === 'picture' ? [block.cid] : []));
}
