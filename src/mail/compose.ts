import MimeNode from 'nodemailer/lib/mime-node';
import { addressProblem } from '../domain/address.ts';
import type { SurveyDefinition } from '../domain/survey.ts';
import { PermanentError } from '../errors.ts';
import { type Links, withScore } from '../links.ts';
import { type Point, pointsOf, say, type Wording, wordingFor } from '../texts/texts.ts';
import { type InvitationBody, prepareHtml, prepareText } from './invitation-body.ts';

export type InvitedSurvey = Pick<SurveyDefinition, 'name' | 'kind' | 'scale' | 'question'>;

export interface Invitation {
  readonly survey: InvitedSurvey;
  /** The survey's row, that the links name. */
  readonly surveyId: string;
  readonly expiresAt: Date;
  readonly links: Pick<Links, 'surveyUrl' | 'optOutUrl'>;
  /** BCP 47; null is English. */
  readonly locale: string | null;
  readonly caseNumber: string;
  readonly caseSubject: string | null;
  readonly brand: string | null;
  /** An address, with or without a name before it, as the config has it. */
  readonly from: string;
  readonly replyTo: string | null;
  /** One bare address. */
  readonly to: string;
  readonly recipientName: string | null;
  /** With or without angle brackets; the same for every attempt at this mail. */
  readonly messageId: string;
  readonly date: Date;
}

/** A finished mail: sending it again sends the same bytes. */
export interface Mail {
  readonly raw: Buffer;
  readonly envelope: { readonly from: string; readonly to: string };
  readonly messageId: string;
}

/**
 * Composes the mail that asks for a rating: one link per score, plain text beside HTML, headers that keep answering machines
 * quiet and let a mail client opt out in one click. The same input gives the same bytes.
 * Throws PermanentError when an address cannot be written into a mail.
 */
export function composeInvitation(invitation: Invitation): Mail {
  const { text, html, wording, points } = prepared(invitation.survey, invitation.locale);
  const { mail } = wording.texts;
  const places = {
    number: oneLine(invitation.caseNumber),
    subject: oneLine(invitation.caseSubject),
    brand: oneLine(invitation.brand),
    name: oneLine(invitation.recipientName),
  };
  const title = say(wording.language, places.brand === '' ? mail.subject : mail.subjectWithBrand, places);
  const optOutUrl = invitation.links.optOutUrl(invitation.surveyId);
  const openUrl = invitation.links.surveyUrl(invitation.surveyId, invitation.expiresAt);
  const values = {
    title,
    greeting: say(wording.language, places.name === '' ? mail.greeting : mail.greetingWithName, places),
    closed: say(wording.language, places.subject === '' ? mail.closed : mail.closedWithSubject, places),
    reason: say(wording.language, mail.reason, places),
    openUrl,
    optOutUrl,
    scoreUrls: new Map(points.map(({ score }) => [score, withScore(openUrl, score)])),
  };
  const root = new MimeNode(`multipart/alternative; boundary=${BOUNDARY}`).setHeader([
    { key: 'From', value: invitation.from },
    ...(invitation.replyTo === null ? [] : [{ key: 'Reply-To', value: invitation.replyTo }]),
    { key: 'To', value: [{ name: places.name, address: invitation.to }] },
    { key: 'Subject', value: title },
    { key: 'Message-ID', value: bracketed(invitation.messageId) },
    { key: 'Date', value: invitation.date.toUTCString().replace('GMT', '+0000') },
    { key: 'Auto-Submitted', value: 'auto-generated' },
    { key: 'X-Auto-Response-Suppress', value: 'All' },
    { key: 'List-Unsubscribe', value: { prepared: true, value: `<${optOutUrl}>` } },
    { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  ]);
  const envelope = envelopeOf(root, invitation.to);
  const raw = Buffer.from(
    [
      root.buildHeaders(),
      '',
      ...part('text/plain', text(values)),
      ...part('text/html', html(values)),
      `--${BOUNDARY}--`,
      '',
    ].join('\r\n'),
  );
  return { raw, envelope, messageId: bracketed(invitation.messageId) };
}

interface Prepared {
  readonly wording: Wording;
  readonly points: readonly Point[];
  readonly text: InvitationBody;
  readonly html: InvitationBody;
}

// What does not change between mails is made once per survey and language; it goes when the config that held the survey goes.
const PREPARED = new WeakMap<InvitedSurvey, Map<string, Prepared>>();

function prepared(survey: InvitedSurvey, locale: string | null): Prepared {
  const wording = wordingFor(survey, survey.kind, locale);
  const known = PREPARED.get(survey) ?? new Map<string, Prepared>();
  PREPARED.set(survey, known);
  // Not by locale: that is the CRM's text, and there is no end to what it may hold.
  const key = `${wording.language} ${wording.question}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const points = pointsOf(survey.scale, survey.kind, wording.texts);
  const made = { wording, points, text: prepareText(wording, points), html: prepareHtml(wording, points) };
  known.set(key, made);
  return made;
}

// Base64 lines never begin with a hyphen, so a fixed boundary cannot occur in a part.
const BOUNDARY = 'caseloop-alternative';
const LINE_LENGTH = 76;

function part(type: string, content: string): string[] {
  const encoded = Buffer.from(content.replaceAll('\n', '\r\n')).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < encoded.length; at += LINE_LENGTH) lines.push(encoded.slice(at, at + LINE_LENGTH));
  return [
    `--${BOUNDARY}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
  ];
}

function envelopeOf(root: MimeNode, to: string): Mail['envelope'] {
  const { from, to: recipients } = root.getEnvelope();
  if (!from) throw new PermanentError('mail: the sender in mail.from is not an address');
  const [recipient] = recipients;
  const problem = addressProblem(to);
  // Anything but the one address that was given would be a mail to somebody else.
  if (problem === 'missing' || problem === 'malformed' || recipient === undefined || recipients.length !== 1)
    throw new PermanentError('mail: the recipient is not one plain address');
  return { from, to: recipient };
}

function bracketed(messageId: string): string {
  return messageId.startsWith('<') ? messageId : `<${messageId}>`;
}

const LONGEST_VALUE = 120;

/** Text of the CRM for a line of a mail: no line ends or control characters, and not without end. */
function oneLine(text: string | null): string {
  const line = (text ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const characters = Array.from(line);
  if (characters.length <= LONGEST_VALUE) return line;
  return `${characters
    .slice(0, LONGEST_VALUE - 1)
    .join('')
    .trimEnd()}…`;
}
