import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, startTestOrg, type TestOrg } from './test-org.ts';

let org: TestOrg;
let ana = '';
let bob = '';
let queued = '';

beforeEach(async () => {
  org = await startTestOrg();
  ana = await org.sandbox.openCase({ ...ANA_CASE, channel: 'web', brand: 'Acme Pro' });
  org.clock.advance(MINUTE_MS);
  bob = await org.sandbox.openCase({
    subject: "It's 100% _broken_",
    requester: { name: 'Bob Example', email: 'bob@example.org' },
    assignee: 'Tom Okafor',
    priority: 'High',
  });
  org.clock.advance(MINUTE_MS);
  queued = await org.sandbox.openCase({
    subject: 'No address',
    requester: { name: 'Zoe', email: null },
    team: 'Support',
  });
  await org.sandbox.closeCase(bob);
});

async function idsWhere(where: string): Promise<readonly string[]> {
  const { status, body } = await org.query(`SELECT Id FROM Case WHERE ${where} ORDER BY CaseNumber`);
  if (status !== 200) expect.fail(JSON.stringify(body));
  return body.records.map(({ Id }: { Id: string }) => Id);
}

test('fields come as they were asked for, parents inside, nulls included', async () => {
  const soql =
    'select id, casenumber, Owner.Name, Owner.Type, Contact.Name, Contact.Email, Contact.Account.Name, RecordType.Name, ClosedDate, IsClosed from Case order by CaseNumber desc';
  const { body } = await org.query(soql);
  expect(body).toMatchObject({ totalSize: 3, done: true });
  expect(body.records[0]).toEqual({
    attributes: { type: 'Case', url: `/services/data/v67.0/sobjects/Case/${queued}` },
    Id: queued,
    CaseNumber: '00001003',
    Owner: { attributes: expect.objectContaining({ type: 'Name' }), Name: 'Support', Type: 'Queue' },
    Contact: null,
    RecordType: null,
    ClosedDate: null,
    IsClosed: false,
  });
  expect(body.records[1]).toMatchObject({
    Owner: { Name: 'Tom Okafor', Type: 'User' },
    Contact: { Name: 'Bob Example', Email: 'bob@example.org', Account: { Name: 'example.org' } },
    ClosedDate: '2026-11-21T10:02:00.000+0000',
    IsClosed: true,
  });
  expect(body.records[2]).toMatchObject({ RecordType: { Name: 'Acme Pro' } });
});

describe('WHERE', () => {
  test.each<[string, () => readonly string[]]>([
    ['IsClosed = true', () => [bob]],
    ['IsClosed != TRUE', () => [ana, queued]],
    ["Origin = 'web'", () => [ana]],
    ["Priority IN ('High', 'Low')", () => [bob]],
    ["Priority NOT IN ('High')", () => [ana, queued]],
    ['ContactId = null', () => [queued]],
    ['ContactId <> NULL AND IsClosed = false', () => [ana]],
    ["Subject LIKE 'it\\'s%'", () => [bob]],
    ["Subject LIKE '%100\\% \\_broken\\_'", () => [bob]],
    ["Subject LIKE '%\\_log%'", () => []],
    ["Subject LIKE 'C_nnot log in'", () => [ana]],
    ["(Origin = 'Web' OR Priority = 'High') AND NOT IsClosed = true", () => [ana]],
    ["Owner.Type = 'Queue'", () => [queued]],
    ["Contact.Email = 'BOB@example.org'", () => [bob]],
    ['CreatedDate > 2026-11-21T10:00:00Z', () => [bob, queued]],
    ['CreatedDate >= 2026-11-21T11:01:00.000+01:00', () => [bob, queued]],
    ['CreatedDate < 2026-11-21T10:01:00+0000', () => [ana]],
    ['CreatedDate <= 2026-11-21T10:01:00Z', () => [ana, bob]],
    ['CreatedDate = TODAY', () => []],
    ["ContactId IN (SELECT Id FROM Contact WHERE Email LIKE '%@example.org')", () => [ana, bob]],
  ])('%s', async (where, expected) => {
    expect(await idsWhere(where)).toEqual(expected());
  });

  test('ids are taken in 15 and in 18 characters, and compared in their order', async () => {
    expect(await idsWhere(`Id = '${ana.slice(0, 15)}'`)).toEqual([ana]);
    expect(await idsWhere(`Id IN ('${ana}', '${queued.slice(0, 15)}')`)).toEqual([ana, queued]);
    expect(await idsWhere(`Id > '${ana}'`)).toEqual([bob, queued]);
    const stamp = '2026-11-21T10:02:00Z';
    expect(
      await idsWhere(`SystemModstamp > ${stamp} OR (SystemModstamp = ${stamp} AND Id > '${bob}')`),
    ).toEqual([queued]);
  });
});

test('ORDER BY takes several fields, nulls first unless told otherwise, LIMIT and OFFSET cut', async () => {
  const names = async (rest: string) =>
    (await org.query(`SELECT Id FROM Case ${rest}`)).body.records.map(({ Id }: { Id: string }) => Id);
  expect(await names('ORDER BY SystemModstamp DESC, Id')).toEqual([bob, queued, ana]);
  expect(await names('ORDER BY ClosedDate, Id')).toEqual([ana, queued, bob]);
  expect(await names('ORDER BY ClosedDate DESC NULLS LAST, Id')).toEqual([bob, ana, queued]);
  expect(await names('ORDER BY Contact.Email NULLS LAST LIMIT 1 OFFSET 1')).toEqual([bob]);
});

test('deleted cases are in queryAll alone', async () => {
  await org.sandbox.deleteCase(ana);
  const soql = encodeURIComponent('SELECT Id, IsDeleted FROM Case WHERE IsDeleted = true');
  expect((await org.call('GET', `/query?q=${soql}`)).body.totalSize).toBe(0);
  expect((await org.call('GET', `/queryAll?q=${soql}`)).body.records).toMatchObject([
    { Id: ana, IsDeleted: true },
  ]);
});

test.each([
  ['SELECT Id FRM Case', 'MALFORMED_QUERY', 11],
  ['SELECT Id FROM Case WHERE', 'MALFORMED_QUERY', 26],
  ['SELECT FROM Case', 'MALFORMED_QUERY', 13],
  ['SELECT Id FROM Case WHERE IsClosed = true AND Id != null OR Id = null', 'MALFORMED_QUERY', 58],
  ["SELECT Id FROM Case WHERE Subject = 'open", 'MALFORMED_QUERY', 37],
  ["SELECT Id FROM Case WHERE Subject = 'a\\x'", 'MALFORMED_QUERY', 39],
  ['SELECT Id FROM Case GROUP BY Id', 'MALFORMED_QUERY', 21],
  ['SELECT Id FROM Case WHERE CreatedDate > 2026-11-21T10:00:00 00:00', 'MALFORMED_QUERY', 41],
  ['SELECT Id FROM Case LIMIT -1', 'MALFORMED_QUERY', 27],
  ['SELECT Id; FROM Case', 'MALFORMED_QUERY', 10],
  ['SELECT Id, Nothing FROM Case', 'INVALID_FIELD', 12],
  ['SELECT Id FROM Case WHERE CSAT_Score__c = 1', 'INVALID_FIELD', 27],
  ['SELECT Nobody.Name FROM Case', 'INVALID_FIELD', 8],
  ["SELECT Id FROM Case WHERE Description LIKE 'a%'", 'INVALID_FIELD', 27],
  ['SELECT Id FROM Case ORDER BY Description', 'INVALID_FIELD', 30],
  ["SELECT Id FROM Case WHERE SystemModstamp > '2026-11-21T10:00:00Z'", 'INVALID_FIELD', 44],
  ['SELECT Id FROM Case WHERE Subject = 4', 'INVALID_FIELD', 37],
  ["SELECT Id FROM Case WHERE IsClosed = 'true'", 'INVALID_FIELD', 38],
  ['SELECT Id FROM Ticket', 'INVALID_TYPE', 16],
  ['SELECT Id FROM CustomField', 'INVALID_TYPE', 16],
  ['SELECT QualifiedApiName FROM FieldDefinition', 'MALFORMED_QUERY', 30],
])('%s is refused with %s at column %i', async (soql, errorCode, column) => {
  const { status, body } = await org.query(soql);
  expect({ status, errorCode: body[0].errorCode }).toEqual({ status: 400, errorCode });
  expect(body[0].message).toContain(`ERROR at Row:1:Column:${column}\n`);
});

test('what is no id is refused as a filter, and a query must be there', async () => {
  const refused = await org.query("SELECT Id FROM Case WHERE Id IN ('no-such-case')");
  expect(refused).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_QUERY_FILTER_OPERATOR', message: 'invalid ID field: no-such-case' }],
  });
  const wrongCase = `${ana.slice(0, 3)}${ana.slice(3).toLowerCase()}`;
  expect((await org.query(`SELECT Id FROM Case WHERE Id = '${wrongCase}'`)).status).toBe(400);
  expect((await org.call('GET', '/query')).status).toBe(400);
  expect((await org.call('GET', '/query/01g5g0000000001AAA-2000')).body).toMatchObject([
    { errorCode: 'INVALID_QUERY_LOCATOR' },
  ]);
});

test('a longer request line than Salesforce takes is a 431', async () => {
  const ids = Array.from({ length: 900 }, () => `'${ana}'`).join(',');
  const answer = await org.query(`SELECT Id FROM Case WHERE Id IN (${ids})`);
  expect(answer.status).toBe(431);
  const fitting = Array.from({ length: 400 }, () => `'${ana}'`).join(',');
  expect((await org.query(`SELECT Id FROM Case WHERE Id IN (${fitting})`)).body.totalSize).toBe(1);
});

test('a custom field is a column only for who may see it', async () => {
  const metadata = { type: 'Number', label: 'CSAT score', precision: 2, scale: 0 };
  await org.call('POST', '/tooling/sobjects/CustomField', {
    FullName: 'Case.CSAT_Score__c',
    Metadata: metadata,
  });
  const hidden = await org.query('SELECT CSAT_Score__c FROM Case');
  expect(hidden.body).toMatchObject([{ errorCode: 'INVALID_FIELD' }]);
  expect(hidden.body[0].message).toContain("No such column 'CSAT_Score__c' on entity 'Case'");
});

test.each([
  ['SELECT MasterLabel, ApiName, IsClosed FROM CaseStatus WHERE IsClosed = false ORDER BY SortOrder', 4],
  ['SELECT ApiName FROM TaskStatus WHERE IsClosed = true', 1],
  ['SELECT ApiName FROM TaskPriority', 3],
  ["SELECT Id, Name, IsActive FROM User WHERE UserType = 'Standard' AND IsActive = true", 4],
  ["SELECT Id, Name FROM Group WHERE Type = 'Queue'", 2],
  ["SELECT QueueId, Queue.Name FROM QueueSobject WHERE SobjectType = 'Case'", 2],
  ['SELECT Id, Name, IsSandbox, InstanceName FROM Organization', 1],
  ["SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Case'", 1],
  [
    "SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Case' AND QualifiedApiName = 'ClosedDate'",
    1,
  ],
  ["SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName IN ('Case', 'Task')", 2],
  ['SELECT Id FROM PermissionSetAssignment', 0],
])('%s finds %i', async (soql, count) => {
  const { status, body } = await org.query(soql);
  expect({ status, totalSize: body.totalSize }).toEqual({ status: 200, totalSize: count });
});

test('without "View All" the user sees its own cases', async () => {
  org.sandbox.setRight('view all cases', false);
  expect(await idsWhere('IsDeleted = false')).toEqual([]);
  org.sandbox.setRight('view all cases', true);
  expect(await idsWhere('IsDeleted = false')).toEqual([ana, bob, queued]);
});
