import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '../../../src/clock.ts';
import { ANA_CASE, startTestAccount, type TestAccount } from './test-account.ts';

const ids = async ({ call }: TestAccount, query: string): Promise<number[]> =>
  (await call('GET', `/tickets${query}`)).body.map(({ id }: { id: number }) => id);

test('without updated_since only what was created within 30 days is listed, newest first', async () => {
  await using account = await startTestAccount();
  const old = Number(await account.sandbox.openCase(ANA_CASE));
  account.clock.advance(29 * DAY_MS);
  const recent = Number(await account.sandbox.openCase(ANA_CASE));
  account.clock.advance(2 * DAY_MS);
  await account.sandbox.closeCase(String(old));
  expect(await ids(account, '')).toEqual([recent]);
  expect(await ids(account, '?updated_since=2026-11-01')).toEqual([recent, old]);
});

test('updated_since is inclusive to the second, and equal seconds keep an order', async () => {
  await using account = await startTestAccount();
  const made: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    made.push(
      Number(await account.sandbox.openCase(ANA_CASE)),
      Number(await account.sandbox.openCase(ANA_CASE)),
    );
    account.clock.advance(SECOND_MS);
  }
  const asc = '&order_by=updated_at&order_type=asc';
  expect(await ids(account, `?updated_since=2026-11-21T10:00:01Z${asc}`)).toEqual(made.slice(2));
  expect(await ids(account, `?updated_since=2026-11-21T10:00:03Z${asc}`)).toEqual([]);
  const [first = 0] = made;
  await account.sandbox.closeCase(String(first));
  expect(await ids(account, `?updated_since=2026-11-21T10:00:01Z${asc}`)).toEqual([...made.slice(2), first]);
});

test('pages: 30 rows by default, at most 100, a link to the next, none on the last, a wall after 300', async () => {
  await using account = await startTestAccount();
  account.sandbox.openClosedCases(130);
  const first = await account.call('GET', '/tickets?order_by=updated_at&order_type=asc');
  expect(first.body).toHaveLength(30);
  const next = /^<(.+)>;rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const { pathname, searchParams } = new URL(next);
  expect([pathname, searchParams.get('page'), searchParams.get('order_by')]).toEqual([
    '/api/v2/tickets',
    '2',
    'updated_at',
  ]);
  const last = await account.call('GET', '/tickets?per_page=100&page=2');
  expect([last.body.length, last.headers.get('link')]).toEqual([30, null]);
  expect(await ids(account, '?page=300')).toEqual([]);
  for (const [query, field] of [
    ['?per_page=101', 'per_page'],
    ['?per_page=0', 'per_page'],
    ['?page=x', 'page'],
    ['?page=301', 'page'],
  ]) {
    const refused = await account.call('GET', `/tickets${query}`);
    expect([refused.status, refused.body.errors[0].field]).toEqual([400, field]);
  }
});

test('a row that moves while pages are read takes another one out of sight', async () => {
  await using account = await startTestAccount();
  const made = account.sandbox.openClosedCases(4);
  const page = (number: number) =>
    ids(account, `?updated_since=2026-11-21&order_by=updated_at&order_type=asc&per_page=2&page=${number}`);
  expect(await page(1)).toEqual(made.slice(0, 2).map(Number));
  account.clock.advance(SECOND_MS);
  account.sandbox.bulkTouch(1);
  expect(await page(2)).toEqual([made[3], made[0]].map(Number));
});

test('spam, deleted and archived tickets are in no list; two of them have a filter', async () => {
  await using account = await startTestAccount();
  const made = account.sandbox.openClosedCases(4).map(Number);
  const [spam = 0, deleted = 0, archived = 0, living = 0] = made;
  await account.sandbox.markSpam(String(spam));
  await account.sandbox.deleteCase(String(deleted));
  await account.sandbox.lockCase(String(archived));
  expect(await ids(account, '?updated_since=2026-11-21')).toEqual([living]);
  expect(await ids(account, '?filter=spam')).toEqual([spam]);
  expect(await ids(account, '?filter=deleted')).toEqual([deleted]);
});

test('what is included stands beside the ticket, and nothing else does', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  await account.sandbox.closeCase(id, { as: 'closed' });
  const [bare] = (await account.call('GET', '/tickets')).body;
  for (const key of ['stats', 'requester', 'company', 'description', 'deleted'])
    expect(bare).not.toHaveProperty(key);
  const [full] = (await account.call('GET', '/tickets?include=stats,requester,company,description')).body;
  expect(full).toMatchObject({
    stats: { resolved_at: '2026-11-21T10:00:00Z', closed_at: '2026-11-21T10:00:00Z', reopened_at: null },
    requester: { name: 'Ana Example', email: 'ana@example.org', mobile: null, phone: null },
    company: { name: 'Example Works' },
    description_text: 'Cannot log in',
    product_id: null,
    source: 1,
  });
});

test('other filters and orders', async () => {
  await using account = await startTestAccount();
  const { sandbox } = account;
  const anas = Number(await sandbox.openCase(ANA_CASE));
  const bens = Number(
    await sandbox.openCase({ subject: 'Refund', requester: { name: 'Ben', email: 'ben@example.org' } }),
  );
  await sandbox.closeCase(String(anas));
  expect(await ids(account, '?email=BEN@example.org')).toEqual([bens]);
  const [{ requester_id: benId }] = (await account.call('GET', '/tickets?email=ben@example.org')).body;
  expect(await ids(account, `?requester_id=${benId}`)).toEqual([bens]);
  expect(await ids(account, '?order_by=status&order_type=asc')).toEqual([bens, anas]);
  expect((await account.call('GET', '/tickets?email=nobody@example.org')).status).toBe(400);
});

test('31,000 tickets that change over an hour, up to 90 in a second, are listed page by page without delay', async () => {
  await using account = await startTestAccount();
  const { sandbox, clock } = account;
  sandbox.openClosedCases(31_000);
  let touched = 0;
  for (let second = 0; second < 3_600; second += 1) {
    clock.advance(SECOND_MS);
    touched += sandbox.bulkTouch(second % 36 === 0 ? 90 : 7).length;
  }
  sandbox.setLimits({ account: 10_000, 'ticket list': 1_000 });
  expect(touched).toBe(33_500);
  const seen = new Set<number>();
  for (let page = 1; page <= 300; page += 1) {
    const query = `?updated_since=2026-11-21T10:00:01Z&order_by=updated_at&order_type=asc&per_page=100&page=${page}`;
    for (const id of await ids(account, query)) seen.add(id);
    // What moves goes behind the wall, and the order is made anew.
    if (page % 50 === 0) sandbox.bulkTouch(1);
  }
  expect(seen.size).toBe(30_000);
}, 60_000);
