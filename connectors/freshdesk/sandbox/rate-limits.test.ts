import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, NEW_TICKET, startTestAccount } from './test-account.ts';

test('a call costs one credit; an include two on the list and one on a ticket', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const costs: [string, number][] = [
    ['/tickets', 1],
    ['/tickets?include=stats', 3],
    ['/tickets?include=stats,requester', 5],
    [`/tickets/${id}`, 1],
    [`/tickets/${id}?include=stats,requester`, 3],
    ['/no-such-thing', 1],
  ];
  let remaining = 700;
  for (const [path, credits] of costs) {
    const { headers } = await account.call('GET', path);
    remaining -= credits;
    expect(headers.get('x-ratelimit-total')).toBe('700');
    expect(headers.get('x-ratelimit-used-currentrequest')).toBe(String(credits));
    expect(headers.get('x-ratelimit-remaining')).toBe(String(remaining));
    expect(headers.get('x-freshdesk-api-version')).toBe('latest=v2; requested=v2');
  }
  expect(account.sandbox.requests.map(({ credits }) => credits)).toEqual(costs.map(([, credits]) => credits));
});

test('without credits left: 429 with nothing but Retry-After, until the minute is over', async () => {
  await using account = await startTestAccount({ plan: 'trial' });
  account.clock.advance(20_000);
  for (let count = 0; count < 48; count += 1) await account.call('GET', '/groups');
  expect((await account.call('GET', '/tickets?include=stats')).status).toBe(429);
  expect((await account.call('GET', '/groups')).headers.get('x-ratelimit-remaining')).toBe('1');
  await account.call('GET', '/groups');
  const refused = await account.call('GET', '/groups');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '40']);
  expect(refused.headers.get('x-ratelimit-remaining')).toBeNull();
  expect(refused.body.message).toMatch(/exceeded/);
  account.clock.advance(40_000);
  expect((await account.call('GET', '/groups')).status).toBe(200);
});

test.each([
  ['ticket list', 'GET', '/tickets', undefined],
  ['contact list', 'GET', '/contacts', undefined],
  ['ticket create', 'POST', '/tickets', NEW_TICKET],
  ['ticket update', 'PUT', '/tickets/21001', { priority: 2 }],
] as const)('%s has a limit of its own, while the account has credits', async (name, method, path, body) => {
  await using account = await startTestAccount();
  await account.sandbox.openCase(ANA_CASE);
  account.sandbox.setLimits({ [name]: 2 });
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await account.call(method, path, body)).status);
  const good = method === 'POST' ? 201 : 200;
  expect(statuses).toEqual([good, good, 429]);
  const refused = await account.call(method, path, body);
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(Number((await account.call('GET', '/groups')).headers.get('x-ratelimit-remaining'))).toBeGreaterThan(
    600,
  );
  account.clock.advance(MINUTE_MS);
  expect((await account.call(method, path, body)).status).toBe(good);
});

test('the plans are those of January 2026', async () => {
  await using account = await startTestAccount({ plan: 'growth' });
  for (let count = 0; count < 20; count += 1) await account.call('GET', '/tickets');
  const refused = await account.call('GET', '/tickets');
  expect(refused.status).toBe(429);
  expect((await account.call('GET', '/groups')).headers.get('x-ratelimit-total')).toBe('200');
});
