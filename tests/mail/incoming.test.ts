import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createLinks } from '../../src/links.ts';
import { readIncoming } from '../../src/mail/incoming.ts';
import { returnAddress, surveyReturned } from '../../src/mail/return-address.ts';
import { Secret } from '../../src/secret.ts';

const publicUrl = 'https://survey.acme.example';
const OLD = new Secret('an old secret of the tests, long enough');
const NEW = new Secret('a new secret of the tests, long enough');
const links = createLinks({ publicUrl, secrets: [OLD] });
const mailbox = { address: 'survey@acme.example', plusAddresses: true };

const mail = (headers: readonly string[], body: string) =>
  Buffer.from(['From: ann@customer.example', 'To: survey@acme.example', ...headers, '', body].join('\r\n'));

/** A report on a delivery, as mail servers write it. */
const report = (action: string, status: string) =>
  mail(
    ['Content-Type: multipart/report; report-type=delivery-status;', '\tboundary="b/1"', 'MIME-Version: 1.0'],
    [
      '--b/1\r\nContent-Type: text/plain\r\n\r\nStatus: 5.9.9 in words',
      '--b/1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n',
      `Final-Recipient: rfc822; gone@customer.example\r\nAction: ${action}\r\nStatus: ${status}\r\n`,
      '--b/1\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID:\r\n <m1@acme.example>\r\n',
      '--b/1--\r\n',
    ].join('\r\n'),
  );

test('an address with a tag names its survey, whatever becomes of its case, and a changed one names none', () => {
  const surveyId = randomUUID();
  const address = returnAddress(mailbox, surveyId, links) ?? '';
  expect(address.split('@')[0]?.length).toBeLessThanOrEqual(64);
  expect(surveyReturned([mailbox.address, address.toUpperCase()], links)).toBe(surveyId);
  const rotated = createLinks({ publicUrl, secrets: [NEW, OLD] });
  expect(surveyReturned([address], rotated)).toBe(surveyId);
  expect(surveyReturned([address], createLinks({ publicUrl, secrets: [NEW] }))).toBeNull();
  const at = address.indexOf('+') + 20;
  const other = `${address.slice(0, at)}${address[at] === '0' ? '1' : '0'}${address.slice(at + 1)}`;
  expect(surveyReturned([other, 'survey+@acme.example', 'survey+zz@acme.example'], links)).toBeNull();
  expect(returnAddress({ ...mailbox, plusAddresses: false }, surveyId, links)).toBe(mailbox.address);
});

test('a bounce tells the status and the mail inside; one that is still tried tells no failure', async () => {
  expect(await readIncoming(report('failed', '5.1.1'))).toMatchObject({
    kind: 'bounce',
    failure: '5.1.1',
    messageIds: ['<m1@acme.example>'],
  });
  // Given up after days in the relay's queue.
  expect(await readIncoming(report('failed', '4.4.7'))).toMatchObject({ kind: 'bounce', failure: '4.4.7' });
  expect(await readIncoming(report('delayed', '4.4.1'))).toMatchObject({ kind: 'bounce', failure: null });
  expect(await readIncoming(report('delivered', '2.0.0'))).toMatchObject({ kind: 'bounce', failure: null });
});

test.each([
  ['Auto-Submitted: auto-replied', 'auto'],
  ['Auto-Submitted: no', 'reply'],
  ['Precedence: bulk', 'auto'],
  ['X-Autoreply: yes', 'auto'],
  ['List-Id: <news.customer.example>', 'auto'],
  ['Resent-Message-ID: <1.reply@acme.example>', 'auto'],
  ['Content-Type: multipart/report; report-type=disposition-notification; boundary=x', 'auto'],
])('a mail with %s is taken for %s', async (header, kind) => {
  expect((await readIncoming(mail([header], 'Hello'))).kind).toBe(kind);
});

test("a reply's own words are kept, bounded, and its HTML becomes text", async () => {
  const words = async (body: string, headers: readonly string[] = []) =>
    (await readIncoming(mail(headers, body))).text;
  expect(await words('Too slow.\r\n\r\nAm 1. Mai schrieb Acme:\r\n> Frage\r\n> mehr\r\n')).toBe('Too slow.');
  expect(await words('Fine.\r\n-- \r\nAnn, +49 30 1234\r\n')).toBe('Fine.');
  expect(await words('Yes\r\n________________________________\r\nFrom: Acme\r\n')).toBe('Yes');
  expect(await words('> quoted\r\nbelow\r\n')).toBe('below');
  expect(await words('x'.repeat(20_000))).toHaveLength(5_000);
  const html = await words('<p>Thanks<script>alert(1)</script> <b>a lot</b></p>', [
    'Content-Type: text/html',
  ]);
  expect(html).toBe('Thanks a lot');
});

test('what is broken is read all the same', async () => {
  const broken = mail(['Content-Type: multipart/report; report-type=delivery-status'], 'nothing');
  expect((await readIncoming(broken)).failure).toBeNull();
  expect((await readIncoming(Buffer.alloc(0))).kind).toBe('reply');
});
