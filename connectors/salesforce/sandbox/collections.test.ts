import { beforeEach, expect, test } from 'vitest';
import { ANA_CASE, startTestOrg, type TestOrg } from './test-org.ts';

let org: TestOrg;
let field = '';
let ids: string[] = [];

beforeEach(async () => {
  org = await startTestOrg();
  field = await org.makeScoreField();
  ids = [];
  for (let made = 0; made < 4; made += 1) ids.push(await org.sandbox.openCase(ANA_CASE));
});

const update = (records: readonly Record<string, unknown>[], allOrNone?: boolean) =>
  org.call('PATCH', '/composite/sobjects', {
    ...(allOrNone === undefined ? {} : { allOrNone }),
    records: records.map((record) => ({ attributes: { type: 'Case' }, ...record })),
  });
const codes = (rows: readonly { success: boolean; errors: readonly { statusCode: string }[] }[]) =>
  rows.map(({ success, errors }) => (success ? 'done' : errors[0]?.statusCode));

test('one row per record, in their order, with HTTP 200 whatever became of them', async () => {
  const [good = '', locked = '', deleted = '', held = ''] = ids;
  await org.sandbox.lockCase(locked);
  await org.sandbox.deleteCase(deleted);
  org.sandbox.holdRow(held);
  const { status, body } = await update([
    { id: locked, [field]: 2 },
    { id: good.slice(0, 15), [field]: 2 },
    { id: good, [field]: 3 },
    { id: deleted, [field]: 2 },
    { id: held, [field]: 2 },
    { id: '999999999', [field]: 2 },
    { id: `${good.slice(0, 14)}z`, [field]: 2 },
    { [field]: 2 },
    { id: good, Nothing: 2 },
  ]);
  expect(status).toBe(200);
  expect(codes(body)).toEqual([
    ...['ENTITY_IS_LOCKED', 'done', 'DUPLICATE_VALUE', 'ENTITY_IS_DELETED', 'UNABLE_TO_LOCK_ROW'],
    ...['MALFORMED_ID', 'INVALID_CROSS_REFERENCE_KEY', 'MISSING_ARGUMENT', 'DUPLICATE_VALUE'],
  ]);
  expect(body[0]).toEqual({
    success: false,
    errors: [{ statusCode: 'ENTITY_IS_LOCKED', message: expect.any(String), fields: [] }],
  });
  expect(body[1]).toEqual({ id: good, success: true, errors: [] });
  expect((await org.sandbox.readCase(good)).score).toBe(2);
});

test('all or none takes everything back', async () => {
  const [first = '', second = ''] = ids;
  await org.sandbox.lockCase(second);
  const { body } = await update(
    [
      { id: first, [field]: 2 },
      { id: second, [field]: 2 },
    ],
    true,
  );
  expect(codes(body)).toEqual(['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'ENTITY_IS_LOCKED']);
  expect((await org.sandbox.readCase(first)).score).toBeNull();
});

test('a field without field-level security is refused in its row', async () => {
  const metadata = { type: 'Text', label: 'CSAT reasons', length: 255 };
  await org.call('POST', '/tooling/sobjects/CustomField', {
    FullName: 'Case.CSAT_Reasons__c',
    Metadata: metadata,
  });
  const { body } = await update([{ id: ids[0], CSAT_Reasons__c: 'the wait' }]);
  expect(codes(body)).toEqual(['INVALID_FIELD_FOR_INSERT_UPDATE']);
  expect(codes((await update([{ id: ids[0], CSAT_Nothing__c: 1 }])).body)).toEqual(['INVALID_FIELD']);
});

test('what is not well formed is a 400 of its own', async () => {
  const many = Array.from({ length: 201 }, () => ({ id: ids[0], [field]: 1 }));
  const refusals = [
    await update(many),
    await update([]),
    await org.call('PATCH', '/composite/sobjects', { records: [{ id: ids[0] }] }),
    await org.call('PATCH', '/composite/sobjects', { records: 'all' }),
    await update([{ attributes: { type: 'Ticket' }, id: ids[0] }]),
    await update([{ id: ids[0], [field]: { value: 1 } }]),
    await update([{ id: ids[0], [field]: 'two' }]),
  ];
  expect(refusals.map(({ status, body }) => `${status} ${body[0].errorCode}`)).toEqual([
    '400 EXCEEDED_MAX_COLLECTION_SIZE',
    '400 EXCEEDED_MAX_COLLECTION_SIZE',
    '400 INVALID_TYPE',
    '400 JSON_PARSER_ERROR',
    '400 INVALID_TYPE',
    '400 JSON_PARSER_ERROR',
    '400 JSON_PARSER_ERROR',
  ]);
});

test('types may change ten times, and records of Setup stand alone', async () => {
  const task = { attributes: { type: 'Task' }, Subject: 'Call' };
  const comment = { attributes: { type: 'CaseComment' }, ParentId: ids[0], CommentBody: 'a' };
  const create = (records: readonly object[]) => org.call('POST', '/composite/sobjects', { records });
  const ten = Array.from({ length: 5 }, () => [task, comment]).flat();
  expect(codes((await create(ten)).body)).toEqual(ten.map(() => 'done'));
  expect((await create([...ten, task])).status).toBe(400);
  const set = { attributes: { type: 'PermissionSet' }, Name: 'Another', Label: 'Another' };
  expect((await create([task, set])).body).toMatchObject([{ errorCode: 'MIXED_DML_OPERATION' }]);
});

test('records are read by their ids, with null for what is not there', async () => {
  const [first = '', second = ''] = ids;
  await org.sandbox.deleteCase(second);
  const path = `/composite/sobjects/Case?ids=${second},${first}&fields=Id,Status`;
  expect((await org.call('GET', path)).body).toEqual([
    null,
    expect.objectContaining({ Id: first, Status: 'New' }),
  ]);
  const posted = await org.call('POST', '/composite/sobjects/Case', { ids: [first], fields: ['Status'] });
  expect(posted.body).toMatchObject([{ Status: 'New' }]);
});

test('a composite request hands answers on, and halts what leans on a failure', async () => {
  const base = '/services/data/v67.0';
  const composite = (allOrNone: boolean, status: string) =>
    org.call('POST', '/composite', {
      allOrNone,
      compositeRequest: [
        {
          method: 'POST',
          url: `${base}/sobjects/Task`,
          referenceId: 'task',
          body: { WhatId: ids[0], Subject: 'Call' },
        },
        {
          method: 'PATCH',
          url: `${base}/sobjects/Case/${ids[1]}`,
          referenceId: 'score',
          body: { [field]: status },
        },
        { method: 'GET', url: `${base}/sobjects/Task/@{task.id}?fields=Subject`, referenceId: 'look' },
        { method: 'GET', url: `${base}/sobjects/Task/@{score.id}`, referenceId: 'nothing' },
      ],
    });
  const parts = await composite(false, 'two');
  expect(parts.status).toBe(200);
  const replies = parts.body.compositeResponse;
  expect(replies.map(({ httpStatusCode }: { httpStatusCode: number }) => httpStatusCode)).toEqual([
    201, 400, 200, 400,
  ]);
  expect(replies[2].body).toMatchObject({ Subject: 'Call' });
  expect(replies[3].body).toMatchObject([{ errorCode: 'PROCESSING_HALTED' }]);

  const undone = await composite(true, 'two');
  expect(
    undone.body.compositeResponse.map(({ body }: { body: { errorCode: string }[] }) => body[0]?.errorCode),
  ).toEqual([...['PROCESSING_HALTED', 'JSON_PARSER_ERROR', 'PROCESSING_HALTED', 'PROCESSING_HALTED']]);
  expect(await org.sandbox.followUpsOf(ids[0] ?? '')).toHaveLength(1);
  const used = (await org.call('GET', '/limits')).headers.get('sforce-limit-info');
  await composite(false, '2');
  const after = (await org.call('GET', '/limits')).headers.get('sforce-limit-info');
  expect([used, after]).toEqual(['api-usage=7/100000', 'api-usage=9/100000']);
});

test('a composite request has its own limits', async () => {
  const part = (at: number, url = '/services/data/v67.0/limits') => ({
    method: 'GET',
    url,
    referenceId: `r${at}`,
  });
  const ask = (compositeRequest: readonly object[]) => org.call('POST', '/composite', { compositeRequest });
  const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Case';
  expect((await ask(Array.from({ length: 25 }, (_one, at) => part(at)))).status).toBe(200);
  expect((await ask(Array.from({ length: 26 }, (_one, at) => part(at)))).status).toBe(400);
  expect((await ask(Array.from({ length: 6 }, (_one, at) => part(at, query)))).status).toBe(400);
  expect((await ask([part(1), part(1)])).status).toBe(400);
  expect((await ask([part(1, '/elsewhere')])).status).toBe(400);
});
