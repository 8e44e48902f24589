import { createHash } from 'node:crypto';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';

/** What a mail that came back turns out to be. Anyone can write to the mailbox: who it names is for the caller to verify. */
export interface Incoming {
  /** `auto`: a machine's answer, or a report that is no bounce. */
  readonly kind: 'bounce' | 'auto' | 'reply';
  /** Every address it was sent to. */
  readonly recipients: readonly string[];
  /** The mails it says to be about. */
  readonly messageIds: readonly string[];
  /** A bounce's: the enhanced status, when the relay has given up. Null while it still tries. */
  readonly failure: string | null;
  /** A reply's own words, without what it quotes. */
  readonly text: string;
  /** The same for the same mail, however often it is read. */
  readonly key: string;
}

const LONGEST_TEXT = 5_000;
const MOST_NAMED = 50;

/** Reads a mail. Its HTML becomes text only; what is attached is not looked at. */
export async function readIncoming(raw: Buffer): Promise<Incoming> {
  const mail = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true });
  const report = deliveryReport(mail, raw);
  const messageIds = report?.messageIds ?? [mail.inReplyTo, mail.references].flat();
  return {
    kind: report !== null ? 'bounce' : isAutomatic(mail) ? 'auto' : 'reply',
    recipients: recipientsOf(mail),
    messageIds: messageIds.filter((id) => id !== undefined).slice(0, MOST_NAMED),
    failure: report?.failure ?? null,
    text: ownWords(mail.text ?? '').slice(0, LONGEST_TEXT),
    key: createHash('sha256')
      .update(mail.messageId ?? raw)
      .digest('base64url'),
  };
}

/** What a report on a delivery says (RFC 3464); null for a mail that is none. */
function deliveryReport(
  mail: ParsedMail,
  raw: Buffer,
): { failure: string | null; messageIds: string[] } | null {
  const type = mail.headers.get('content-type');
  if (typeof type !== 'object' || !('params' in type) || type.value !== 'multipart/report') return null;
  const { boundary, 'report-type': reportType } = type.params as Readonly<Record<string, string | undefined>>;
  if (reportType?.toLowerCase() !== 'delivery-status' || boundary === undefined) return null;
  const parts = raw.toString('latin1').split(`--${boundary}`).map(unfold);
  const status =
    parts.find((part) => /^content-type: *message\/(global-)?delivery-status/im.test(part)) ?? '';
  const original = parts.find((part) =>
    /^content-type: *(text\/(rfc822|global)-headers|message\/(rfc822|global))/im.test(part),
  );
  const isFinal = /^action: *failed/im.test(status);
  const code = /^status: *([45]\.\d{1,3}\.\d{1,3})/im.exec(status)?.[1] ?? null;
  const messageId = /^message-id: *(<[^<>\s]{1,500}>)/im.exec(original ?? '')?.[1];
  return { failure: isFinal ? code : null, messageIds: messageId === undefined ? [] : [messageId] };
}

function unfold(part: string): string {
  return part.replace(/\r?\n[ \t]+/g, ' ');
}

/** RFC 3834, and what answering machines say that do not know it. */
function isAutomatic({ headers }: ParsedMail): boolean {
  const is = (name: string, pattern: RegExp) => pattern.test(String(headers.get(name) ?? ''));
  return (
    is('auto-submitted', /^(?!no\b)\s*\S/i) ||
    is('precedence', /bulk|junk|list|auto_reply/i) ||
    ['x-autoreply', 'x-autorespond', 'x-auto-reply-from', 'list', 'resent-message-id'].some((name) =>
      headers.has(name),
    ) ||
    typeOf(headers.get('content-type')) === 'multipart/report'
  );
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'value' in value ? String(value.value) : '';
}

function recipientsOf({ to, cc, headers }: ParsedMail): string[] {
  const lists = [to, cc].flat().filter((list): list is AddressObject => list !== undefined);
  const named = lists.flatMap(({ value }) =>
    value.flatMap((one) => [one, ...(one.group ?? [])]).map(({ address }) => address ?? ''),
  );
  const delivered = ['delivered-to', 'x-original-to', 'envelope-to'].map((name) => headers.get(name));
  const texts = delivered.flat().map((one) => (typeof one === 'string' ? one : textOf(one)));
  return [...named, ...texts].filter((one) => one !== '').slice(0, MOST_NAMED);
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'text' in value ? String(value.text) : '';
}

/** A line that leads over to what is quoted, such as "On ... wrote:", in any language. */
const LEADS_OVER = /:\s*$/;
const DIVIDER = /^\s*(-{2,}\s*\S.*\S\s*-{2,}|_{10,}|-{10,})\s*$/;
const SIGNATURE = /^-- ?$/;

/** What a person wrote above or between what their mail program quotes. */
function ownWords(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const end = lines.findIndex((line) => DIVIDER.test(line) || SIGNATURE.test(line));
  const kept: string[] = [];
  for (const line of end === -1 ? lines : lines.slice(0, end)) {
    if (!line.startsWith('>')) {
      kept.push(line);
      continue;
    }
    dropLead(kept);
  }
  return kept
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Takes away the paragraph that leads over to a quote: at most two lines, the last with a colon at its end. */
function dropLead(lines: string[]): void {
  let last = lines.length - 1;
  while (last >= 0 && lines[last]?.trim() === '') last -= 1;
  if (last < 0 || !LEADS_OVER.test(lines[last] ?? '')) return;
  const first = last > 0 && lines[last - 1]?.trim() !== '' && last > 1 ? last - 1 : last;
  lines.splice(first);
}
