import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, startTestAccount, type TestAccount } from './test-account.ts';

const find = async ({ call }: TestAccount, query: string, page = 1) =>
  call('GET', `/search/tickets?query=${encodeURIComponent(query)}&page=${page}`);

const idsFound = async (account: TestAccount, query: string): Promise<string[]> =>
  (await find(account, query)).body.results.map(({ id }: { id: number }) => String(id));

test('finds by fields, combined and in brackets; dates by the day', async () => {
  await using account = await startTestAccount();
  const ref = await account.makeField('CSAT ref', 'custom_text');
  const [open, vip, closed] = [
    await account.sandbox.openCase(ANA_CASE),
    await account.sandbox.openCase({ ...ANA_CASE, tags: ['vip'] }),
    await account.sandbox.openCase(ANA_CASE),
  ];
  await account.sandbox.closeCase(closed);
  await account.call('PUT', `/tickets/${vip}`, { custom_fields: { [ref]: 'caseloop:1' } });
  account.clock.advance(10 * MINUTE_MS);
  expect(await idsFound(account, '"status:4 OR status:5"')).toEqual([closed]);
  expect(await idsFound(account, '"(status:2 OR status:3) AND tag:\'vip\'"')).toEqual([vip]);
  expect(await idsFound(account, `"${ref}:'caseloop:1'"`)).toEqual([vip]);
  expect(await idsFound(account, `"${ref}:null AND status:2"`)).toEqual([open]);
  expect(await idsFound(account, '"created_at:>\'2026-11-21\'"')).toEqual([open, vip, closed]);
  expect(await idsFound(account, '"created_at:<\'2026-11-20\'"')).toEqual([]);
});

test('is minutes behind, and blind to what is archived, deleted or spam', async () => {
  await using account = await startTestAccount();
  const made = account.sandbox.openClosedCases(4);
  const [archived = '', deleted = '', spam = '', living] = made;
  expect(await idsFound(account, '"status:4"')).toEqual([]);
  await account.sandbox.lockCase(archived);
  await account.sandbox.deleteCase(deleted);
  await account.sandbox.markSpam(spam);
  account.clock.advance(10 * MINUTE_MS);
  expect(await idsFound(account, '"status:4 OR status:5"')).toEqual([living]);
});

test('30 a page, ten pages', async () => {
  await using account = await startTestAccount();
  account.sandbox.openClosedCases(31);
  account.clock.advance(10 * MINUTE_MS);
  const second = await find(account, '"status:4"', 2);
  expect([second.body.total, second.body.results.length]).toEqual([31, 1]);
  expect((await find(account, '"status:4"', 11)).status).toBe(400);
});

test.each([
  'status:4',
  '"status:"',
  '"status:4 AND"',
  '"(status:4"',
  '"status:4 status:5"',
  '"subject:\'x\'"',
  '"requester_id:1"',
  `"${'status:4 OR '.repeat(50)}status:4"`,
])('refuses %s', async (query) => {
  await using account = await startTestAccount();
  expect((await find(account, query)).status).toBe(400);
});
