import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, startTestOrg, type TestOrg } from './test-org.ts';

let org: TestOrg;
let caseId = '';

beforeEach(async () => {
  org = await startTestOrg();
  caseId = await org.sandbox.openCase(ANA_CASE);
});

const patch = (body: unknown, id = caseId) => org.call('PATCH', `/sobjects/Case/${id}`, body);
const read = async (id = caseId) => (await org.call('GET', `/sobjects/Case/${id}`)).body;

test('a case closes by its status, and the system sets and clears the instant', async () => {
  expect((await patch({ Status: 'Closed' })).status).toBe(204);
  expect(await read()).toMatchObject({ IsClosed: true, ClosedDate: '2026-11-21T10:00:00.000+0000' });
  org.clock.advance(MINUTE_MS);
  await patch({ Status: 'Closed - Duplicate' });
  expect(await read()).toMatchObject({
    ClosedDate: '2026-11-21T10:00:00.000+0000',
    SystemModstamp: '2026-11-21T10:01:00.000+0000',
  });
  await patch({ Status: 'Working' });
  expect(await read()).toMatchObject({ IsClosed: false, ClosedDate: null });
  // The list of statuses is not restricted: what is not on it counts as open.
  await patch({ Status: 'Solved' });
  expect(await read()).toMatchObject({ Status: 'Solved', IsClosed: false });
});

test('ids of 15 characters lead to the same record, of another length or case to none', async () => {
  expect(await read(caseId.slice(0, 15))).toMatchObject({ Id: caseId });
  expect((await org.call('GET', '/sobjects/Case/999999999')).body).toMatchObject([
    { errorCode: 'MALFORMED_ID' },
  ]);
  const unknown = `${caseId.slice(0, 14)}z`;
  expect(await org.call('GET', `/sobjects/Case/${unknown}`)).toMatchObject({
    status: 404,
    body: [{ errorCode: 'NOT_FOUND' }],
  });
});

describe('a write is refused whole', () => {
  test.each<[Record<string, unknown>, number, string, readonly string[] | undefined]>([
    [{ Nothing: 1 }, 400, 'INVALID_FIELD', []],
    [{ ClosedDate: '2026-11-21T10:00:00Z' }, 400, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['ClosedDate']],
    [{ IsClosed: true }, 400, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['IsClosed']],
    [{ ContactEmail: 'a@example.org' }, 400, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['ContactEmail']],
    [{ Id: '5005g0000000001AAA' }, 400, 'INVALID_FIELD', undefined],
    [{ Subject: 'a'.repeat(256) }, 400, 'STRING_TOO_LONG', ['Subject']],
    [{ Subject: ['a'] }, 400, 'JSON_PARSER_ERROR', undefined],
    [{ IsEscalated: 'yes' }, 400, 'JSON_PARSER_ERROR', undefined],
    [{ SuppliedEmail: 'nobody' }, 400, 'INVALID_EMAIL_ADDRESS', ['SuppliedEmail']],
    [{ OwnerId: 'nobody' }, 400, 'MALFORMED_ID', ['OwnerId']],
    [{ OwnerId: '0055g0000000999' }, 400, 'INVALID_CROSS_REFERENCE_KEY', []],
    [{ OwnerId: '0035g0000000001' }, 400, 'FIELD_INTEGRITY_EXCEPTION', ['OwnerId']],
  ])('%o', async (body, status, errorCode, fields) => {
    const before = await read();
    const answer = await patch(body);
    expect({ status: answer.status, errorCode: answer.body[0].errorCode }).toEqual({ status, errorCode });
    if (fields !== undefined) expect(answer.body[0].fields).toEqual(fields);
    expect(await read()).toEqual(before);
  });

  test('a body that is no JSON, or of another type', async () => {
    expect((await patch('{"Subject":')).body).toMatchObject([{ errorCode: 'JSON_PARSER_ERROR' }]);
    const form = await org.call('PATCH', `/sobjects/Case/${caseId}`, 'Subject=a', {
      'Content-Type': 'text/plain',
    });
    expect(form).toMatchObject({ status: 415, body: [{ errorCode: 'UNSUPPORTED_MEDIA_TYPE' }] });
  });

  test('a path, a verb or a version that is not there', async () => {
    for (const path of ['/sobjects/Ticket/1', '/nothing', '/sobjects/CustomField/1']) {
      expect(await org.call('GET', path)).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
    }
    expect(await org.call('PUT', `/sobjects/Case/${caseId}`, {})).toMatchObject({
      status: 405,
      body: [{ errorCode: 'METHOD_NOT_ALLOWED' }],
    });
    expect((await org.raw('GET', '/services/data/v50.0/limits')).status).toBe(404);
    expect((await org.raw('GET', '/services/data')).body).toMatchObject([{ version: '67.0' }]);
  });
});

test('locked, deleted, ruled out and held records have their own errors', async () => {
  const refusal = async (body: unknown) => {
    const { status, body: errors } = await patch(body);
    return `${status} ${errors?.[0]?.errorCode}`;
  };
  org.sandbox.addValidationRule({
    objectName: 'Case',
    message: 'A closed case keeps its subject',
    field: 'Subject',
    refuses: (after, before) => before?.IsClosed === true && after.Subject !== before.Subject,
  });
  await org.sandbox.closeCase(caseId);
  expect(await refusal({ Subject: 'Another' })).toBe('400 FIELD_CUSTOM_VALIDATION_EXCEPTION');
  org.sandbox.holdRow(caseId);
  expect(await refusal({ Priority: 'High' })).toBe('400 UNABLE_TO_LOCK_ROW');
  expect(await refusal({ Priority: 'High' })).toBe('204 undefined');
  await org.sandbox.lockCase(caseId);
  expect(await refusal({ Priority: 'Low' })).toBe('400 ENTITY_IS_LOCKED');
  await org.sandbox.unlockCase(caseId);
  org.sandbox.setRight('edit cases', false);
  expect(await refusal({ Priority: 'Low' })).toBe('403 INSUFFICIENT_ACCESS_OR_READONLY');
  await org.sandbox.deleteCase(caseId);
  expect(await refusal({ Priority: 'Low' })).toBe('404 ENTITY_IS_DELETED');
});

test('a case is owned by an agent or a queue, and nobody who left gets a new one', async () => {
  const [tom, support, tasks] = [
    org.sandbox.idOf('Tom Okafor'),
    org.sandbox.idOf('Support'),
    org.sandbox.addQueue('Calls', ['Task']),
  ];
  expect((await patch({ OwnerId: support })).status).toBe(204);
  expect((await patch({ OwnerId: tasks })).body).toMatchObject([{ errorCode: 'FIELD_INTEGRITY_EXCEPTION' }]);
  await patch({ OwnerId: tom });
  org.sandbox.deactivateUser('Tom Okafor');
  expect((await patch({ Priority: 'High' })).status).toBe(204);
  const other = await org.sandbox.openCase(ANA_CASE);
  expect((await patch({ OwnerId: tom }, other)).body).toMatchObject([
    { errorCode: 'INACTIVE_OWNER_OR_USER' },
  ]);
});

test('a task goes to an active user, or to a queue that takes tasks', async () => {
  const make = async (fields: Record<string, unknown>) => {
    const { status, body } = await org.call('POST', '/sobjects/Task', {
      WhatId: caseId,
      Subject: 'Call',
      ...fields,
    });
    return status === 201 ? 'made' : body[0].errorCode;
  };
  expect(await make({ OwnerId: org.sandbox.idOf('Support') })).toBe('FIELD_INTEGRITY_EXCEPTION');
  expect(await make({ OwnerId: org.sandbox.addQueue('Calls', ['Task']) })).toBe('made');
  org.sandbox.deactivateUser('Tom Okafor');
  expect(await make({ OwnerId: org.sandbox.idOf('Tom Okafor') })).toBe('INACTIVE_OWNER_OR_USER');
  expect(await make({ ActivityDate: 'tomorrow' })).toBe('JSON_PARSER_ERROR');
  expect(await make({ OwnerId: '999999999' })).toBe('MALFORMED_ID');
  const due = {
    ActivityDate: '2026-11-24',
    IsReminderSet: true,
    ReminderDateTime: '2026-11-24T08:00:00.000Z',
  };
  expect(await make({ ...due, OwnerId: org.sandbox.idOf('Maya Lindqvist') })).toBe('made');
  org.sandbox.setRight('create tasks', false);
  expect(await make({})).toBe('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY');
  expect(await org.sandbox.followUpsOf(caseId)).toMatchObject([
    { owner: 'Calls', dueAt: null },
    { owner: 'Maya Lindqvist', dueAt: '2026-11-24T08:00:00.000Z', subject: 'Call' },
  ]);
  const found = await org.query(
    `SELECT Id, What.Name, IsClosed FROM Task WHERE WhatId = '${caseId}' AND Status = 'Not Started'`,
  );
  expect(found.body.totalSize).toBe(2);
});

test('a comment moves its case; a published one is mailed', async () => {
  org.clock.advance(MINUTE_MS);
  const comment = { ParentId: caseId, CommentBody: 'a note\nof two lines', IsPublished: false };
  expect((await org.call('POST', '/sobjects/CaseComment', comment)).status).toBe(201);
  expect(await read()).toMatchObject({ SystemModstamp: '2026-11-21T10:01:00.000+0000' });
  expect(await org.sandbox.readCase(caseId)).toMatchObject({
    notes: ['a note\nof two lines'],
    mailsToCustomer: 0,
  });
  await org.call('POST', '/sobjects/CaseComment', { ...comment, IsPublished: true });
  expect(await org.sandbox.readCase(caseId)).toMatchObject({
    notes: [comment.CommentBody],
    mailsToCustomer: 1,
  });
  const long = await org.call('POST', '/sobjects/CaseComment', {
    ...comment,
    CommentBody: '€'.repeat(1_334),
  });
  expect(long.body).toMatchObject([{ errorCode: 'STRING_TOO_LONG' }]);
  const orphan = await org.call('POST', '/sobjects/CaseComment', { CommentBody: 'a' });
  expect(orphan.body).toMatchObject([{ errorCode: 'REQUIRED_FIELD_MISSING', fields: ['ParentId'] }]);
});

test('updated and deleted records are named by a span', async () => {
  const ask = (kind: string, start: string, end: string) =>
    org.call(
      'GET',
      `/sobjects/Case/${kind}/?start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`,
    );
  org.clock.advance(5 * MINUTE_MS);
  const [from, to] = ['2026-11-21T09:59:00+00:00', '2026-11-21T10:02:00+00:00'];
  expect((await ask('updated', from, to)).body).toEqual({
    ids: [caseId],
    latestDateCovered: '2026-11-21T10:02:00.000+0000',
  });
  await org.sandbox.deleteCase(caseId);
  expect((await ask('updated', from, '2026-11-21T10:10:00Z')).body.ids).toEqual([]);
  expect((await ask('deleted', from, '2026-11-21T10:10:00Z')).body.deletedRecords).toMatchObject([
    { id: caseId },
  ]);
  for (const [start, end] of [
    [from, from],
    ['2026-10-01T00:00:00Z', to],
    ['now', to],
  ] as const) {
    expect((await ask('updated', start, end)).body).toMatchObject([
      { errorCode: 'INVALID_REPLICATION_DATE' },
    ]);
  }
});

test('late commits carry the stamp of their beginning', async () => {
  const commit = org.sandbox.closeLate([caseId]);
  org.clock.advance(10 * MINUTE_MS);
  expect(await read()).toMatchObject({ IsClosed: false });
  commit();
  expect(await read()).toMatchObject({ IsClosed: true, SystemModstamp: '2026-11-21T10:00:00.000+0000' });
});

test('an update that is not newer than the caller knows is refused on request', async () => {
  org.clock.advance(DAY_MS);
  await patch({ Priority: 'Low' });
  const since = new Date('2026-11-21T12:00:00Z').toUTCString();
  const stale = await org.call(
    'PATCH',
    `/sobjects/Case/${caseId}`,
    { Priority: 'High' },
    { 'If-Unmodified-Since': since },
  );
  expect(stale.status).toBe(412);
});

test('describe shows fields, their entries, and no field that the user may not see', async () => {
  const metadata = { type: 'Number', label: 'CSAT score', precision: 2, scale: 0 };
  await org.call('POST', '/tooling/sobjects/CustomField', {
    FullName: 'Case.CSAT_Score__c',
    Metadata: metadata,
  });
  const names = async () => {
    const { body } = await org.call('GET', '/sobjects/Case/describe');
    return new Map<string, { picklistValues: { value: string }[]; updateable: boolean }>(
      body.fields.map((field: { name: string }) => [field.name, field]),
    );
  };
  const before = await names();
  expect(before.get('Status')?.picklistValues.map(({ value }) => value)).toContain('Closed');
  expect(before.get('ClosedDate')?.updateable).toBe(false);
  expect(before.has('CSAT_Score__c')).toBe(false);
  const other = await startTestOrg();
  await other.makeScoreField();
  const { body } = await other.call('GET', '/sobjects/Case/describe');
  expect(body.fields).toContainEqual(
    expect.objectContaining({ name: 'CSAT_Score__c', label: 'CSAT score', updateable: true }),
  );
});
