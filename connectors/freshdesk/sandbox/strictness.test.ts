import { expect, test } from 'vitest';
import { ANA_CASE, NEW_TICKET, startTestAccount, type TestAccount } from './test-account.ts';

const errorsOf = (body: { errors: { field: string; code: string }[] }) =>
  body.errors.map(({ field, code }) => `${field} ${code}`);

test.each(['/automations/4/rules', '/tickets/x', '/tickets/21001/anything', '/webhooks', '/ticket_fields/1'])(
  'GET %s does not exist, and says so without a body',
  async (path) => {
    await using account = await startTestAccount();
    const answer = await account.call('GET', path);
    expect([answer.status, answer.body]).toEqual([404, '']);
  },
);

test('an unknown verb is answered with those that there are', async () => {
  await using account = await startTestAccount();
  for (const [method, path, allowed] of [
    ['DELETE', '/tickets/21001', 'GET, PUT'],
    ['PATCH', '/tickets', 'GET, POST'],
    ['POST', '/groups', 'GET'],
    ['PUT', '/agents/me', 'GET'],
  ] as const) {
    const answer = await account.call(method, path, method === 'DELETE' ? undefined : {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
  }
});

test.each([
  '/tickets?status=4',
  '/tickets?include=stats,conversations',
  '/tickets?order_by=id',
  '/tickets?order_type=up',
  '/tickets?updated_since=yesterday',
  '/tickets?requester_id=abc',
  '/tickets/21001?include=everything',
  '/tickets/21001?page=1',
  '/tickets/21001/conversations?include=x',
  '/contacts?name=Ana',
  '/agents?per_page=500',
  '/groups?include=agents',
  '/surveys?state=on',
  '/surveys/satisfaction_ratings?ticket_id=1',
  '/admin/ticket_fields?include=choices',
  '/account?x=1',
])('refuses the query of %s', async (path) => {
  await using account = await startTestAccount();
  await account.sandbox.openCase(ANA_CASE);
  const refused = await account.call('GET', path);
  expect([refused.status, refused.body.description]).toEqual([400, 'Validation failed']);
});

test('bodies that are no JSON, and callers who want none', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const put = (body: string, headers: Record<string, string> = {}) =>
    account.call('PUT', `/tickets/${id}`, body, headers);
  expect((await put('{"priority":')).body.code).toBe('invalid_json');
  expect((await put('')).body.code).toBe('invalid_json');
  expect((await put('[1]')).status).toBe(400);
  expect((await put('priority=2', { 'Content-Type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  expect((await put('{"priority":2}', { Accept: 'application/xml' })).status).toBe(406);
  expect((await account.call('GET', `/tickets/${id}`)).body.priority).toBe(1);
});

test.each([
  [{ nonsense: 1 }, ['nonsense invalid_field']],
  [{ status: 99 }, ['status invalid_value']],
  [{ status: '4' }, ['status datatype_mismatch']],
  [{ priority: 5 }, ['priority invalid_value']],
  [{ type: 'Nothing' }, ['type invalid_value']],
  [{ source: 10 }, ['source invalid_value']],
  [{ tags: 'vip' }, ['tags datatype_mismatch']],
  [{ tags: [1] }, ['tags datatype_mismatch']],
  [{ tags: ['a,b'] }, ['tags invalid_value']],
  [{ subject: 'x'.repeat(256) }, ['subject invalid_value']],
  [{ responder_id: 999_999_999 }, ['responder_id invalid_value']],
  [{ group_id: 1, product_id: 1 }, ['group_id invalid_value', 'product_id invalid_value']],
  [{ requester_id: 1 }, ['requester_id invalid_value']],
  [{ email: 'nobody' }, ['email invalid_value']],
  [{ parent_id: 21_001 }, ['parent_id invalid_field']],
  [{ due_by: '2026-11-24T09:00:00Z' }, ['fr_due_by missing_field']],
  [
    { due_by: '2026-11-20T09:00:00Z', fr_due_by: '2026-11-20T08:00:00Z' },
    ['due_by invalid_value', 'fr_due_by invalid_value'],
  ],
  [{ due_by: '2026-11-24T09:00:00Z', fr_due_by: '2026-11-25T09:00:00Z' }, ['fr_due_by invalid_value']],
  [{ due_by: 'soon', fr_due_by: '2026-11-25T09:00:00Z' }, ['due_by invalid_value']],
  [{ custom_fields: [] }, ['custom_fields datatype_mismatch']],
  [{ custom_fields: { subject: 'x' } }, ['custom_fields.subject invalid_field']],
  [{ custom_fields: { cf_nothing: 1 } }, ['custom_fields.cf_nothing invalid_field']],
])('refuses to change %j', async (body, errors) => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const before = (await account.call('GET', `/tickets/${id}`)).body;
  const refused = await account.call('PUT', `/tickets/${id}`, body);
  expect([refused.status, errorsOf(refused.body)]).toEqual([400, errors]);
  expect((await account.call('GET', `/tickets/${id}`)).body).toEqual(before);
});

const outcomeOf = async (account: TestAccount, type: string, value: unknown) => {
  const choices = type === 'custom_dropdown' ? { choices: [{ value: 'low', position: 1 }] } : {};
  const name = await account.makeField(`A ${type}`, type, choices);
  const id = await account.sandbox.openCase(ANA_CASE);
  const answer = await account.call('PUT', `/tickets/${id}`, { custom_fields: { [name]: value } });
  return answer.status === 200 ? answer.body.custom_fields[name] : answer.body.errors[0].code;
};

test.each([
  ['custom_number', 2, 2],
  ['custom_number', '2', 'datatype_mismatch'],
  ['custom_number', 2.5, 'datatype_mismatch'],
  ['custom_decimal', 2.5, 2.5],
  ['custom_decimal', '2.5', 'datatype_mismatch'],
  ['custom_text', 'x', 'x'],
  ['custom_text', 2, 'datatype_mismatch'],
  ['custom_text', 'x'.repeat(256), 'invalid_value'],
  ['custom_paragraph', 'x'.repeat(10_000), 'x'.repeat(10_000)],
  ['custom_checkbox', true, true],
  ['custom_checkbox', 'true', 'datatype_mismatch'],
  ['custom_date', '2026-11-21', '2026-11-21'],
  ['custom_date', '2026-11-21T10:00:00Z', 'invalid_value'],
  ['custom_dropdown', 'low', 'low'],
  ['custom_dropdown', 'Low', 'invalid_value'],
  ['custom_dropdown', null, null],
])('%s takes or refuses %s', async (type, value, outcome) => {
  await using account = await startTestAccount();
  expect(await outcomeOf(account, type, value)).toBe(outcome);
});

test.each(['subject', 'description', 'email', 'status', 'priority', 'source'])(
  'a new ticket needs %s, and a refused one leaves nobody behind',
  async (key) => {
    await using account = await startTestAccount();
    const { [key]: _, ...body } = { ...NEW_TICKET, email: 'new.person@example.org' } as Record<
      string,
      unknown
    >;
    const refused = await account.call('POST', '/tickets', body);
    const field = key === 'email' ? 'requester_id' : key;
    expect([refused.status, errorsOf(refused.body)]).toEqual([400, [`${field} missing_field`]]);
    expect((await account.call('GET', '/contacts?email=new.person@example.org')).body).toEqual([]);
    expect((await account.call('GET', '/tickets')).body).toEqual([]);
  },
);

test('a note needs a body and takes no unknown person', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const note = async (body: object) =>
    errorsOf((await account.call('POST', `/tickets/${id}/notes`, body)).body);
  expect(await note({ private: true })).toEqual(['body missing_field']);
  expect(await note({ body: 'x', user_id: 1 })).toEqual(['user_id invalid_value']);
  expect(await note({ body: 'x', private: 'yes' })).toEqual(['private datatype_mismatch']);
  expect(await note({ body: 'x', public: true })).toEqual(['public invalid_field']);
  expect((await account.sandbox.readCase(id)).notes).toEqual([]);
});
