import fc from 'fast-check';
import type { AddressObject } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { PLAIN_BRAND } from '../../src/domain/brand.ts';
import { SCALES, type Scale } from '../../src/domain/score.ts';
import { PermanentError } from '../../src/errors.ts';
import { composeInvitation } from '../../src/mail/compose.ts';
import { createSmtpMailer } from '../../src/mail/smtp.ts';
import { Secret } from '../../src/secret.ts';
import { SAMPLE_NOW, SAMPLE_SURVEY, sampleInvitation, sampleLinks } from '../support/sample-invitation.ts';
import { parseMail, startSmtpSink } from '../support/smtp.ts';

function addressesOf(field: AddressObject | AddressObject[] | undefined) {
  return [field ?? []].flat().flatMap((one) => one.value);
}

function headerNames(raw: Buffer): string[] {
  const block = raw.toString().split('\r\n\r\n')[0] ?? '';
  return block
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => line.slice(0, line.indexOf(':')));
}

const HEADERS = [
  'From',
  'Reply-To',
  'To',
  'Subject',
  'Message-ID',
  'Date',
  'Auto-Submitted',
  'X-Auto-Response-Suppress',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'MIME-Version',
  'Content-Type',
];

test('an invitation has the headers that keep machines quiet and let people leave', async () => {
  const { raw, envelope, messageId } = await composeInvitation(sampleInvitation());
  const mail = await parseMail(raw);
  expect(headerNames(raw)).toEqual(HEADERS);
  expect(addressesOf(mail.from)).toEqual([{ name: 'Acme Support', address: 'support@acme.example' }]);
  expect(addressesOf(mail.replyTo)).toMatchObject([{ address: 'no-reply@acme.example' }]);
  expect(addressesOf(mail.to)).toEqual([{ name: 'Ada Lovelace', address: 'ada@customer.example' }]);
  expect(mail.subject).toBe('Your request 4711: how was the support?');
  expect(mail.messageId).toBe('<survey.1@survey.acme.example>');
  expect(messageId).toBe(mail.messageId);
  expect(mail.date).toEqual(SAMPLE_NOW);
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail.headers.get('x-auto-response-suppress')).toBe('All');
  expect(raw.toString()).toContain(
    `\r\nList-Unsubscribe: <${sampleLinks.optOutUrl('018f3a3e-1111-7222-8333-944455556666')}>\r\n`,
  );
  expect(raw.toString()).toContain('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
  expect(envelope).toEqual({ from: 'support@acme.example', to: 'ada@customer.example' });
});

describe.each(Object.keys(SCALES) as Scale[])('on the scale %s', (scale) => {
  const { min, max } = SCALES[scale];
  const scores = Array.from({ length: max - min + 1 }, (_, index) => min + index);

  test.each(['csat', 'ces', 'nps'] as const)(
    '%s: every score is one tap, in the text and in the HTML',
    async (kind) => {
      const mail = await parseMail(
        (await composeInvitation(sampleInvitation({ survey: { ...SAMPLE_SURVEY, scale, kind } }))).raw,
      );
      const html = mail.html === false ? '' : mail.html;
      for (const text of [mail.text ?? '', html]) {
        const found = [...text.matchAll(/https:[^\s"<]+\/s\/([\w-]+)\?score=(\d+)/g)];
        expect(found.map((match) => Number(match[2]))).toEqual(scores);
        for (const match of found)
          expect(sampleLinks.verifySurvey(match[1] ?? '', SAMPLE_NOW)).toEqual({
            surveyId: '018f3a3e-1111-7222-8333-944455556666',
            expired: false,
          });
      }
    },
  );
});

test('the HTML has no script, image, form or address of others', async () => {
  const mail = await parseMail((await composeInvitation(sampleInvitation())).raw);
  const html = mail.html === false ? '' : mail.html;
  expect(html).not.toMatch(/<script|<img|<form|<link|url\(|javascript:/i);
  // The names of XML vocabularies only look like addresses.
  const hosts = [...html.replace(/ xmlns="[^"]*"/g, '').matchAll(/https?:\/\/([^/"]+)/g)].map(
    (match) => match[1],
  );
  expect(new Set(hosts)).toEqual(new Set(['survey.acme.example']));
});

describe('the language', () => {
  test('is the customer’s when the standard question is asked', async () => {
    const mail = await parseMail((await composeInvitation(sampleInvitation({ locale: 'de_AT' }))).raw);
    expect(mail.subject).toBe('Ihre Anfrage 4711: Wie war die Unterstützung?');
    expect(mail.text).toContain('Wie bewerten Sie die Unterstützung');
    expect(mail.html).toContain('<html lang="de"');
  });

  test('is that of the question when the admin wrote one: never two languages in one mail', async () => {
    const survey = { ...SAMPLE_SURVEY, question: { en: 'How did our billing team do?' } };
    const mail = await parseMail((await composeInvitation(sampleInvitation({ survey, locale: 'de' }))).raw);
    expect(mail.text).toContain('How did our billing team do?');
    expect(mail.text).toContain('has been closed');
    expect(mail.html).toContain('<html lang="en"');
  });

  test.each([null, 'eo', 'x-unknown', ''])('is English for %j', async (locale) => {
    const mail = await parseMail((await composeInvitation(sampleInvitation({ locale }))).raw);
    expect(mail.text).toContain('Hello Ada Lovelace,');
  });
});

test('what is not known is left out', async () => {
  const unknown = { caseSubject: null, recipientName: null, replyTo: null };
  const bare = await parseMail((await composeInvitation(sampleInvitation(unknown))).raw);
  expect(bare.text).toContain('Hello,\n\nYour request 4711 has been closed.');
  expect(bare.replyTo).toBeUndefined();
  const branded = await parseMail(
    (await composeInvitation(sampleInvitation({ brand: { ...PLAIN_BRAND, name: 'Acme Print' } }))).raw,
  );
  expect(branded.subject).toBe('Your request 4711 to Acme Print: how was the support?');
});

test('the same invitation is the same bytes, and another one is not', async () => {
  const first = await composeInvitation(sampleInvitation());
  expect((await composeInvitation(sampleInvitation())).raw.equals(first.raw)).toBe(true);
  expect((await composeInvitation(sampleInvitation({ caseNumber: '4712' }))).raw.equals(first.raw)).toBe(
    false,
  );
});

test('nothing a customer or a CRM writes adds a header, a recipient or HTML', async () => {
  const nasty = fc.oneof(
    fc.constantFrom(
      'x\r\nBcc: eve@evil.example',
      'x\nTo: eve@evil.example',
      'x\u2028\u0085Bcc: eve@evil.example',
      '<b onclick="x">"\'&',
      '", <eve@evil.example>',
      '=?utf-8?q?=0ABcc:_eve=40evil.example?=',
      '{subject} {name} {number}',
      '</a><script>alert(1)</script>',
    ),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.record({ caseNumber: nasty, caseSubject: nasty, brand: nasty, recipientName: nasty }),
      async ({ brand: name, ...words }) => {
        const brand = { ...PLAIN_BRAND, name };
        const { raw, envelope } = await composeInvitation(sampleInvitation({ ...words, brand }));
        expect(headerNames(raw)).toEqual(HEADERS);
        expect(envelope.to).toBe('ada@customer.example');
        const mail = await parseMail(raw);
        expect(addressesOf(mail.to).map((one) => one.address)).toEqual(['ada@customer.example']);
        const html = mail.html === false ? '' : mail.html;
        expect(html).not.toMatch(/<script|<b |onclick="/);
        expect(html.match(/<a /g)).toHaveLength(8);
        expect(raw.every((byte) => byte < 128)).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test('a value is never filled in again', async () => {
  const mail = await parseMail(
    (await composeInvitation(sampleInvitation({ recipientName: '{number}' }))).raw,
  );
  expect(mail.text).toContain('Hello {number},');
});

test('a very long subject of a case is cut between characters', async () => {
  const mail = await parseMail(
    (await composeInvitation(sampleInvitation({ caseSubject: '😀'.repeat(500) }))).raw,
  );
  expect(mail.text).toContain(`“${'😀'.repeat(119)}…”`);
});

test.each([
  'ada@customer.example, eve@evil.example',
  'Ada <ada@customer.example>',
  '',
  'ada',
  'a@b.example\r\nBcc: x@y.example',
])('the recipient %j is refused for good, and not shown', async (to) => {
  const compose = () => composeInvitation(sampleInvitation({ to }));
  await expect(compose).rejects.toThrow(PermanentError);
  await expect(compose).rejects.toThrow(/^mail: the recipient is not one plain address$/);
});

test('an address in another script is written as mail servers know it', async () => {
  expect((await composeInvitation(sampleInvitation({ to: 'ada@müller.example' }))).envelope.to).toBe(
    'ada@xn--mller-kva.example',
  );
});

test('no line is longer than SMTP allows', async () => {
  const { raw } = await composeInvitation(
    sampleInvitation({ caseSubject: 'x'.repeat(5_000), recipientName: 'y'.repeat(2_000) }),
  );
  for (const line of raw.toString().split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
});

test('a real relay takes it, and what arrives is what was composed', async () => {
  const sink = await startSmtpSink();
  const mailer = createSmtpMailer({ url: new Secret(sink.url), concurrency: 1 });
  try {
    const mail = await composeInvitation(sampleInvitation({ locale: 'de', recipientName: 'Jürgen Müßig' }));
    await mailer.send(mail);
    expect(sink.mails[0]?.raw.equals(mail.raw)).toBe(true);
    expect(sink.mails[0]?.to).toEqual(['ada@customer.example']);
  } finally {
    await mailer.close();
    await sink.close();
  }
});
