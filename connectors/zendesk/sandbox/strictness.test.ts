import { describe, expect, test } from 'vitest';
import { ANA_CASE, startTestAccount, type TestAccount } from './test-account.ts';

async function addField(account: TestAccount, field: Record<string, unknown>): Promise<number> {
  const answer = await account.call('POST', '/ticket_fields.json', { ticket_field: field });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(answer.body.ticket_field.url);
  return answer.body.ticket_field.id;
}

const LEVEL_FIELD = {
  type: 'tagger',
  title: 'CSAT level',
  custom_field_options: [
    { name: 'Low', value: 'csat_low' },
    { name: 'High', value: 'csat_high' },
  ],
};

describe('requests that Zendesk turns down', () => {
  test('unknown routes and unknown records have different 404s', async () => {
    const { call } = await startTestAccount();
    expect((await call('GET', '/no_such_thing.json')).body).toEqual({
      error: 'InvalidEndpoint',
      description: 'Not found',
    });
    expect((await call('GET', '/tickets/1.json')).body).toEqual({
      error: 'RecordNotFound',
      description: 'Not found',
    });
  });

  test('an id that is none is a 400, unreadable JSON a 422', async () => {
    const { call } = await startTestAccount();
    const badId = await call('GET', '/tickets/abc.json');
    expect([badId.status, badId.body.error.title]).toEqual([400, 'Invalid attribute']);
    expect((await call('POST', '/tickets.json', '{"ticket":')).status).toBe(422);
    expect((await call('POST', '/tickets.json', { wrong: {} })).status).toBe(400);
  });

  test('unknown ticket keys are ignored and named in a header', async () => {
    const { call, sandbox } = await startTestAccount();
    const id = await sandbox.openCase(ANA_CASE);
    const ticket = { id: 5, csat: 'x', additional_tags: ['a'], priority: 'high' };
    const answer = await call('PUT', `/tickets/${id}.json`, { ticket });
    expect(answer.body.ticket).toMatchObject({ id: Number(id), priority: 'high', tags: [] });
    expect(answer.headers.get('x-zendesk-api-warn')).toContain(
      ':unpermitted_keys=>["ticket.id", "ticket.csat", "ticket.additional_tags"]',
    );
    const clean = await call('PUT', `/tickets/${id}.json`, { ticket: { priority: 'low' } });
    expect(clean.headers.get('x-zendesk-api-warn')).toBeNull();
  });

  test.each([
    [{ requester_id: 'ana' }, 400],
    [{ custom_fields: { 1: 2 } }, 400],
    [{ comment: 7 }, 400],
    [{ due_at: 'soon' }, 400],
    [{ tags: [{}] }, 400],
    [{ status: 'done' }, 422],
    [{ status: 'deleted' }, 422],
    [{ status: 'new' }, 422],
    [{ type: 'csat' }, 422],
    [{ priority: 'urgentest' }, 422],
    [{ assignee_id: 999 }, 422],
    [{ group_id: 999 }, 422],
    [{ custom_status_id: 999 }, 422],
  ])('%j is refused with %i and changes nothing', async (attributes, status) => {
    const { call, sandbox } = await startTestAccount();
    const id = await sandbox.openCase(ANA_CASE);
    const before = await call('GET', `/tickets/${id}`);
    const answer = await call('PUT', `/tickets/${id}`, { ticket: { subject: 'changed', ...attributes } });
    expect(answer.status).toBe(status);
    if (status === 422) expect(answer.body.error).toBe('RecordInvalid');
    else expect(answer.body.error.title).toBe('Invalid attribute');
    expect((await call('GET', `/tickets/${id}`)).body).toEqual(before.body);
  });

  test('a priority cannot be taken away', async () => {
    const { call, sandbox } = await startTestAccount();
    const id = await sandbox.openCase(ANA_CASE);
    await call('PUT', `/tickets/${id}`, { ticket: { priority: 'high' } });
    const answer = await call('PUT', `/tickets/${id}`, { ticket: { priority: null } });
    expect(answer.body.details.priority[0].description).toBe('Priority: cannot be reset');
  });

  test('a closed ticket refuses every change', async () => {
    const { call, sandbox } = await startTestAccount();
    const id = await sandbox.openCase(ANA_CASE);
    await sandbox.closeCase(id);
    await sandbox.lockCase(id);
    for (const [path, body] of [
      [`/tickets/${id}`, { ticket: { priority: 'high' } }],
      [`/tickets/${id}/tags`, { tags: ['a'] }],
    ] as const) {
      const answer = await call('PUT', path, body);
      expect(answer.status).toBe(422);
      expect(answer.body.error).toBe('RecordInvalid');
      expect(answer.body.details.status[0].description).toBe('Status: closed prevents ticket update');
    }
  });

  test('safe_update, true or false, refuses an outdated stamp', async () => {
    const { call, sandbox, clock } = await startTestAccount();
    const id = await sandbox.openCase(ANA_CASE);
    const stamp = (await call('GET', `/tickets/${id}`)).body.ticket.updated_at;
    clock.advance(1_000);
    const write = (safe: boolean, updated: string) =>
      call('PUT', `/tickets/${id}`, {
        ticket: { priority: 'high', safe_update: safe, updated_stamp: updated },
      });
    expect((await write(true, stamp)).status).toBe(200);
    const refused = await write(false, stamp);
    expect([refused.status, refused.body.error]).toEqual([409, 'UpdateConflict']);
  });

  test('fields that solving requires are named in the details', async () => {
    const account = await startTestAccount();
    const { call, sandbox } = account;
    const fieldId = await addField(account, { type: 'text', title: 'Cause' });
    sandbox.requireFieldOnSolve('Cause');
    const id = await sandbox.openCase(ANA_CASE);
    const refused = await call('PUT', `/tickets/${id}`, { ticket: { status: 'solved' } });
    expect(refused.status).toBe(422);
    expect(refused.body.details.base[0]).toMatchObject({
      error: null,
      ticket_field_id: fieldId,
      ticket_field_type: 'text',
    });
    const ticket = { status: 'solved', custom_fields: [{ id: fieldId, value: 'a typo' }] };
    expect((await call('PUT', `/tickets/${id}`, { ticket })).status).toBe(200);
  });
});

describe('custom fields', () => {
  test.each([
    ['integer', 2, 2],
    ['integer', '2', 2],
    ['integer', 'two', undefined],
    ['integer', 2.5, undefined],
    ['date', '2026-11-21', '2026-11-21'],
    ['date', '2026-11-21T10:00:00Z', undefined],
    ['date', '2026-02-30', undefined],
    ['text', '2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z'],
    ['text', ['a'], undefined],
  ])('%s: %j is kept as %j', async (type, value, kept) => {
    const account = await startTestAccount();
    const fieldId = await addField(account, { type, title: 'CSAT something' });
    const id = await account.sandbox.openCase(ANA_CASE);
    const ticket = { custom_fields: [{ id: fieldId, value }] };
    const answer = await account.call('PUT', `/tickets/${id}`, { ticket });
    expect(answer.status).toBe(kept === undefined ? 422 : 200);
    if (kept !== undefined) expect(answer.body.ticket.custom_fields).toEqual([{ id: fieldId, value: kept }]);
  });

  test('a pick list and its tag follow each other', async () => {
    const account = await startTestAccount();
    const fieldId = await addField(account, LEVEL_FIELD);
    const id = await account.sandbox.openCase({ ...ANA_CASE, tags: ['vip'] });
    const write = async (ticket: unknown) =>
      (await account.call('PUT', `/tickets/${id}`, { ticket })).body.ticket;
    const pick = (value: string | null) => ({ custom_fields: [{ id: fieldId, value }] });
    expect((await write(pick('csat_low'))).tags).toEqual(['csat_low', 'vip']);
    expect((await write(pick('csat_high'))).tags).toEqual(['csat_high', 'vip']);
    const replaced = await write({ tags: ['vip'] });
    expect([replaced.tags, replaced.custom_fields[0].value]).toEqual([['vip'], null]);
    expect((await write({ tags: ['csat_low'] })).custom_fields[0].value).toBe('csat_low');
    expect((await account.call('PUT', `/tickets/${id}`, { ticket: pick('Low') })).status).toBe(422);
  });

  test('option values are unique on the account, titles are not', async () => {
    const account = await startTestAccount();
    await addField(account, LEVEL_FIELD);
    const again = await account.call('POST', '/ticket_fields', { ticket_field: LEVEL_FIELD });
    expect([again.status, again.body.error]).toEqual([422, 'RecordInvalid']);
    await addField(account, { type: 'integer', title: 'CSAT score' });
    await addField(account, { type: 'integer', title: 'CSAT score' });
    const byCursor = await account.call('GET', '/ticket_fields.json?page[size]=2');
    expect(byCursor.body.ticket_fields).toHaveLength(2);
    expect(byCursor.body.meta.has_more).toBe(true);
    const next = `page[size]=2&page[after]=${byCursor.body.meta.after_cursor}`;
    expect((await account.call('GET', `/ticket_fields.json?${next}`)).body.ticket_fields).toHaveLength(1);
    expect((await account.call('GET', '/ticket_fields.json?per_page=2')).body.next_page).toContain('page=2');
  });

  test('offset paging ends at 10,000 rows, pages at 100', async () => {
    const { call } = await startTestAccount();
    expect((await call('GET', '/tickets.json?page=101&per_page=100')).body.error).toBe(
      'InvalidPaginationDepth',
    );
    expect((await call('GET', '/tickets.json?page[size]=101')).status).toBe(400);
  });
});

describe('creating tickets', () => {
  const task = {
    type: 'task',
    subject: 'Call Ana',
    due_at: '2026-11-24T09:00:00Z',
    external_id: 'csat:1',
    comment: { body: 'She was not happy.', public: false },
  };

  test('an Idempotency-Key gives the first answer again, and refuses other parameters', async () => {
    const { call } = await startTestAccount();
    const create = (ticket: unknown) =>
      call('POST', '/tickets.json', { ticket }, { 'Idempotency-Key': 'k1' });
    const first = await create(task);
    expect([first.status, first.headers.get('x-idempotency-lookup')]).toEqual([201, 'miss']);
    expect(first.headers.get('location')).toBe(first.body.ticket.url);
    expect(first.body.ticket).toMatchObject({
      type: 'task',
      due_at: '2026-11-24T09:00:00Z',
      external_id: 'csat:1',
    });
    const second = await create(task);
    expect([second.headers.get('x-idempotency-lookup'), second.body]).toEqual(['hit', first.body]);
    const other = await create({ ...task, subject: 'Call Bob' });
    expect([other.status, other.body.error]).toEqual([400, 'IdempotentRequestError']);
    expect((await call('GET', '/tickets.json?external_id=csat:1')).body.count).toBe(1);
  });

  test('a description is needed, and a due date belongs to tasks only', async () => {
    const { call } = await startTestAccount();
    expect((await call('POST', '/tickets', { ticket: { subject: 'x' } })).status).toBe(422);
    const question = await call('POST', '/tickets', { ticket: { ...task, type: 'question' } });
    expect(question.body.ticket.due_at).toBeNull();
  });

  test('a follow-up links to a closed ticket only, and the customer is mailed about public comments', async () => {
    const { call, sandbox } = await startTestAccount();
    const id = await sandbox.openCase({ ...ANA_CASE, tags: ['vip'] });
    const { requester_id } = (await call('GET', `/tickets/${id}`)).body.ticket;
    const create = async (ticket: unknown) => (await call('POST', '/tickets', { ticket })).body.ticket;
    const early = await create({ ...task, via_followup_source_id: Number(id) });
    expect(early.via.source.rel).toBeNull();
    await sandbox.lockCase(id);
    const late = await create({ ...task, via_followup_source_id: Number(id), requester_id });
    expect(late.via.source).toMatchObject({ rel: 'follow_up', from: { ticket_id: Number(id) } });
    expect(late.tags).toEqual(['vip']);
    expect((await sandbox.readCase(id)).mailsToCustomer).toBe(0);
    await create({ ...task, comment: { body: `About #${id}` }, requester_id });
    expect((await sandbox.readCase(id)).mailsToCustomer).toBe(1);
    const followUps = await sandbox.followUpsOf(id);
    expect(followUps).toHaveLength(2);
    expect(followUps[0]).toMatchObject({
      id: String(late.id),
      subject: 'Call Ana',
      dueAt: '2026-11-24T09:00:00Z',
    });
  });
});

describe('rate limits', () => {
  test('the account, by the plan', async () => {
    const { call, clock } = await startTestAccount({ planRateLimitPerMinute: 2 });
    const first = await call('GET', '/tickets');
    expect([first.headers.get('x-rate-limit'), first.headers.get('x-rate-limit-remaining')]).toEqual([
      '2',
      '1',
    ]);
    await call('GET', '/tickets');
    clock.advance(20_000);
    const refused = await call('GET', '/tickets');
    expect([refused.status, refused.headers.get('retry-after'), typeof refused.body]).toEqual([
      429,
      '40',
      'string',
    ]);
    clock.advance(40_000);
    expect((await call('GET', '/tickets')).status).toBe(200);
  });

  test('ten exports a minute', async () => {
    const { call } = await startTestAccount();
    const ask = () => call('GET', '/incremental/tickets/cursor.json?start_time=0');
    const first = await ask();
    expect(first.headers.get('zendesk-ratelimit-incremental-exports')).toBe(
      'total=10; remaining=9; resets=60',
    );
    for (let count = 1; count < 10; count += 1) expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.body.error]).toEqual([429, 'APIRateLimitExceeded']);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await call('GET', '/tickets')).status).toBe(200);
  });

  test('30 updates of a ticket in ten minutes, 100 updates a minute', async () => {
    const { call, sandbox } = await startTestAccount();
    const ids = await Promise.all([1, 2, 3, 4].map(() => sandbox.openCase(ANA_CASE)));
    const update = (id: string | undefined) => call('PUT', `/tickets/${id}`, { ticket: { subject: 'x' } });
    for (const id of ids.slice(0, 3)) {
      for (let count = 0; count < 30; count += 1) expect((await update(id)).status).toBe(200);
    }
    expect((await update(ids[0])).body.description).toContain('one ticket');
    for (let count = 91; count < 100; count += 1) expect((await update(ids[3])).status).toBe(200);
    expect((await update(ids[3])).body.description).toContain('per minute');
  });
});
