import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mailbox, startMailbox } from '../../src/demo/mailbox.ts';
import { createOutbox } from '../../src/mail/outbox.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
let root = '';
let mailbox: Mailbox;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'caseloop-mailbox-'));
  mailbox = await startMailbox({ outboxDir: join(root, 'outbox'), clock: { now: () => NOW } });
});
afterEach(async () => {
  await mailbox.close();
  await rm(root, { recursive: true, force: true });
});

async function put(number: number, subject: string, html: string): Promise<void> {
  const raw = [
    'From: Acme <support@acme.example>',
    `To: Ada <ada${number}@customer.example>`,
    `Subject: ${subject}`,
    `Message-ID: <m${number}@acme.example>`,
    `Date: Sat, 21 Nov 2026 11:5${number}:00 +0000`,
    'List-Unsubscribe:',
    ' <https://survey.acme.example/u/x>',
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
  ].join('\r\n');
  await createOutbox(join(root, 'outbox')).send({
    raw: Buffer.from(raw),
    envelope: { from: 'support@acme.example', to: 'ada@customer.example' },
    messageId: `<m${number}@acme.example>`,
  });
}

test('an outbox that is not there yet is an empty mailbox', async () => {
  expect(await mailbox.list()).toEqual([]);
  const page = await (await fetch(mailbox.url)).text();
  expect(page).toContain('No mails yet.');
});

test('mails are listed newest first, read as they were written', async () => {
  await put(1, 'older', '<html><head></head><body>one</body></html>');
  await put(2, 'newer', '<html><head></head><body>two</body></html>');
  await writeFile(join(root, 'outbox', '.half.tmp'), 'not whole');
  const [newer, older] = await mailbox.list();
  expect(older?.subject).toBe('older');
  expect(newer).toMatchObject({
    id: 'm2@acme.example',
    to: '"Ada" <ada2@customer.example>',
    subject: 'newer',
    date: new Date('2026-11-21T11:52:00Z'),
    messageId: '<m2@acme.example>',
  });
  expect(newer?.html).toContain('two');
  expect(newer?.headers['list-unsubscribe']).toBe('<https://survey.acme.example/u/x>');
});

test('a mail is shown where it can do nothing but open links', async () => {
  await put(
    1,
    '<script>alert(1)</script>',
    '<html><head></head><body><script>alert(2)</script></body></html>',
  );
  const page = await (await fetch(`${mailbox.url}/mails/m1@acme.example`)).text();
  expect(page).not.toContain('<script');
  expect(page).toContain(
    'sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"',
  );
  const body = await fetch(`${mailbox.url}/mails/m1@acme.example/body`);
  const policy = body.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('sandbox allow-popups');
  expect(policy).not.toContain('allow-scripts');
  expect(await body.text()).toContain('<base target="_blank">');
});

test('text and source are tabs of their own', async () => {
  await put(1, 'x', '<html><head></head><body><p>Hello</p></body></html>');
  const source = await (await fetch(`${mailbox.url}/mails/m1@acme.example?view=source`)).text();
  expect(source).toContain('Message-ID: &lt;m1@acme.example&gt;');
  const text = await (await fetch(`${mailbox.url}/mails/m1@acme.example?view=text`)).text();
  expect(text).toContain('Hello</pre>');
});

test('only mails can be read', async () => {
  await writeFile(join(root, 'secret.eml'), 'Subject: secret\r\n\r\nsecret');
  for (const path of ['/mails/none', '/mails/..%2Fsecret', '/mails/..%2Fsecret/body', '/page.eta'])
    expect((await fetch(`${mailbox.url}${path}`)).status).toBe(404);
});
