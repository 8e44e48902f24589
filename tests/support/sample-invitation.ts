import { type Brand, PLAIN_BRAND } from '../../src/domain/brand.ts';
import { createLinks } from '../../src/links.ts';
import type { Invitation } from '../../src/mail/compose.ts';
import { Secret } from '../../src/secret.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';

export const sampleLinks = createLinks({
  publicUrl: 'https://survey.acme.example',
  secrets: [new Secret('a secret for tests, long enough to sign')],
});

export const SAMPLE_NOW = new Date('2026-11-21T12:00:00Z');

export const SAMPLE_SURVEY = {
  name: 'support',
  kind: 'csat',
  scale: '1-5',
  question: { en: 'How would you rate the support you received?' },
  labels: {},
  icons: [],
} as const;

/** An invitation to Ada, but for what a test says. */
export function sampleInvitation(over: Partial<Invitation> = {}): Invitation {
  return {
    purpose: 'invitation',
    survey: SAMPLE_SURVEY,
    surveyId: '018f3a3e-1111-7222-8333-944455556666',
    expiresAt: new Date('2026-12-21T12:00:00Z'),
    links: sampleLinks,
    languages: LANGUAGES,
    locale: 'en',
    caseNumber: '4711',
    caseSubject: 'Printer is on fire',
    brand: PLAIN_BRAND,
    from: 'Acme Support <support@acme.example>',
    replyTo: 'no-reply@acme.example',
    bouncesTo: null,
    repliesAreKept: false,
    to: 'ada@customer.example',
    recipientName: 'Ada Lovelace',
    messageId: 'survey.1@survey.acme.example',
    date: SAMPLE_NOW,
    ...over,
  };
}

/** A plain one, one with all there is, and one in a colour that only black can be read on. */
export const SAMPLE_BRANDS: readonly Brand[] = [
  PLAIN_BRAND,
  {
    ...PLAIN_BRAND,
    key: 'nordwind',
    name: 'Nordwind & Söhne',
    colour: '#0b7a4b',
    logo: { url: 'https://survey.acme.example/nordwind.png', width: 240 },
    signature: { en: 'Your Nordwind team\n<support.nordwind.example>', de: 'Ihr Nordwind-Team' },
  },
  { ...PLAIN_BRAND, key: 'limon', name: 'Limón', colour: '#ffd400', signature: { und: 'Limón' } },
];
