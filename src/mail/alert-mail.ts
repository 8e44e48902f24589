import MimeNode from 'nodemailer/lib/mime-node';
import type { AlertEntry, AlertText } from '../domain/alert.ts';
import { PermanentError } from '../errors.ts';
import type { Mail } from './compose.ts';
import { escapeHtml } from './escape-html.ts';

/** A mail to staff about low scores. */
export interface AlertMail {
  readonly text: AlertText;
  /** An address, with or without a name before it. */
  readonly from: string;
  /** One bare address. */
  readonly to: string;
  /** Without brackets; the same for every attempt at this mail. */
  readonly messageId: string;
  readonly date: Date;
}

/**
 * Composes a mail about low scores: plain text beside simple HTML, with headers that keep answering machines quiet. Throws
 * PermanentError when an address cannot be written into a mail.
 */
export async function composeAlert({ text, from, to, messageId, date }: AlertMail): Promise<Mail> {
  const id = `<${messageId}>`;
  const root = new MimeNode('multipart/alternative', {
    baseBoundary: messageId.replace(/@.*/, ''),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).setHeader([
    { key: 'From', value: from },
    { key: 'To', value: to },
    { key: 'Subject', value: text.subject },
    { key: 'Message-ID', value: id },
    { key: 'Date', value: date.toUTCString().replace('GMT', '+0000') },
    { key: 'Auto-Submitted', value: 'auto-generated' },
    { key: 'X-Auto-Response-Suppress', value: 'All' },
  ]);
  root.createChild('text/plain; charset=utf-8').setContent(plainOf(text));
  root.createChild('text/html; charset=utf-8').setContent(htmlOf(text));
  const envelope = root.getEnvelope();
  const [recipient] = envelope.to;
  if (!envelope.from || recipient === undefined || envelope.to.length !== 1)
    throw new PermanentError('mail: an alert needs one sender and one plain address of somebody who is told');
  return { raw: await root.build(), envelope: { from: envelope.from, to: recipient }, messageId: id };
}

function plainOf({ subject, entries, more }: AlertText): string {
  const parts = entries.map(({ title, lines, comment, caseUrl, url }) =>
    [
      ...(entries.length > 1 ? [title] : []),
      ...lines,
      ...(comment === null
        ? []
        : ['', ...comment.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => `> ${line}`.trimEnd())]),
      '',
      `The case: ${caseUrl}`,
      `In Caseloop: ${url}`,
    ].join('\n'),
  );
  return [subject, ...parts, ...(more === null ? [] : [more]), SIGNATURE].join('\n\n').concat('\n');
}

const SIGNATURE =
  'The customer is waiting for an answer. This ends by itself as soon as they have one in the CRM.';

// Light and dark follow the reader's own settings: no colours but those of the mail program.
function htmlOf({ subject, entries, more }: AlertText): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;max-width:40em">
<h1 style="font-size:20px">${escapeHtml(subject)}</h1>
${entries.map((entry) => entryHtml(entry, entries.length > 1)).join('\n')}
${more === null ? '' : `<p>${escapeHtml(more)}</p>`}
<p><small>${SIGNATURE}</small></p>
</body></html>
`;
}

function entryHtml({ title, lines, comment, caseUrl, url }: AlertEntry, withTitle: boolean): string {
  const words = (comment ?? '').split(/\r\n|[\r\n\u2028\u2029]/).map(escapeHtml);
  return [
    ...(withTitle ? [`<h2 style="font-size:16px">${escapeHtml(title)}</h2>`] : []),
    `<p>${lines.map(escapeHtml).join('<br>')}</p>`,
    ...(comment === null ? [] : [`<blockquote>${words.join('<br>')}</blockquote>`]),
    `<p><a href="${escapeHtml(caseUrl)}">Open the case</a> · <a href="${escapeHtml(url)}">See it in Caseloop</a></p>`,
  ].join('\n');
}
