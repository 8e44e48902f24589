import { simpleParser } from 'mailparser';
import { withScore } from '../links.ts';
import { composeInvitation } from '../mail/compose.ts';
import { senderFor } from '../mail/sender.ts';
import type { Choice, MailName } from './choice.ts';
import { frameUrl } from './choice.ts';
import type { PreviewSet } from './preview-set.ts';

export interface PreviewMail {
  readonly subject: string;
  readonly from: string;
  readonly replyTo: string;
  readonly html: string;
  readonly text: string;
  readonly bytes: number;
}

const SENT_AT = new Date('2026-11-21T12:00:00Z');

/** The mail as it would leave, made by what makes all mails; its links lead to the preview of the page they would open. */
export async function previewMail(
  choice: Choice & { readonly what: MailName },
  set: PreviewSet,
): Promise<PreviewMail> {
  const openUrl = frameUrl({ ...choice, form: 'html' }, 'tapped');
  const { raw } = await composeInvitation({
    purpose: choice.what,
    survey: choice.survey,
    surveyId: 'preview',
    expiresAt: SENT_AT,
    links: {
      surveyUrl: (_surveyId, _expiresAt, score) =>
        score === undefined ? openUrl : withScore(openUrl, score),
      optOutUrl: () => frameUrl({ ...choice, form: 'html' }, 'opt-out'),
    },
    languages: set.languages,
    locale: choice.language,
    caseNumber: '4711',
    caseSubject: 'Printer is on fire',
    brand: choice.brand,
    ...senderFor(set.mail, choice.brand),
    bouncesTo: null,
    repliesAreKept: false,
    to: 'ada@customer.example',
    recipientName: 'Ada Lovelace',
    messageId: 'preview@caseloop.example',
    date: SENT_AT,
  });
  const mail = await simpleParser(raw);
  return {
    subject: mail.subject ?? '',
    from: mail.from?.text ?? '',
    replyTo: mail.replyTo?.text ?? 'none: replies go to the sender',
    html: mail.html || '',
    text: mail.text ?? '',
    bytes: raw.length,
  };
}
