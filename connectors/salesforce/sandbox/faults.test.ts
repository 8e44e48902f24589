import { expect, test } from 'vitest';
import { DAY_MS } from '../../../src/clock.ts';
import type { SalesforceFaultKind } from './faults.ts';
import { ANA_CASE, FORM, startTestOrg } from './test-org.ts';

test.each<[SalesforceFaultKind, number, string, string | null]>([
  ['401', 401, 'INVALID_SESSION_ID', null],
  ['403', 403, 'INSUFFICIENT_ACCESS', null],
  ['404', 404, 'NOT_FOUND', null],
  ['409', 400, 'UNABLE_TO_LOCK_ROW', null],
  ['420', 420, 'SERVER_UNAVAILABLE', null],
  ['422', 400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', null],
  ['429', 429, 'REQUEST_LIMIT_EXCEEDED', '1'],
  ['429 without Retry-After', 403, 'REQUEST_LIMIT_EXCEEDED', null],
  ['limit exceeded', 403, 'REQUEST_LIMIT_EXCEEDED', null],
  ['row locked', 400, 'UNABLE_TO_LOCK_ROW', null],
  ['500', 500, 'UNKNOWN_EXCEPTION', null],
  ['503', 503, 'SERVER_UNAVAILABLE', '1'],
])('%s is %i %s, once', async (kind, status, errorCode, retryAfter) => {
  const { sandbox, call } = await startTestOrg();
  await call('GET', '/limits');
  sandbox.fail({ kind });
  const answer = await call('GET', '/limits');
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status, body: [{ errorCode }] });
  expect(answer.headers.get('retry-after')).toBe(retryAfter);
  expect((await call('GET', '/limits')).status).toBe(200);
  expect(sandbox.requests.map((one) => one.status)).toEqual([200, 200, status, 200]);
});

test('pages, moves, cut answers, silence and lost replies', async () => {
  const { sandbox, call } = await startTestOrg();
  const caseId = await sandbox.openCase(ANA_CASE);
  sandbox.fail({ kind: 'html body' });
  const page = await call('GET', '/limits');
  expect(page.status).toBe(420);
  expect(page.body).toContain('hit a snag');
  sandbox.fail({ kind: 'moved' });
  expect((await call('GET', '/limits')).status).toBe(302);
  sandbox.fail({ kind: 'cut json' });
  await expect(call('GET', '/limits')).rejects.toThrow(SyntaxError);

  sandbox.fail({ kind: 'hang', on: /GET .*limits$/ });
  const impatient = AbortSignal.timeout(100);
  const hanging = fetch(`${sandbox.url}/services/data/v67.0/limits`, { signal: impatient });
  await expect(hanging).rejects.toThrow();

  // A write without a body in its answer can be cut too.
  for (const [kind, Priority] of [
    ['reply lost', 'High'],
    ['cut json', 'Low'],
  ] as const) {
    sandbox.fail({ kind });
    await expect(call('PATCH', `/sobjects/Case/${caseId}`, { Priority })).rejects.toThrow();
    expect((await call('GET', `/sobjects/Case/${caseId}?fields=Priority`)).body.Priority).toBe(Priority);
  }
});

test('tokens and streams go wrong only when they are named; healing ends it all', async () => {
  const { sandbox, raw, call } = await startTestOrg();
  const mint = () =>
    raw('POST', '/services/oauth2/token', 'grant_type=client_credentials&client_id=x&client_secret=y', FORM);
  sandbox.fail({ kind: '500', times: 9 });
  expect((await mint()).status).toBe(400);
  expect((await call('GET', '/limits')).status).toBe(500);
  sandbox.heal();
  expect((await call('GET', '/limits')).status).toBe(200);
  sandbox.fail({ kind: '422', on: /oauth2\/token$/ });
  expect((await mint()).body).toEqual({ error: 'invalid_request' });
  sandbox.fail({ kind: '503', on: /cometd/ });
  expect((await raw('POST', '/cometd/67.0', [{ channel: '/meta/handshake' }])).status).toBe(503);
});

test('the Metadata API goes wrong in its own words', async () => {
  const { sandbox, connect } = await startTestOrg();
  const connection = await connect();
  sandbox.fail({ kind: '409' });
  await expect(connection.metadata.read('ListView', 'Case.Low_CSAT')).rejects.toThrow('UNABLE_TO_LOCK_ROW');
});

test('every answer tells how much of the day is used; over it there is nothing', async () => {
  const { sandbox, clock, call } = await startTestOrg({ dailyApiRequests: 3, sessionMs: 3 * DAY_MS });
  expect((await call('GET', '/limits')).headers.get('sforce-limit-info')).toBe('api-usage=1/3');
  expect((await call('GET', '/nothing')).headers.get('sforce-limit-info')).toBe('api-usage=2/3');
  expect((await call('GET', '/limits')).body.DailyApiRequests).toEqual({ Max: 3, Remaining: 0 });
  expect(await call('GET', '/limits')).toMatchObject({
    status: 403,
    body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
  });
  clock.advance(DAY_MS);
  expect((await call('GET', '/limits')).headers.get('sforce-limit-info')).toBe('api-usage=1/3');
  sandbox.setUsage({ used: 90_000, allowance: 100_000 });
  expect((await call('GET', '/limits')).headers.get('sforce-limit-info')).toBe('api-usage=90001/100000');
});
