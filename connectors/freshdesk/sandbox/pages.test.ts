import { expect, test } from 'vitest';
import { NEW_TICKET, startTestAccount } from './test-account.ts';

const NASTY_CASE = {
  subject: '<script>alert("s")</script>',
  requester: { name: 'Ana & "Co" <b>', email: 'ana@example.org' },
  tags: ["it's"],
} as const;

test('a case is shown as an agent sees it, and nothing of it is markup', async () => {
  await using account = await startTestAccount();
  const { sandbox, call, raw } = account;
  const id = await sandbox.openCase(NASTY_CASE);
  const name = await account.makeField('CSAT comment', 'custom_paragraph');
  await call('PUT', `/tickets/${id}`, { custom_fields: { [name]: '<i>slow</i>' } });
  await call('POST', `/tickets/${id}/notes`, { body: '<p>a note <img src=x> &lt;u&gt;</p>' });
  await call('POST', '/tickets', { ...NEW_TICKET, description: `<p>See #${id}</p>` });
  expect(await sandbox.readCase(id)).toMatchObject({ state: 'open', comment: '<i>slow</i>' });

  const page = await raw('GET', new URL(sandbox.caseUrl(id)).pathname);
  expect(page.status).toBe(200);
  for (const text of [
    'CSAT comment',
    '&lt;i&gt;slow',
    'a note  &lt;u&gt;',
    'Private',
    'Public',
    'Ana &amp; &quot;Co&quot;',
    'it&#39;s',
    '>Resolve<',
  ]) {
    expect(page.body).toContain(text);
  }
  expect(page.body).toMatch(/Follow-ups<\/h2>\s*<ul><li><a href="\/a\/tickets\/\d+">#\d+ Call Ana/);
  for (const markup of ['<script', '<img', '<i>', '<b>', '<u>']) expect(page.body).not.toContain(markup);
  const list = await raw('GET', new URL(sandbox.casesUrl).pathname);
  expect(list.body).toContain(`href="/a/tickets/${id}"`);
  expect(list.body).not.toContain('<script');
});

test('the button resolves and reopens; an archived ticket has none', async () => {
  await using account = await startTestAccount();
  const { sandbox, raw } = account;
  const id = await sandbox.openCase(NASTY_CASE);
  const press = async (action: string) => {
    expect((await raw('POST', `/a/tickets/${id}/${action}`)).status).toBe(303);
    return (await sandbox.readCase(id)).state;
  };
  expect(await press('resolve')).toBe('closed');
  expect(await press('resolve')).toBe('closed');
  expect(await press('reopen')).toBe('open');
  await sandbox.lockCase(id);
  expect(await press('reopen')).toBe('locked');
  const page = (await raw('GET', `/a/tickets/${id}`)).body;
  expect(page).not.toContain('<button');
  expect(page).toContain('Archived');
  expect((await raw('GET', '/a/tickets/1')).status).toBe(404);
  expect((await raw('POST', `/a/tickets/${id}/explode`)).status).toBe(404);
  expect((await raw('GET', `/helpdesk/tickets/${id}`)).headers.get('location')).toBe(`/a/tickets/${id}`);
});

test('a child leads to its parent; the instant of an answer is shown to the minute', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(NASTY_CASE);
  const { body: child } = await account.call('POST', '/tickets', { ...NEW_TICKET, parent_id: Number(id) });
  const page = await account.raw('GET', `/a/tickets/${child.id}`);
  expect(page.body).toMatch(new RegExp(`Parent ticket</h2><ul><li><a href="/a/tickets/${id}"`));
  const name = await account.makeField('CSAT answered at', 'custom_text');
  await account.call('PUT', `/tickets/${id}`, { custom_fields: { [name]: '2026-11-21T09:59:00.123Z' } });
  const shown = (await account.raw('GET', `/a/tickets/${id}`)).body;
  expect(shown).toContain('<dt>CSAT answered at</dt><dd>2026-11-21 09:59 UTC</dd>');
});
