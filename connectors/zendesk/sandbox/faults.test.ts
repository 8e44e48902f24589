import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test.each([
  ['401', 401, 'invalid_token'],
  ['403', 403, undefined],
  ['404', 404, 'RecordNotFound'],
  ['409', 409, 'DatabaseConflict'],
  ['422', 422, 'RecordInvalid'],
  ['429', 429, 'APIRateLimitExceeded'],
  ['429 without Retry-After', 429, 'APIRateLimitExceeded'],
  ['503', 503, 'DatabaseDeadlock'],
] as const)('%s: the request is answered so and has no effect', async (kind, status, error) => {
  const { call, sandbox } = await startTestAccount();
  const id = await sandbox.openCase(ANA_CASE);
  sandbox.fail({ kind });
  const answer = await call('PUT', `/tickets/${id}`, { ticket: { subject: 'changed' } });
  expect(answer.status).toBe(status);
  if (error === undefined) expect(answer.body.error.title).toBe('Forbidden');
  else expect(answer.body.error).toBe(error);
  const hasWait = status === 503 || kind === '429';
  expect(answer.headers.get('retry-after')).toBe(hasWait ? '1' : null);
  expect((await call('GET', `/tickets/${id}`)).body.ticket.subject).toBe(ANA_CASE.subject);
});

test('500 is plain text, an edge error is HTML', async () => {
  const { call, sandbox } = await startTestAccount();
  sandbox.fail({ kind: '500' });
  sandbox.fail({ kind: 'html body' });
  const plain = await call('GET', '/tickets');
  expect([plain.status, plain.headers.get('content-type')]).toEqual([500, 'text/plain; charset=utf-8']);
  const html = await call('GET', '/tickets');
  expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
  expect((await call('GET', '/tickets')).status).toBe(200);
});

test('reply lost: the write took effect, then the connection drops', async () => {
  const { call, sandbox } = await startTestAccount();
  const id = await sandbox.openCase(ANA_CASE);
  sandbox.fail({ kind: 'reply lost' });
  await expect(call('PUT', `/tickets/${id}`, { ticket: { subject: 'changed' } })).rejects.toThrow(
    'fetch failed',
  );
  expect(sandbox.requests.at(-1)).toMatchObject({ method: 'PUT', path: `/api/v2/tickets/${id}`, status: 0 });
  expect((await call('GET', `/tickets/${id}`)).body.ticket.subject).toBe('changed');
});

test('cut json: half a body that claims to be JSON', async () => {
  const { call, sandbox } = await startTestAccount();
  sandbox.fail({ kind: 'cut json' });
  await expect(call('GET', '/tickets')).rejects.toThrow(SyntaxError);
});

test('hang: nothing comes until the caller goes away', async () => {
  const { sandbox } = await startTestAccount();
  sandbox.fail({ kind: 'hang' });
  const signal = AbortSignal.timeout(50);
  await expect(fetch(`${sandbox.url}/api/v2/tickets`, { signal })).rejects.toThrow('timeout');
  expect(sandbox.requests.at(-1)?.status).toBe(0);
});

test('a fault meets only the requests that match, as often as asked', async () => {
  const { call, sandbox } = await startTestAccount();
  const id = await sandbox.openCase(ANA_CASE);
  sandbox.fail({ kind: '409', on: /^PUT \/api\/v2\/tickets\//, times: 2 });
  const update = async () => (await call('PUT', `/tickets/${id}`, { ticket: { subject: 'x' } })).status;
  expect((await call('GET', `/tickets/${id}`)).status).toBe(200);
  expect([await update(), await update(), await update()]).toEqual([409, 409, 200]);
});

test('minting a token goes wrong only when it is named', async () => {
  const { raw, sandbox } = await startTestAccount();
  sandbox.fail({ kind: '500' });
  expect((await raw('POST', '/oauth/tokens', {})).status).toBe(401);
  sandbox.fail({ kind: '503', on: /oauth/ });
  expect((await raw('POST', '/oauth/tokens', {})).status).toBe(503);
});
