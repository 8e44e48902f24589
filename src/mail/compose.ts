import MimeNode from 'nodemailer/lib/mime-node';
import { addressProblem } from '../domain/address.ts';
import { type Brand, signatureFor } from '../domain/brand.ts';
import type { SurveyDefinition } from '../domain/survey.ts';
import { PermanentError } from '../errors.ts';
import type { Links } from '../links.ts';
import type { Languages } from '../texts/languages.ts';
import { pointsOf, say, type Wording, wordingFor } from '../texts/texts.ts';
import { prepareHtml } from './invitation-html.ts';
import type { InvitationBody, InvitationLook, InvitationValues, Purpose } from './invitation-look.ts';
import { prepareText } from './invitation-text.ts';

export type InvitedSurvey = Pick<
  SurveyDefinition,
  'name' | 'kind' | 'scale' | 'question' | 'labels' | 'icons'
>;

export interface Invitation {
  readonly survey: InvitedSurvey;
  /** The survey's row, that the links name. */
  readonly surveyId: string;
  readonly expiresAt: Date;
  readonly links: Pick<Links, 'surveyUrl' | 'optOutUrl'>;
  /** What mails say, by language. */
  readonly languages: Languages;
  readonly purpose: Purpose;
  /** BCP 47; null is the brand's. */
  readonly locale: string | null;
  readonly caseNumber: string;
  readonly caseSubject: string | null;
  /** As `chooseBrand` picks it; its sender and reply address are for the caller to put into `from` and `replyTo`. */
  readonly brand: Brand;
  /** An address, with or without a name before it, as the config has it. */
  readonly from: string;
  /** Where a person's reply goes; null is the sender. */
  readonly replyTo: string | null;
  /** Where the relay returns what cannot be delivered, one bare address; null is the sender. */
  readonly bouncesTo: string | null;
  /** Somebody keeps replies with the case; the mail says so. */
  readonly repliesAreKept: boolean;
  /** One bare address. */
  readonly to: string;
  readonly recipientName: string | null;
  /** With or without angle brackets; the same for every attempt at this mail. */
  readonly messageId: string;
  readonly date: Date;
  /** Says in the subject that nobody is asked. */
  readonly isTest?: boolean;
}

/** A finished mail: sending it again sends the same bytes. */
export interface Mail {
  readonly raw: Buffer;
  readonly envelope: { readonly from: string; readonly to: string };
  readonly messageId: string;
}

/**
 * Composes the mail that asks for a rating: one link per score, plain text beside HTML, headers that keep answering machines
 * quiet and let a mail client opt out in one click. The same input gives the same bytes. The first mail of a survey, brand,
 * language and purpose takes longer: what they have in common is made then.
 * Throws PermanentError when an address cannot be written into a mail.
 */
export async function composeInvitation(invitation: Invitation): Promise<Mail> {
  const { text, html, wording } = await prepared(invitation);
  const places = {
    number: oneLine(invitation.caseNumber),
    subject: oneLine(invitation.caseSubject),
    brand: oneLine(invitation.brand.name),
    name: oneLine(invitation.recipientName),
  };
  const values = valuesOf(invitation, wording, places);
  const subject = invitation.isTest === true ? `[Test] ${values.title}` : values.title;
  const root = new MimeNode(`multipart/alternative; boundary=${BOUNDARY}`).setHeader([
    { key: 'From', value: invitation.from },
    ...(invitation.replyTo === null ? [] : [{ key: 'Reply-To', value: invitation.replyTo }]),
    { key: 'To', value: [{ name: places.name, address: invitation.to }] },
    { key: 'Subject', value: subject },
    { key: 'Message-ID', value: bracketed(invitation.messageId) },
    { key: 'Date', value: invitation.date.toUTCString().replace('GMT', '+0000') },
    { key: 'Auto-Submitted', value: 'auto-generated' },
    { key: 'X-Auto-Response-Suppress', value: 'All' },
    { key: 'List-Unsubscribe', value: { prepared: true, value: `<${values.optOutUrl}>` } },
    { key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  ]);
  const envelope = envelopeOf(root, invitation);
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

function valuesOf(
  { purpose, links, surveyId, expiresAt }: Invitation,
  { language, texts: { mail } }: Wording,
  places: Readonly<Record<'number' | 'subject' | 'brand' | 'name', string>>,
): InvitationValues {
  const isReminder = purpose === 'reminder';
  const subjects = isReminder
    ? ([mail.reminderSubject, mail.reminderSubjectWithBrand] as const)
    : ([mail.subject, mail.subjectWithBrand] as const);
  return {
    title: say(language, subjects[places.brand === '' ? 0 : 1], places),
    preview: say(language, mail.preview, places),
    greeting: say(language, places.name === '' ? mail.greeting : mail.greetingWithName, places),
    closed: say(language, places.subject === '' ? mail.closed : mail.closedWithSubject, places),
    reminder: isReminder ? say(language, mail.reminder, places) : '',
    reason: say(language, mail.reason, places),
    brand: places.brand,
    openUrl: links.surveyUrl(surveyId, expiresAt),
    optOutUrl: links.optOutUrl(surveyId),
  };
}

interface Prepared {
  readonly wording: Wording;
  readonly text: InvitationBody;
  readonly html: InvitationBody;
}

// What does not change between mails is made once per look; it goes when the config that held the survey goes.
const PREPARED = new WeakMap<InvitedSurvey, Map<string, Promise<Prepared>>>();

function prepared(invitation: Invitation): Promise<Prepared> {
  const { survey, brand, purpose, repliesAreKept } = invitation;
  const wording = wordingFor(survey, survey.kind, invitation.locale ?? brand.locale, invitation.languages);
  const signature = signatureFor(brand, wording.language);
  const known = PREPARED.get(survey) ?? new Map<string, Promise<Prepared>>();
  PREPARED.set(survey, known);
  // Not by locale or by the brand's name: those may be the CRM's text, and there is no end to what it may hold.
  const key = JSON.stringify([
    wording.language,
    wording.question,
    purpose,
    repliesAreKept,
    brand.name === null,
    brand.colour,
    brand.logo,
    signature,
  ]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const points = pointsOf(survey.scale, survey.kind, wording);
  const { scale } = survey;
  const made = prepare({ wording, scale, points, brand, signature, purpose, repliesAreKept });
  known.set(key, made);
  return made;
}

async function prepare(look: InvitationLook): Promise<Prepared> {
  return { wording: look.wording, text: prepareText(look), html: await prepareHtml(look) };
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

function envelopeOf(root: MimeNode, { to, bouncesTo }: Invitation): Mail['envelope'] {
  const { from, to: recipients } = root.getEnvelope();
  if (!from) throw new PermanentError('mail: the sender in mail.from is not an address');
  const [recipient] = recipients;
  const problem = addressProblem(to);
  // Anything but the one address that was given would be a mail to somebody else.
  if (problem === 'missing' || problem === 'malformed' || recipient === undefined || recipients.length !== 1)
    throw new PermanentError('mail: the recipient is not one plain address');
  return { from: bouncesTo ?? from, to: recipient };
}

function bracketed(messageId: string): string {
  return messageId.startsWith('<') ? messageId : `<${messageId}>`;
}

const LONGEST_VALUE = 120;

/** Text of the CRM for a line of a mail: no line ends or control characters, and not without end. */
export function oneLine(text: string | null): string {
  const line = (text ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const characters = Array.from(line);
  if (characters.length <= LONGEST_VALUE) return line;
  return `${characters
    .slice(0, LONGEST_VALUE - 1)
    .join('')
    .trimEnd()}…`;
}
