import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test.each([
  ['401', 401, 'invalid_credentials'],
  ['403', 403, 'access_denied'],
  ['404', 404, null],
  ['409', 409, 'inconsistent_state'],
  ['422', 422, 'invalid_value'],
  ['429', 429, undefined],
  ['429 without Retry-After', 429, undefined],
  ['500', 500, 'internal_error'],
  ['503', 503, null],
] as const)('%s: the request is answered so and has no effect', async (kind, status, code) => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  account.sandbox.fail({ kind });
  const answer = await account.call('PUT', `/tickets/${id}`, { subject: 'changed' });
  expect(answer.status).toBe(status);
  if (code === null) expect(answer.body).toBe('');
  else if (code === undefined) expect(answer.body.message).toMatch(/exceeded/);
  else expect(answer.body.code ?? answer.body.errors[0].code).toBe(code);
  const hasWait = status === 503 || kind === '429';
  expect(answer.headers.get('retry-after')).toBe(hasWait ? '1' : null);
  expect((await account.call('GET', `/tickets/${id}`)).body.subject).toBe(ANA_CASE.subject);
});

test('an edge error is HTML', async () => {
  await using account = await startTestAccount();
  account.sandbox.fail({ kind: 'html body' });
  const html = await account.call('GET', '/tickets');
  expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
  expect((await account.call('GET', '/tickets')).status).toBe(200);
});

test('reply lost: the write took effect, then the connection drops', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  account.sandbox.fail({ kind: 'reply lost' });
  await expect(account.call('PUT', `/tickets/${id}`, { subject: 'changed' })).rejects.toThrow('fetch failed');
  expect(account.sandbox.requests.at(-1)).toMatchObject({
    ...{ method: 'PUT', path: `/api/v2/tickets/${id}`, status: 0 },
  });
  expect((await account.call('GET', `/tickets/${id}`)).body.subject).toBe('changed');
});

test('cut json: half a body that claims to be JSON', async () => {
  await using account = await startTestAccount();
  account.sandbox.fail({ kind: 'cut json' });
  await expect(account.call('GET', '/groups')).rejects.toThrow(SyntaxError);
});

test('hang: nothing comes until the caller goes away', async () => {
  await using account = await startTestAccount();
  account.sandbox.fail({ kind: 'hang' });
  const signal = AbortSignal.timeout(50);
  await expect(fetch(`${account.sandbox.url}/api/v2/tickets`, { signal })).rejects.toThrow('timeout');
  expect(account.sandbox.requests.at(-1)?.status).toBe(0);
});

test('a fault meets only the requests that match, as often as asked', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  account.sandbox.fail({ kind: '409', on: /^PUT \/api\/v2\/tickets\//, times: 2 });
  const update = async () => (await account.call('PUT', `/tickets/${id}`, { subject: 'x' })).status;
  expect((await account.call('GET', `/tickets/${id}`)).status).toBe(200);
  expect([await update(), await update(), await update()]).toEqual([409, 409, 200]);
  account.sandbox.fail({ kind: '500' });
  expect((await account.raw('GET', '/a/tickets')).status).toBe(200);
  expect((await account.call('GET', '/groups')).status).toBe(500);
  account.sandbox.fail({ kind: '500', times: 100 });
  account.sandbox.heal();
  expect((await account.call('GET', '/groups')).status).toBe(200);
});
