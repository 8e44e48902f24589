import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { PLAIN_BRAND } from '../src/domain/brand.ts';
import { createLinks } from '../src/links.ts';
import { composeInvitation, type Invitation } from '../src/mail/compose.ts';
import { createSmtpMailer } from '../src/mail/smtp.ts';
import { Secret } from '../src/secret.ts';
import { LANGUAGES } from '../src/texts/languages.ts';
import { type Figure, figureOf, ratioOf } from './figures.ts';
import { monotonicMs } from './monotonic.ts';
import type { MailSink } from './surroundings.ts';

/** Mails a second, each composed for its customer and handed to the relay. */
export interface MailFigures {
  readonly bytes: number;
  readonly composed: Figure;
  /** nodemailer alone, with text and HTML that are ready. */
  readonly bare: Figure;
  /** Turn by turn. */
  readonly ratio: Figure | null;
  /** As `composed`, with MJML run for every mail. */
  readonly mjmlPerMail: Figure;
}

const CONNECTIONS = 10;
const LONGEST_MS = 60_000;

/** Sends by turns over as many connections each: from the first mail to the sink having the last. */
export async function measureMail(
  sink: MailSink,
  plan: { readonly mails: number; readonly turns: number },
): Promise<MailFigures> {
  const mailer = createSmtpMailer({ url: new Secret(sink.url), concurrency: CONNECTIONS });
  const { hostname, port } = new URL(sink.url);
  const bare = createTransport({
    pool: true,
    host: hostname,
    port: Number(port),
    maxConnections: CONNECTIONS,
  });
  const sample = await composeInvitation(invitation(0));
  const { html, text, subject } = await simpleParser(sample.raw);
  const ready = { from: FROM, subject: subject ?? '', html: html || '', text: text ?? '' };
  const sends = {
    composed: async (at: number) => mailer.send(await composeInvitation(invitation(at))),
    bare: async (at: number) => {
      await bare.sendMail({ ...ready, to: customer(at) });
    },
    // No two mails share a colour, and so no layout.
    mjmlPerMail: async (at: number) => {
      const colour = `#${at.toString(16).padStart(6, '0')}`;
      await mailer.send(await composeInvitation({ ...invitation(at), brand: { ...PLAIN_BRAND, colour } }));
    },
  };
  try {
    const rates = { composed: [] as number[], bare: [] as number[], mjmlPerMail: [] as number[] };
    let sent = 0;
    const measure = async (name: keyof typeof sends, mails: number) => {
      const rate = await rateOf(sink, sends[name], { from: sent, mails });
      sent += mails;
      return rate;
    };
    for (const name of ['composed', 'bare'] as const) await measure(name, plan.mails);
    for (let turn = 0; turn < plan.turns; turn += 1) {
      const names = turn % 2 === 0 ? (['composed', 'bare'] as const) : (['bare', 'composed'] as const);
      for (const name of names) rates[name].push(await measure(name, plan.mails));
      rates.mjmlPerMail.push(await measure('mjmlPerMail', Math.ceil(plan.mails / 10)));
    }
    return {
      bytes: sample.raw.length,
      composed: figureOf(rates.composed),
      bare: figureOf(rates.bare),
      ratio: ratioOf(rates.composed, rates.bare),
      mjmlPerMail: figureOf(rates.mjmlPerMail),
    };
  } finally {
    bare.close();
    await mailer.close();
  }
}

async function rateOf(
  sink: MailSink,
  send: (at: number) => Promise<void>,
  { from, mails }: { from: number; mails: number },
): Promise<number> {
  await sink.begin();
  const startedAtMs = monotonicMs();
  let next = from;
  const sender = async (): Promise<void> => {
    while (next < from + mails) {
      next += 1;
      await send(next);
    }
  };
  // Twice the connections: while some mails are handed over, as many are composed.
  await Promise.all([...Array.from({ length: 2 * CONNECTIONS }, sender), sink.until(mails, LONGEST_MS)]);
  return mails / ((monotonicMs() - startedAtMs) / 1_000);
}

const FROM = 'Acme Support <support@acme.example>';
const SURVEY = {
  name: 'support',
  kind: 'csat',
  scale: '1-5',
  question: { en: 'How would you rate the support you received?' },
  labels: {},
  icons: [],
} as const;
const links = createLinks({
  publicUrl: 'https://survey.acme.example',
  secrets: [new Secret('a secret of the benchmark, long enough')],
});

function customer(at: number): string {
  return `customer-${at}@elsewhere.example`;
}

function invitation(at: number): Invitation {
  return {
    purpose: 'invitation',
    survey: SURVEY,
    surveyId: `018f3a3e-1111-7222-8333-${at.toString(16).padStart(12, '0')}`,
    expiresAt: new Date('2027-01-21T12:00:00Z'),
    links,
    languages: LANGUAGES,
    locale: 'en',
    caseNumber: String(at),
    caseSubject: 'Printer is on fire',
    brand: PLAIN_BRAND,
    from: FROM,
    replyTo: null,
    bouncesTo: null,
    repliesAreKept: false,
    to: customer(at),
    recipientName: `Customer ${at}`,
    messageId: `survey.${at}@survey.acme.example`,
    date: new Date('2026-11-21T12:00:00Z'),
  };
}
