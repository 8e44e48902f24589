import { expect, test } from 'vitest';
import { ANA_CASE, startTestOrg } from './test-org.ts';

test('the vendor’s client library queries page by page', async () => {
  const { sandbox, connect } = await startTestOrg();
  const ids: string[] = [];
  for (let made = 0; made < 2_003; made += 1) ids.push(await sandbox.openCase(ANA_CASE));
  const connection = await connect();
  const first = await connection.query('SELECT Id, Contact.Email FROM Case ORDER BY SystemModstamp, Id');
  expect(first).toMatchObject({ totalSize: 2_003, done: false });
  expect(first.records[0]).toMatchObject({ Contact: { Email: 'ana@example.org' } });
  const second = await connection.queryMore(first.nextRecordsUrl ?? '');
  expect(second.done).toBe(true);
  expect([...first.records, ...second.records].map(({ Id }) => Id)).toEqual([...ids].sort());
  expect(connection.limitInfo.apiUsage).toEqual({ used: 2, limit: 100_000 });
});

test('it writes collections and reads what became of each record', async () => {
  const { sandbox, connect, makeScoreField } = await startTestOrg();
  const field = await makeScoreField();
  const [good, locked] = [await sandbox.openCase(ANA_CASE), await sandbox.openCase(ANA_CASE)];
  await sandbox.lockCase(locked);
  const connection = await connect();
  const rows = await connection.sobject('Case').update([
    { Id: good, [field]: 2 },
    { Id: locked, [field]: 2 },
  ]);
  expect(rows).toEqual([
    { id: good, success: true, errors: [] },
    { success: false, errors: [expect.objectContaining({ statusCode: 'ENTITY_IS_LOCKED' })] },
  ]);
  expect(await sandbox.readCase(good)).toMatchObject({ score: 2, state: 'open' });
  expect(await sandbox.readCase(locked)).toMatchObject({ score: null, state: 'locked' });
});

test('it makes fields and list views through the Metadata API', async () => {
  const { connect, query } = await startTestOrg();
  const connection = await connect();
  const field = await connection.metadata.upsert('CustomField', {
    fullName: 'Case.CSAT_Score__c',
    label: 'CSAT score',
    type: 'Number',
    precision: 2,
    scale: 0,
  });
  expect(field).toMatchObject({ success: true, created: true, fullName: 'Case.CSAT_Score__c' });
  const view = {
    fullName: 'Case.Low_CSAT',
    label: 'Low CSAT',
    filterScope: 'Everything',
    columns: ['CASES.CASE_NUMBER', 'CSAT_Score__c'],
    filters: [{ field: 'CSAT_Score__c', operation: 'lessThan', value: '3' }],
  };
  for (const change of [
    { columns: ['Nothing__c'] },
    { filters: [{ ...view.filters[0], field: 'Nothing__c' }] },
    { colour: 'red' },
  ]) {
    expect(await connection.metadata.create('ListView', { ...view, ...change })).toMatchObject({
      success: false,
      errors: [{ statusCode: 'INVALID_FIELD' }],
    });
  }
  expect(await connection.metadata.create('ListView', view)).toMatchObject({ success: true });
  expect(await connection.metadata.create('ListView', view)).toMatchObject({
    success: false,
    errors: [{ statusCode: 'DUPLICATE_DEVELOPER_NAME' }],
  });
  const found = await query(
    "SELECT Name FROM ListView WHERE SobjectType = 'Case' AND DeveloperName = 'Low_CSAT'",
  );
  expect(found.body.records).toMatchObject([{ Name: 'Low CSAT' }]);
  connection.accessToken = 'revoked';
  await expect(connection.metadata.read('ListView', 'Case.Low_CSAT')).rejects.toThrow('INVALID_SESSION_ID');
});

test('it asks who it is, what changed, and page by page of a smaller size', async () => {
  const { sandbox, clock, connect } = await startTestOrg();
  const ids: string[] = [];
  for (let made = 0; made < 450; made += 1) ids.push(await sandbox.openCase(ANA_CASE));
  clock.advance(5 * 60_000);
  const connection = await connect();
  expect(await connection.identity()).toMatchObject({ username: 'robot@acme.example' });
  const changed = await connection.sobject('Case').updated('2026-11-21T09:59:00Z', '2026-11-21T10:02:00Z');
  expect(changed.ids).toEqual(ids);
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const page = await connection.query('SELECT Id FROM Case ORDER BY Id', { headers });
  expect(page.records).toHaveLength(200);
  const rest = await connection.query('SELECT Id FROM Case ORDER BY Id', {
    autoFetch: true,
    maxFetch: 1_000,
    headers,
  });
  expect(rest.records).toHaveLength(450);
});

test('it keeps records of its own in a custom object, by an external id, once it may', async () => {
  const { connect, sandbox } = await startTestOrg();
  const caseId = await sandbox.openCase(ANA_CASE);
  const connection = await connect();
  const made = await connection.metadata.create('CustomObject', {
    fullName: 'CSAT_Response__c',
    label: 'CSAT response',
    pluralLabel: 'CSAT responses',
    nameField: { label: 'Name', type: 'Text' },
    deploymentStatus: 'Deployed',
    sharingModel: 'ReadWrite',
    fields: [
      { fullName: 'Key__c', label: 'Key', type: 'Text', length: 80, externalId: true, unique: true },
      {
        fullName: 'Case__c',
        label: 'Case',
        type: 'Lookup',
        referenceTo: 'Case',
        relationshipName: 'Responses',
      },
    ],
  });
  expect(made).toMatchObject({ success: true });
  const upsert = () =>
    connection.sobject('CSAT_Response__c').upsert({ Key__c: 'one', Case__c: caseId }, 'Key__c');
  await expect(upsert()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  await expect(connection.query('SELECT Id FROM CSAT_Response__c')).rejects.toMatchObject({
    errorCode: 'INVALID_TYPE',
  });

  const set = await connection.sobject('PermissionSet').create({ Name: 'Caseloop', Label: 'Caseloop' });
  const ParentId = String(set.id);
  const all = { PermissionsRead: true, PermissionsEdit: true };
  const object = { ParentId, SobjectType: 'CSAT_Response__c', ...all, PermissionsCreate: true };
  await connection.sobject('ObjectPermissions').create(object);
  for (const name of ['Key__c', 'Case__c']) {
    const Field = `CSAT_Response__c.${name}`;
    await connection
      .sobject('FieldPermissions')
      .create({ ParentId, SobjectType: 'CSAT_Response__c', Field, ...all });
  }
  const AssigneeId = sandbox.idOf('Caseloop Robot');
  await connection.sobject('PermissionSetAssignment').create({ PermissionSetId: ParentId, AssigneeId });
  const first = await upsert();
  expect(first).toMatchObject({ success: true, created: true });
  expect(await upsert()).toMatchObject({ id: first.id, created: false });
  const again = connection.sobject('CSAT_Response__c').create({ Key__c: 'one' });
  await expect(again).rejects.toMatchObject({ errorCode: 'DUPLICATE_VALUE' });
  const soql = 'SELECT Key__c, Case__r.CaseNumber FROM CSAT_Response__c';
  expect((await connection.query(soql)).records).toMatchObject([
    { Key__c: 'one', Case__r: { CaseNumber: '00001001' } },
  ]);
});
