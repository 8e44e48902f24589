import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test('people, groups, products, companies and the account', async () => {
  await using account = await startTestAccount();
  const { call, sandbox } = account;
  const id = await sandbox.openCase({
    ...ANA_CASE,
    requester: { ...ANA_CASE.requester, locale: 'pt' },
    brand: 'Acme Pro',
  });
  const { body: ticket } = await call('GET', `/tickets/${id}?include=company`);
  expect((await call('GET', `/contacts/${ticket.requester_id}`)).body).toMatchObject({
    ...{ name: 'Ana Example', email: 'ana@example.org', language: 'pt' },
    company_id: ticket.company_id,
  });
  expect((await call('GET', `/agents/${ticket.responder_id}`)).body.contact.name).toBe('Maya Lindqvist');
  expect((await call('GET', `/groups/${ticket.group_id}`)).body.name).toBe('Support');
  expect((await call('GET', `/products/${ticket.product_id}`)).body.name).toBe('Acme Pro');
  expect((await call('GET', `/companies/${ticket.company_id}`)).body.name).toBe('Example Works');
  expect((await call('GET', '/groups')).body).toHaveLength(2);
  expect((await call('GET', '/products?per_page=1')).headers.get('link')).toContain('page=2');
  expect((await call('GET', '/account')).body).toMatchObject({ account_id: 297_457, tier_type: 'Paid' });
  for (const path of ['/contacts/1', '/agents/1', '/groups/1', '/products/1', '/companies/1'])
    expect((await call('GET', path)).status).toBe(404);
});

test('who writes without an address has a phone, and staff are agents', async () => {
  await using account = await startTestAccount();
  const nobody = await account.sandbox.openCase({ subject: 'x', requester: { name: 'Nobody', email: null } });
  const requester = { name: 'Asking Agent', email: 'asking@acme.example', staff: true };
  const byAgent = await account.sandbox.openCase({ subject: 'x', requester });
  const { body } = await account.call('GET', '/tickets?include=requester&order_type=asc');
  expect(body).toMatchObject([
    { id: Number(nobody), requester: { email: null, phone: expect.stringMatching(/^\+/) } },
    { id: Number(byAgent), requester: { email: 'asking@acme.example' } },
  ]);
  const { requester_id: agentId } = body[1];
  expect((await account.call('GET', `/agents/${agentId}`)).status).toBe(200);
  expect((await account.call('GET', `/contacts/${agentId}`)).status).toBe(404);
});
