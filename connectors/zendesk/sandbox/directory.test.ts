import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test('views are made, searched by title and changed; their conditions must make sense', async () => {
  const { call } = await startTestAccount();
  const field = {
    type: 'tagger',
    title: 'CSAT level',
    custom_field_options: [{ name: 'Low', value: 'csat_low' }],
  };
  const fieldId = (await call('POST', '/ticket_fields', { ticket_field: field })).body.ticket_field.id;
  const all = [
    { field: `custom_fields_${fieldId}`, operator: 'is', value: 'csat_low' },
    { field: 'status', operator: 'less_than', value: 'closed' },
  ];
  const made = await call('POST', '/views.json', { view: { title: 'Low CSAT', all } });
  expect([made.status, made.body.view.conditions.all]).toEqual([201, all]);
  const found = await call('GET', '/views/search.json?query=low%20csat');
  expect(found.body.views).toEqual([made.body.view]);
  await call('PUT', `/views/${made.body.view.id}.json`, { view: { active: false } });
  expect((await call('GET', '/views.json')).body.views[0]).toMatchObject({
    title: 'Low CSAT',
    active: false,
  });
  for (const view of [
    { title: 'x', all: all.slice(0, 1) },
    { title: '', all },
    { title: 'x', all: [{ ...all[1], field: 'custom_fields_1' }] },
  ]) {
    expect((await call('POST', '/views.json', { view })).status).toBe(422);
  }
});

test('people, teams and brands of a case can be read', async () => {
  const { call, sandbox } = await startTestAccount();
  const requester = { name: 'Ines', email: null, locale: 'de', staff: true };
  const id = await sandbox.openCase({
    ...ANA_CASE,
    requester,
    team: 'Billing',
    brand: 'Acme Pro',
    channel: 'web',
  });
  const { ticket } = (await call('GET', `/tickets/${id}.json`)).body;
  expect(ticket).toMatchObject({ status: 'open', via: { channel: 'web' } });
  const users = await call('GET', `/users/show_many.json?ids=${ticket.requester_id},${ticket.assignee_id},1`);
  expect(users.body.users).toMatchObject([
    { name: 'Ines', email: null, locale: 'de', role: 'agent' },
    { name: 'Maya Lindqvist', role: 'agent' },
  ]);
  expect((await call('GET', `/groups/${ticket.group_id}`)).body.group.name).toBe('Billing');
  expect((await call('GET', '/brands')).body.brands.map((brand: { name: string }) => brand.name)).toEqual([
    'Acme',
    'Acme Pro',
  ]);
  expect((await call('GET', '/groups/1')).status).toBe(404);
});

test('a merged case is closed for good with its tag; a deleted one is gone', async () => {
  const { call, sandbox } = await startTestAccount();
  const [kept, merged] = [await sandbox.openCase(ANA_CASE), await sandbox.openCase(ANA_CASE)];
  await sandbox.mergeCase(merged, kept);
  expect(await sandbox.readCase(merged)).toMatchObject({ state: 'locked', tags: ['closed_by_merge'] });
  await sandbox.deleteCase(kept);
  expect((await call('GET', `/tickets/${kept}`)).status).toBe(404);
  expect((await call('GET', `/tickets/show_many?ids=${kept},${merged}`)).body.count).toBe(1);
});

test('solving without an assignee assigns the solver; a public answer mails the customer', async () => {
  const { call, sandbox } = await startTestAccount();
  const { subject, requester } = ANA_CASE;
  const id = await sandbox.openCase({ subject, requester });
  expect((await call('GET', `/tickets/${id}`)).body.ticket).toMatchObject({
    status: 'new',
    assignee_id: null,
  });
  await sandbox.reply(id, { by: 'agent', body: 'seen', public: false });
  expect((await sandbox.readCase(id)).mailsToCustomer).toBe(0);
  await sandbox.closeCase(id, { comment: 'Try again.' });
  expect((await sandbox.readCase(id)).mailsToCustomer).toBe(1);
  const solved = (await call('GET', `/tickets/${id}`)).body.ticket;
  expect(solved).toMatchObject({ status: 'solved', assignee_id: expect.any(Number) });
});
