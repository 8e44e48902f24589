import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, NEW_TICKET, startTestAccount, type TestAccount } from './test-account.ts';

const statsOf = async ({ call }: TestAccount, id: string) =>
  (await call('GET', `/tickets/${id}?include=stats`)).body.stats;

test('resolved, then closed: one instant of resolving; reopened: none', async () => {
  await using account = await startTestAccount();
  const { sandbox, clock, call } = account;
  const id = await sandbox.openCase(ANA_CASE);
  clock.advance(MINUTE_MS);
  await sandbox.closeCase(id);
  expect(await statsOf(account, id)).toMatchObject({ resolved_at: '2026-11-21T10:01:00Z', closed_at: null });
  clock.advance(MINUTE_MS);
  await call('PUT', `/tickets/${id}`, { status: 5 });
  expect(await statsOf(account, id)).toMatchObject({
    resolved_at: '2026-11-21T10:01:00Z',
    closed_at: '2026-11-21T10:02:00Z',
    reopened_at: null,
  });
  clock.advance(MINUTE_MS);
  await call('PUT', `/tickets/${id}`, { status: 3 });
  expect(await statsOf(account, id)).toMatchObject({
    ...{ resolved_at: null, closed_at: null },
    reopened_at: '2026-11-21T10:03:00Z',
    pending_since: '2026-11-21T10:03:00Z',
    status_updated_at: '2026-11-21T10:03:00Z',
  });
  clock.advance(MINUTE_MS);
  await sandbox.closeCase(id, { as: 'closed' });
  expect(await statsOf(account, id)).toMatchObject({
    resolved_at: '2026-11-21T10:04:00Z',
    closed_at: '2026-11-21T10:04:00Z',
    pending_since: null,
  });
});

test("the account's own statuses are open ones, and to be found among the fields", async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const [status] = (await account.call('GET', '/ticket_fields?type=default_status')).body;
  expect(status.choices).toMatchObject({
    '2': ['Open', 'Being Processed'],
    '8': ['Waiting for Courier', 'On its way'],
  });
  await account.sandbox.closeCase(id);
  await account.sandbox.setStatus(id, 'Waiting for Courier');
  expect((await account.call('GET', `/tickets/${id}`)).body.status).toBe(8);
  expect((await account.sandbox.readCase(id)).state).toBe('open');
  expect((await statsOf(account, id)).resolved_at).toBeNull();
});

test('an update changes what it names, replaces the tags and merges the custom fields', async () => {
  await using account = await startTestAccount();
  const [score, comment] = [
    await account.makeField('CSAT score', 'custom_number'),
    await account.makeField('CSAT comment', 'custom_paragraph'),
  ];
  const id = await account.sandbox.openCase({ ...ANA_CASE, tags: ['vip'] });
  account.clock.advance(MINUTE_MS);
  await account.call('PUT', `/tickets/${id}`, { custom_fields: { [score]: 2, [comment]: 'slow' } });
  const { body } = await account.call('PUT', `/tickets/${id}`, {
    tags: ['a', 'b', 'a'],
    custom_fields: { [score]: 3 },
  });
  expect(body).toMatchObject({
    ...{ subject: ANA_CASE.subject, status: 2, tags: ['a', 'b'], updated_at: '2026-11-21T10:01:00Z' },
    custom_fields: { [score]: 3, [comment]: 'slow' },
  });
  expect(await account.sandbox.readCase(id)).toMatchObject({ score: 3, comment: 'slow', tags: ['a', 'b'] });
  await account.call('PUT', `/tickets/${id}`, { custom_fields: { [comment]: null } });
  expect((await account.sandbox.readCase(id)).comment).toBeNull();
});

test('a new ticket for a customer mails them; one for an agent mails nobody', async () => {
  await using account = await startTestAccount();
  const { sandbox, call } = account;
  const { body: internal, status, headers } = await call('POST', '/tickets', NEW_TICKET);
  expect([status, headers.get('location')]).toEqual([201, `${sandbox.url}/api/v2/tickets/${internal.id}`]);
  expect((await sandbox.readCase(String(internal.id))).mailsToCustomer).toBe(0);
  const { body: customers } = await call('POST', '/tickets', { ...NEW_TICKET, email: 'ana@example.org' });
  expect((await sandbox.readCase(String(customers.id))).mailsToCustomer).toBe(1);
  expect((await call('GET', `/contacts/${customers.requester_id}`)).body.email).toBe('ana@example.org');
  expect((await call('GET', `/contacts/${internal.requester_id}`)).status).toBe(404);
});

test('mails about follow-ups count for the case that they follow', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const followUp = { ...NEW_TICKET, email: ANA_CASE.requester.email, description: `<p>See #${id}</p>` };
  await account.call('POST', '/tickets', followUp);
  expect(await account.sandbox.followUpsOf(id)).toHaveLength(1);
  expect((await account.sandbox.readCase(id)).mailsToCustomer).toBe(1);
});

test('child tickets lead back to their parent, at most ten', async () => {
  await using account = await startTestAccount();
  const id = Number(await account.sandbox.openCase(ANA_CASE));
  const due = { due_by: '2026-11-24T09:00:00Z', fr_due_by: '2026-11-24T09:00:00Z' };
  const [agent] = (await account.call('GET', '/agents?email=tom@acme.example')).body;
  const child = { ...NEW_TICKET, ...due, parent_id: id, responder_id: agent.id };
  const { body } = await account.call('POST', '/tickets', child);
  expect(body.association_type).toBe(2);
  expect((await account.call('GET', `/tickets/${id}`)).body).toMatchObject({
    ...{ association_type: 1, associated_tickets_count: 1 },
  });
  expect(await account.sandbox.followUpsOf(String(id))).toEqual([
    {
      id: String(body.id),
      url: account.sandbox.caseUrl(String(body.id)),
      subject: 'Call Ana',
      dueAt: '2026-11-24T09:00:00Z',
      owner: 'Tom Okafor',
    },
  ]);
  for (let count = 1; count < 10; count += 1) await account.call('POST', '/tickets', child);
  expect((await account.call('POST', '/tickets', child)).status).toBe(409);
  expect((await account.call('POST', '/tickets', { ...child, parent_id: body.id })).status).toBe(400);
});

test('a note is private unless it says otherwise; public ones and replies mail the customer', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const mails = async () => (await account.sandbox.readCase(id)).mailsToCustomer;
  const note = await account.call('POST', `/tickets/${id}/notes`, {
    body: '<p>Score 2 of 5 &amp; more</p><p>second</p>',
    notify_emails: ['lead@acme.example'],
  });
  expect([note.status, note.body.private, note.body.to_emails]).toEqual([201, true, ['lead@acme.example']]);
  expect((await account.sandbox.readCase(id)).notes).toEqual(['Score 2 of 5 & more\nsecond']);
  expect(await mails()).toBe(0);
  await account.call('POST', `/tickets/${id}/notes`, { body: 'for all', private: false });
  expect(await mails()).toBe(1);
  await account.call('POST', `/tickets/${id}/reply`, { body: 'Hello' });
  expect(await mails()).toBe(2);
  await account.call('POST', `/tickets/${id}/notes`, { body: 'psst', notify_emails: ['ana@example.org'] });
  expect(await mails()).toBe(3);
  const { body } = await account.call('GET', `/tickets/${id}/conversations`);
  expect(body.map((one: { source: number; private: boolean }) => [one.source, one.private])).toEqual([
    [2, true],
    [2, false],
    [0, false],
    [2, true],
  ]);
  const stats = await statsOf(account, id);
  expect(stats.first_responded_at).toBe('2026-11-21T10:00:00Z');
});

test('what agents send out is born closed, and its text is frozen', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase({ ...ANA_CASE, channel: 'outbound_email' });
  const { body } = await account.call('GET', `/tickets/${id}?include=stats`);
  expect(body).toMatchObject({ source: 10, status: 5, stats: { closed_at: '2026-11-21T10:00:00Z' } });
  const refused = await account.call('PUT', `/tickets/${id}`, { subject: 'x' });
  expect(refused.body.errors).toMatchObject([{ field: 'subject', code: 'readonly_field' }]);
  expect((await account.call('PUT', `/tickets/${id}`, { priority: 2 })).status).toBe(200);
});

test('the archive: read under its own address, written nowhere', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  await account.call('POST', `/tickets/${id}/notes`, { body: 'before' });
  expect((await account.call('GET', `/tickets/archived/${id}`)).status).toBe(404);
  account.clock.advance(MINUTE_MS);
  await account.sandbox.closeCase(id, { comment: null });
  account.clock.advance(MINUTE_MS);
  await account.sandbox.lockCase(id);
  const archived = await account.call('GET', `/tickets/archived/${id}?include=stats`);
  expect(archived.body).toMatchObject({
    ...{ archived: true, status: 5 },
    stats: { resolved_at: '2026-11-21T10:01:00Z', closed_at: '2026-11-21T10:02:00Z' },
  });
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['PUT', '', { priority: 2 }],
    ['POST', '/notes', { body: 'x' }],
    ['GET', '/conversations', undefined],
    ['POST', '/satisfaction_ratings', { ratings: { default_question: 103 } }],
  ] as const) {
    const answer = await account.call(method, `/tickets/${id}${path}`, body);
    expect([answer.status, answer.body]).toEqual([404, '']);
  }
  expect((await account.call('GET', `/tickets/archived/${id}/conversations`)).body).toHaveLength(1);
  expect((await account.sandbox.readCase(id)).state).toBe('locked');
});

test('spam and deleted tickets can be read and not written', async () => {
  await using account = await startTestAccount();
  const [spam, deleted] = [
    await account.sandbox.openCase(ANA_CASE),
    await account.sandbox.openCase(ANA_CASE),
  ];
  await account.sandbox.markSpam(spam);
  await account.sandbox.deleteCase(deleted);
  expect((await account.call('GET', `/tickets/${spam}`)).body.spam).toBe(true);
  expect((await account.call('GET', `/tickets/${deleted}`)).body.deleted).toBe(true);
  for (const id of [spam, deleted]) {
    const refused = await account.call('PUT', `/tickets/${id}`, { priority: 2 });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET']);
  }
});

test('a merged ticket is closed, with a note that says where it went', async () => {
  await using account = await startTestAccount();
  const [from, into] = [await account.sandbox.openCase(ANA_CASE), await account.sandbox.openCase(ANA_CASE)];
  await account.sandbox.mergeCase(from, into);
  const { state, notes } = await account.sandbox.readCase(from);
  expect([state, notes]).toEqual(['closed', [`This ticket is closed and merged into ticket ${into}`]]);
  expect((await account.sandbox.readCase(into)).state).toBe('open');
});
