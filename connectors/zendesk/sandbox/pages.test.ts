import { expect, test } from 'vitest';
import { startTestAccount } from './test-account.ts';

const NASTY_CASE = {
  subject: '<script>alert("s")</script>',
  requester: { name: 'Ana & "Co" <b>', email: 'ana@example.org' },
  tags: ["it's"],
} as const;

test('a case is shown as an agent sees it, and nothing of it is markup', async () => {
  const { sandbox, call, raw } = await startTestAccount();
  const id = await sandbox.openCase(NASTY_CASE);
  const field = { type: 'textarea', title: 'CSAT comment' };
  const fieldId = (await call('POST', '/ticket_fields', { ticket_field: field })).body.ticket_field.id;
  const comment = { body: 'a note <img src=x>', public: false };
  const ticket = { custom_fields: [{ id: fieldId, value: '<i>slow</i>' }], comment };
  await call('PUT', `/tickets/${id}`, { ticket });
  await call('POST', '/tickets', {
    ticket: { subject: 'Call', comment: { body: `See #${id}`, public: false } },
  });
  expect(await sandbox.readCase(id)).toMatchObject({
    state: 'open',
    comment: '<i>slow</i>',
    mailsToCustomer: 0,
  });

  const page = await raw('GET', new URL(sandbox.caseUrl(id)).pathname);
  expect(page.status).toBe(200);
  for (const text of [
    'CSAT comment',
    '&lt;i&gt;slow',
    'Internal',
    'Public',
    'Ana &amp; &quot;Co&quot;',
    'it&#39;s',
    '>Solve<',
  ]) {
    expect(page.body).toContain(text);
  }
  expect(page.body).toMatch(/Follow-ups<\/h2>\s*<ul><li><a href="\/agent\/tickets\/\d+">#\d+ Call/);
  for (const markup of ['<script', '<img', '<i>', '<b>']) expect(page.body).not.toContain(markup);
  const list = await raw('GET', '/agent/tickets');
  expect(list.body).toContain(`href="/agent/tickets/${id}"`);
  expect(list.body).not.toContain('<script');
});

test('the button solves and reopens; a closed ticket has none', async () => {
  const { sandbox, raw } = await startTestAccount();
  const id = await sandbox.openCase(NASTY_CASE);
  const press = async (action: string) => {
    expect((await raw('POST', `/agent/tickets/${id}/${action}`)).status).toBe(303);
    return (await sandbox.readCase(id)).state;
  };
  expect(await press('solve')).toBe('closed');
  expect(await press('solve')).toBe('closed');
  expect(await press('reopen')).toBe('open');
  await sandbox.lockCase(id);
  expect(await press('reopen')).toBe('locked');
  expect((await raw('GET', `/agent/tickets/${id}`)).body).not.toContain('<button');
  expect((await raw('GET', '/agent/tickets/1')).status).toBe(404);
  expect((await raw('POST', `/agent/tickets/${id}/explode`)).status).toBe(404);
});

test('the instant of an answer is shown to the minute, with its zone; other text as it stands', async () => {
  const { sandbox, call, raw } = await startTestAccount();
  const id = await sandbox.openCase(NASTY_CASE);
  const field = { type: 'text', title: 'CSAT answered at' };
  const fieldId = (await call('POST', '/ticket_fields', { ticket_field: field })).body.ticket_field.id;
  const shown = async (value: string) => {
    await call('PUT', `/tickets/${id}`, { ticket: { custom_fields: [{ id: fieldId, value }] } });
    const page = await raw('GET', new URL(sandbox.caseUrl(id)).pathname);
    return /CSAT answered at<\/dt><dd>([^<]*)</.exec(page.body)?.[1];
  };
  expect(await shown('2026-11-21T09:59:00.123Z')).toBe('2026-11-21 09:59 UTC');
  expect(await shown('yesterday')).toBe('yesterday');
});
