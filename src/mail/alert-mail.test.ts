import { simpleParser } from 'mailparser';
import { expect, it } from 'vitest';
import { composeAlert } from './alert-mail.ts';

const TEXT = {
  subject: 'Low score on case 4711: 1 – “très” bad',
  entries: [
    {
      title: 'Low score',
      lines: ['Owner: <b>Maya</b> & co.', 'The customer should hear back.'],
      comment: '<script>alert(1)</script>\n.\nLine three',
      caseUrl: 'https://acme.example/cases/4711?a=1&b=2',
      url: 'https://survey.acme.example/dashboard/cases/eu/4711',
    },
  ],
  more: null,
};
const MAIL = {
  text: TEXT,
  from: 'Acme Support <support@acme.example>',
  to: 'lead@acme.example',
  messageId: '0a96cdba.alert@survey.acme.example',
  date: new Date('2026-11-27T10:00:00Z'),
};

it('an alert reads the same as text and as HTML, is quiet, and is the same mail every time', async () => {
  const mail = await composeAlert(MAIL);
  expect(await composeAlert(MAIL)).toEqual(mail);
  expect(mail.envelope).toEqual({ from: 'support@acme.example', to: 'lead@acme.example' });
  const read = await simpleParser(mail.raw);
  expect(read.subject).toBe(TEXT.subject);
  expect(read.messageId).toBe(`<${MAIL.messageId}>`);
  expect(read.headers.get('auto-submitted')).toBe('auto-generated');
  expect(read.text).toContain('> <script>alert(1)</script>\n> .\n> Line three');
  expect(read.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;<br>.<br>Line three');
  expect(read.html).toContain('href="https://acme.example/cases/4711?a=1&amp;b=2"');
});

it('refuses what is not one plain address', async () => {
  await expect(composeAlert({ ...MAIL, to: 'lead@acme.example, all@acme.example' })).rejects.toThrow(
    /one plain address/,
  );
});
