import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { SANDBOX_API_KEY } from './auth.ts';
import { basicAuth, startTestAccount } from './test-account.ts';

const REFUSAL = { code: 'invalid_credentials', message: 'You have to be logged in to perform this action.' };

test('only the key as user name with some password is let in', async () => {
  await using account = await startTestAccount();
  const ask = (authorization: string | null) =>
    account.raw(
      'GET',
      '/api/v2/agents/me',
      undefined,
      authorization === null ? {} : { Authorization: authorization },
    );
  expect((await ask(basicAuth(SANDBOX_API_KEY))).status).toBe(200);
  expect((await ask(basicAuth(SANDBOX_API_KEY, 'anything'))).body.contact.email).toBe('robot@acme.example');
  const wrong = [
    null,
    basicAuth('another key'),
    basicAuth('X', SANDBOX_API_KEY),
    basicAuth(SANDBOX_API_KEY, ''),
    `Basic ${Buffer.from(SANDBOX_API_KEY).toString('base64')}`,
    `Bearer ${SANDBOX_API_KEY}`,
    SANDBOX_API_KEY,
  ];
  for (const authorization of wrong) {
    const answer = await ask(authorization);
    expect([answer.status, answer.body]).toEqual([401, REFUSAL]);
    expect(answer.headers.get('x-ratelimit-remaining')).toBeNull();
  }
});

test('ten wrong keys in a row shut the door for half an hour, for the right key too', async () => {
  await using account = await startTestAccount();
  const knock = () =>
    account.raw('GET', '/api/v2/agents/me', undefined, { Authorization: basicAuth('wrong') });
  const statuses: number[] = [];
  for (let count = 0; count < 9; count += 1) statuses.push((await knock()).status);
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect((await account.call('GET', '/agents/me')).status).toBe(200);
  for (let count = 0; count < 9; count += 1) expect((await knock()).status).toBe(401);
  expect((await knock()).body.code).toBe('password_lockout');
  const shut = await account.call('GET', '/agents/me');
  expect([shut.status, shut.body.code]).toEqual([403, 'password_lockout']);
  account.clock.advance(30 * MINUTE_MS);
  expect((await account.call('GET', '/agents/me')).status).toBe(200);
});

test('a key that was taken back is refused until it is given again', async () => {
  await using account = await startTestAccount();
  account.sandbox.setApiKeyAccepted(false);
  expect((await account.call('GET', '/agents/me')).status).toBe(401);
  account.sandbox.setApiKeyAccepted(true);
  expect((await account.call('GET', '/agents/me')).status).toBe(200);
});

test('what only admins may is refused to agents', async () => {
  await using account = await startTestAccount();
  account.sandbox.setApiAgentRole('agent');
  const refused = await account.call('GET', '/admin/ticket_fields');
  expect([refused.status, refused.body.code]).toEqual([403, 'access_denied']);
  expect((await account.call('GET', '/ticket_fields')).status).toBe(200);
});
