import { beforeEach, describe, expect, test } from 'vitest';
import { ANA_CASE, startTestOrg, type TestOrg } from './test-org.ts';

let org: TestOrg;

beforeEach(async () => {
  org = await startTestOrg();
});

const makeField = (fullName: string, metadata: Record<string, unknown>) =>
  org.call('POST', '/tooling/sobjects/CustomField', { FullName: fullName, Metadata: metadata });
const toolingQuery = (soql: string) => org.call('GET', `/tooling/query?q=${encodeURIComponent(soql)}`);
const codeOf = async (answer: ReturnType<TestOrg['call']>) => {
  const { status, body } = await answer;
  return status < 300 ? 'done' : body[0].errorCode;
};
const NUMBER = { type: 'Number', label: 'CSAT score', precision: 2, scale: 0 };

test('a field is made, found again and made once', async () => {
  const { status, body } = await makeField('Case.CSAT_Score__c', NUMBER);
  expect(status).toBe(201);
  expect(body).toMatchObject({ success: true, errors: [] });
  const soql =
    "SELECT Id, DeveloperName, TableEnumOrId, FullName, Metadata FROM CustomField WHERE DeveloperName = 'CSAT_Score'";
  expect((await toolingQuery(soql)).body.records).toMatchObject([
    { Id: body.id, TableEnumOrId: 'Case', FullName: 'Case.CSAT_Score__c', Metadata: NUMBER },
  ]);
  expect(await codeOf(makeField('Case.csat_score__c', NUMBER))).toBe('DUPLICATE_DEVELOPER_NAME');
  await makeField('Case.Another__c', { type: 'Text', label: 'Another', length: 10 });
  expect(await codeOf(toolingQuery('SELECT Metadata FROM CustomField'))).toBe('MALFORMED_QUERY');
  expect(await codeOf(org.call('DELETE', `/tooling/sobjects/CustomField/${body.id}`))).toBe('done');
  expect((await toolingQuery(soql)).body.totalSize).toBe(0);
});

describe('a field of a wrong shape is refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['Case.Score', NUMBER, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.1Score__c', NUMBER, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Ticket.Score__c', NUMBER, 'INVALID_TYPE'],
    ['Task.Score__c', NUMBER, 'INVALID_TYPE'],
    ['Case.A__c', { ...NUMBER, label: undefined }, 'REQUIRED_FIELD_MISSING'],
    ['Case.A__c', { ...NUMBER, precision: 19 }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { ...NUMBER, colour: 'red' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { type: 'Stars', label: 'A' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { type: 'Text', label: 'A' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { type: 'Text', label: 'A', length: 256 }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { type: 'LongTextArea', label: 'A', length: 32_768 }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { type: 'Picklist', label: 'A' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['Case.A__c', { type: 'Checkbox', label: 'A' }, 'FIELD_INTEGRITY_EXCEPTION'],
    [
      'Activity.Key__c',
      { type: 'Text', label: 'A', length: 80, externalId: true },
      'FIELD_INTEGRITY_EXCEPTION',
    ],
  ])('%s %o', async (fullName, metadata, errorCode) => {
    expect(await codeOf(makeField(fullName, metadata))).toBe(errorCode);
  });
});

test('field-level security comes by a permission set and its assignment, and by nothing less', async () => {
  const caseId = await org.sandbox.openCase(ANA_CASE);
  const write = () => codeOf(org.call('PATCH', `/sobjects/Case/${caseId}`, { CSAT_Score__c: 2 }));
  expect(await write()).toBe('INVALID_FIELD');
  await makeField('Case.CSAT_Score__c', NUMBER);
  expect(await write()).toBe('INVALID_FIELD_FOR_INSERT_UPDATE');
  const set = { Name: 'Caseloop', Label: 'Caseloop' };
  const { body } = await org.call('POST', '/sobjects/PermissionSet', set);
  expect(await codeOf(org.call('POST', '/sobjects/PermissionSet', set))).toBe('DUPLICATE_DEVELOPER_NAME');
  const permission = {
    ParentId: body.id,
    SobjectType: 'Case',
    Field: 'Case.CSAT_Score__c',
    PermissionsEdit: true,
  };
  const permit = (change: object) =>
    codeOf(org.call('POST', '/sobjects/FieldPermissions', { ...permission, ...change }));
  expect(await permit({})).toBe('FIELD_INTEGRITY_EXCEPTION');
  expect(await permit({ Field: 'Case.Nothing__c' })).toBe('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
  expect(await permit({ PermissionsRead: true })).toBe('done');
  expect(await permit({ PermissionsRead: true })).toBe('DUPLICATE_VALUE');
  expect(await write()).toBe('INVALID_FIELD_FOR_INSERT_UPDATE');
  const assignment = { PermissionSetId: body.id, AssigneeId: org.sandbox.idOf('Caseloop Robot') };
  const assign = () => codeOf(org.call('POST', '/sobjects/PermissionSetAssignment', assignment));
  expect(await assign()).toBe('done');
  expect(await assign()).toBe('DUPLICATE_VALUE');
  expect(await write()).toBe('done');
  expect((await org.query('SELECT CSAT_Score__c FROM Case WHERE CSAT_Score__c < 3')).body.totalSize).toBe(1);
});

test('an admin takes rights away', async () => {
  org.sandbox.setRight('customize application', false);
  org.sandbox.setRight('manage users', false);
  org.sandbox.setRight('view setup', false);
  expect(await codeOf(makeField('Case.CSAT_Score__c', NUMBER))).toBe('INSUFFICIENT_ACCESS');
  expect(await codeOf(toolingQuery('SELECT Id FROM CustomField'))).toBe('INSUFFICIENT_ACCESS');
  const set = { Name: 'Caseloop', Label: 'Caseloop' };
  expect(await codeOf(org.call('POST', '/sobjects/PermissionSet', set))).toBe(
    'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  );
  org.sandbox.setRight('api enabled', false);
  expect(await org.call('GET', '/limits')).toMatchObject({
    status: 403,
    body: [{ errorCode: 'API_DISABLED_FOR_ORG' }],
  });
});

test('entries of a restricted pick list, sizes of numbers and lengths of texts hold', async () => {
  const other = await startTestOrg();
  await other.makeScoreField();
  const caseId = await other.sandbox.openCase(ANA_CASE);
  const write = (value: unknown) =>
    codeOf(other.call('PATCH', `/sobjects/Case/${caseId}`, { CSAT_Score__c: value }));
  expect(await write(100)).toBe('NUMBER_OUTSIDE_VALID_RANGE');
  expect(await write(null)).toBe('done');
  await other.call('POST', '/tooling/sobjects/CustomField', {
    FullName: 'Case.CSAT_Level__c',
    Metadata: {
      type: 'Picklist',
      label: 'CSAT level',
      valueSet: {
        restricted: true,
        valueSetDefinition: { sorted: false, value: [{ fullName: 'low', label: 'Low', default: false }] },
      },
    },
  });
  const set = await other.query("SELECT Id FROM PermissionSet WHERE Name = 'Caseloop'");
  await other.call('POST', '/sobjects/FieldPermissions', {
    ParentId: set.body.records[0].Id,
    SobjectType: 'Case',
    Field: 'Case.CSAT_Level__c',
    PermissionsRead: true,
    PermissionsEdit: true,
  });
  const level = (value: string) =>
    codeOf(other.call('PATCH', `/sobjects/Case/${caseId}`, { CSAT_Level__c: value }));
  expect(await level('awful')).toBe('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
  expect(await level('low')).toBe('done');
  expect(await other.sandbox.readCase(caseId)).toMatchObject({ level: 'low', score: null });
});

test('five objects can be chosen for change events, each once', async () => {
  const choose = (name: string) =>
    codeOf(
      org.call('POST', '/tooling/sobjects/PlatformEventChannelMember', {
        FullName: `ChangeEvents_${name}ChangeEvent`,
        Metadata: { eventChannel: 'ChangeEvents', selectedEntity: `${name}ChangeEvent` },
      }),
    );
  expect(await choose('Ticket')).toBe('FIELD_INTEGRITY_EXCEPTION');
  const soql =
    "SELECT Id, EventChannel FROM PlatformEventChannelMember WHERE SelectedEntity = 'CaseChangeEvent'";
  expect((await toolingQuery(soql)).body.totalSize).toBe(0);
  for (const name of ['Case', 'Task', 'Contact', 'Account', 'User']) expect(await choose(name)).toBe('done');
  expect(await choose('Case')).toBe('DUPLICATE_VALUE');
  expect(await choose('EmailMessage')).toBe('LIMIT_EXCEEDED');
  expect((await toolingQuery(soql)).body.totalSize).toBe(1);
});

test('a list view is made by the UI API and listed', async () => {
  const view = {
    listViewApiName: 'Low_CSAT',
    label: 'Low CSAT',
    visibility: 'Public',
    scope: { apiName: 'everything' },
    displayColumns: ['CaseNumber', 'Subject'],
    filteredByInfo: [{ fieldApiName: 'Status', operator: 'Equals', operandLabels: ['Closed'] }],
  };
  const make = (change: object) => codeOf(org.call('POST', '/ui-api/list-info/Case', { ...view, ...change }));
  expect(await make({ displayColumns: ['Nothing'] })).toBe('INVALID_FIELD');
  expect(await make({ colour: 'red' })).toBe('JSON_PARSER_ERROR');
  expect(
    await make({ filteredByInfo: [{ fieldApiName: 'Status', operator: 'is', operandLabels: [] }] }),
  ).toBe('JSON_PARSER_ERROR');
  expect(await make({})).toBe('done');
  expect(await make({})).toBe('DUPLICATE_DEVELOPER_NAME');
  const listed = await org.call('GET', '/sobjects/Case/listviews');
  expect(listed.body).toMatchObject({
    size: 1,
    listviews: [{ label: 'Low CSAT', developerName: 'Low_CSAT' }],
  });
});
