import { expect, test } from 'vitest';
import { startTestOrg } from './test-org.ts';

const NASTY_CASE = {
  subject: '<script>alert("s")</script>',
  requester: { name: 'Ana "Co" <b>', email: 'ana@example.org' },
  team: 'Support',
} as const;

test('a case is shown as an agent sees it, and nothing of it is markup', async () => {
  const { sandbox, call, raw, makeScoreField } = await startTestOrg();
  const field = await makeScoreField();
  const id = await sandbox.openCase(NASTY_CASE);
  await call('PATCH', `/sobjects/Case/${id}`, { [field]: 2 });
  await call('POST', '/sobjects/CaseComment', { ParentId: id, CommentBody: 'a note <img src=x>' });
  const task = await call('POST', '/sobjects/Task', {
    WhatId: id,
    Subject: 'Call <i>soon</i>',
    Description: '<i>slow</i>',
    ActivityDate: '2026-11-24',
  });
  await sandbox.reply(id, { by: 'agent', body: 'Try again & again' });
  const page = await fetch(sandbox.caseUrl(id));
  expect(page.status).toBe(200);
  const text = await page.text();
  for (const part of [
    'CSAT score</dt><dd>2</dd>',
    'Internal',
    'a note &lt;img',
    'again &amp; again',
    '>Close<',
    'due 2026-11-24',
    'Ana &quot;Co&quot; &lt;b&gt; &lt;ana@example.org&gt;',
    'Support',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain(`href="/lightning/r/Task/${task.body.id}/view"`);
  for (const markup of ['<script', '<img', '<i>', '<b>']) expect(text).not.toContain(markup);
  const [followUp] = await sandbox.followUpsOf(id);
  const taskPage = await (await fetch(followUp?.url ?? '')).text();
  expect(taskPage).toContain('&lt;i&gt;slow');
  expect(taskPage).not.toContain('<i>');
  const list = await raw('GET', new URL(sandbox.casesUrl).pathname);
  expect(list.body).toContain(`href="/lightning/r/Case/${id}/view"`);
  expect(list.body).not.toContain('<script');
});

test('the button closes and reopens; a locked case has none', async () => {
  const { sandbox, raw } = await startTestOrg();
  const id = await sandbox.openCase(NASTY_CASE);
  const press = async (action: string) => {
    expect((await raw('POST', `/lightning/r/Case/${id}/${action}`)).status).toBe(303);
    return (await sandbox.readCase(id)).state;
  };
  expect(await press('close')).toBe('closed');
  expect(await press('close')).toBe('closed');
  expect(await press('reopen')).toBe('open');
  await sandbox.lockCase(id);
  expect(await press('close')).toBe('locked');
  expect(await (await fetch(sandbox.caseUrl(id))).text()).not.toContain('<button');
  expect((await raw('POST', `/lightning/r/Case/${id}/explode`)).status).toBe(404);
  await sandbox.unlockCase(id);
  await sandbox.deleteCase(id);
  expect((await fetch(sandbox.caseUrl(id))).status).toBe(404);
  expect((await raw('GET', '/lightning/r/User/1/view')).status).toBe(404);
});

test('a requester without an address has no contact; staff are users too', async () => {
  const { sandbox, query } = await startTestOrg();
  const nobody = await sandbox.openCase({ subject: 'a', requester: { name: 'Zoe', email: null } });
  const byMail = await sandbox.openCase({ ...NASTY_CASE, withoutContact: true });
  const staff = await sandbox.openCase({
    subject: 'a',
    requester: { name: 'Asking Agent', email: 'asking.agent@acme.example', staff: true },
  });
  const { body } = await query(
    'SELECT Id, ContactId, SuppliedName, SuppliedEmail, Contact.Email FROM Case ORDER BY CaseNumber',
  );
  expect(body.records).toMatchObject([
    { Id: nobody, ContactId: null, SuppliedName: 'Zoe', SuppliedEmail: null },
    { Id: byMail, ContactId: null, SuppliedEmail: 'ana@example.org' },
    { Id: staff, Contact: { Email: 'asking.agent@acme.example' } },
  ]);
  const users = await query("SELECT Name FROM User WHERE Email = 'asking.agent@acme.example'");
  expect(users.body.records).toMatchObject([{ Name: 'Asking Agent' }]);
});
