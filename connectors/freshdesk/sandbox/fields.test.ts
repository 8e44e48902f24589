import { expect, test } from 'vitest';
import { startTestAccount } from './test-account.ts';

const label = (name: string) => ({ label: name, label_for_customers: name });

test('the server names the fields, every other one with the number of the account', async () => {
  await using account = await startTestAccount();
  const names: string[] = [];
  for (const title of ['CSAT score', 'CSAT comment', 'CSAT answered at', '???'])
    names.push(await account.makeField(title, 'custom_text'));
  expect(names).toEqual([
    'cf_csat_score',
    'cf_csat_comment_297457',
    'cf_csat_answered_at',
    'cf_field_297457',
  ]);
});

test('a new field is on top of the form and holds nothing; agents and admins read it in their own shapes', async () => {
  await using account = await startTestAccount();
  const choices = ['low', 'neutral', 'high'].map((value, at) => ({ value, position: at + 1 }));
  const name = await account.makeField('CSAT level', 'custom_dropdown', { choices });
  const [agents] = (await account.call('GET', '/ticket_fields')).body;
  expect(agents).toMatchObject({
    ...{ name, label: 'CSAT level', type: 'custom_dropdown', default: false, position: 1 },
    ...{ choices: ['low', 'neutral', 'high'], displayed_to_customers: false, required_for_closure: false },
  });
  const [listed] = (await account.call('GET', '/admin/ticket_fields')).body;
  expect(listed).toMatchObject({ name, archived: false });
  expect(listed).not.toHaveProperty('choices');
  const { body: single } = await account.call('GET', `/admin/ticket_fields/${listed.id}`);
  expect(single.choices).toMatchObject(choices.map(({ value }) => ({ value, label: value })));
  const made = await account.call('POST', '/admin/ticket_fields', {
    ...label('CSAT x'),
    type: 'custom_text',
  });
  expect(made.status).toBe(201);
  const { body: all } = await account.call('GET', '/ticket_fields');
  expect(all.map((field: { label: string }) => field.label).slice(0, 3)).toEqual([
    'CSAT x',
    'CSAT level',
    'Search a requester',
  ]);
});

test('a change keeps name, type and the choices it does not name', async () => {
  await using account = await startTestAccount();
  const choices = [{ value: 'low', position: 1 }];
  const name = await account.makeField('CSAT level', 'custom_dropdown', { choices });
  const [{ id }] = (await account.call('GET', '/ticket_fields')).body;
  const changed = await account.call('PUT', `/admin/ticket_fields/${id}`, {
    label: 'Level',
    choices: [{ value: 'high', position: 2 }],
    required_for_closure: true,
  });
  expect(changed.body).toMatchObject({
    ...{ name, label: 'Level', required_for_closure: true },
    choices: [{ value: 'low' }, { value: 'high' }],
  });
  for (const body of [{ type: 'custom_text' }, { name: 'cf_other' }]) {
    const refused = await account.call('PUT', `/admin/ticket_fields/${id}`, body);
    expect(refused.body.errors).toMatchObject([{ code: 'readonly_field' }]);
  }
  expect((await account.call('PUT', '/admin/ticket_fields/1', {})).status).toBe(404);
});

test.each([
  [{ type: 'custom_text' }, ['missing_field', 'missing_field']],
  [{ ...label('A') }, ['missing_field']],
  [{ ...label('A'), type: 'text' }, ['invalid_value']],
  [{ ...label('A'), type: 'custom_text', name: 'cf_a' }, ['invalid_field']],
  [{ ...label('A'), type: 'custom_text', required_for_closure: 'no' }, ['datatype_mismatch']],
  [{ ...label('A'), type: 'custom_text', choices: [] }, ['invalid_field']],
  [{ ...label('A'), type: 'custom_dropdown' }, ['missing_field']],
  [{ ...label('A'), type: 'custom_dropdown', choices: ['low'] }, ['invalid_value']],
  [{ ...label('A'), type: 'custom_dropdown', choices: { low: 1 } }, ['datatype_mismatch']],
])('refuses %j', async (body, codes) => {
  await using account = await startTestAccount();
  const refused = await account.call('POST', '/admin/ticket_fields', body);
  expect(refused.status).toBe(400);
  expect(refused.body.errors.map(({ code }: { code: string }) => code)).toEqual(codes);
});

test('a label that is there already is a conflict', async () => {
  await using account = await startTestAccount();
  await account.makeField('CSAT score', 'custom_number');
  const again = { ...label('csat score'), type: 'custom_number' };
  const refused = await account.call('POST', '/admin/ticket_fields', again);
  expect([refused.status, refused.body.errors[0].code]).toEqual([409, 'duplicate_value']);
});

test('a field that closing demands', async () => {
  await using account = await startTestAccount();
  const name = await account.makeField('Cause', 'custom_text');
  account.sandbox.requireFieldOnClosure('Cause');
  const id = await account.sandbox.openCase({ subject: 'x', requester: { name: 'A', email: null } });
  const close = (more: object) => account.call('PUT', `/tickets/${id}`, { status: 5, ...more });
  expect((await close({})).body.errors).toMatchObject([
    { field: `custom_fields.${name}`, code: 'missing_field' },
  ]);
  expect((await close({ custom_fields: { [name]: 'us' } })).status).toBe(200);
});
