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
