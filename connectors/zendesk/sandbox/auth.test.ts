import { describe, expect, test } from 'vitest';
import { SANDBOX_API_TOKEN, SANDBOX_CLIENT } from './auth.ts';
import { API_USER_EMAIL } from './state.ts';
import { ANA_CASE, startTestAccount } from './test-account.ts';

const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const CLIENT = { client_id: SANDBOX_CLIENT.clientId, client_secret: SANDBOX_CLIENT.clientSecret };

describe('credentials', () => {
  test('without or with wrong ones users/me answers 200 with nobody, and everything else 401', async () => {
    const { raw } = await startTestAccount();
    for (const headers of [{}, bearer('wrong'), basic(`${API_USER_EMAIL}/token:wrong`)]) {
      const me = await raw('GET', '/api/v2/users/me.json', undefined, headers);
      expect(me.status).toBe(200);
      expect(me.body.user).toMatchObject({ id: null, name: 'Anonymous user' });
    }
    const none = await raw('GET', '/api/v2/tickets.json?page[size]=1');
    expect([none.status, none.body]).toEqual([401, { error: "Couldn't authenticate you" }]);
    const wrong = await raw('GET', '/api/v2/tickets.json?page[size]=1', undefined, bearer('wrong'));
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_token']);
  });

  test('an existing API token works with an agent address, a password does not', async () => {
    const { raw, sandbox } = await startTestAccount();
    await sandbox.openCase(ANA_CASE);
    const probe = (text: string) => raw('GET', '/api/v2/tickets.json', undefined, basic(text));
    expect((await probe(`${API_USER_EMAIL}/token:${SANDBOX_API_TOKEN}`)).status).toBe(200);
    expect((await probe(`${API_USER_EMAIL}:${SANDBOX_API_TOKEN}`)).status).toBe(401);
    expect((await probe(`ana@example.org/token:${SANDBOX_API_TOKEN}`)).status).toBe(401);
  });

  test('a refresh token works once and takes the old access token with it', async () => {
    const { raw, sandbox } = await startTestAccount();
    const refresh = (token: string) =>
      raw('POST', '/oauth/tokens', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token });
    const probe = (token: string) => raw('GET', '/api/v2/tickets.json', undefined, bearer(token));
    const first = await refresh(sandbox.issueRefreshToken('read write'));
    expect(first.body).toMatchObject({ token_type: 'bearer', scope: 'read write', expires_in: 1800 });
    expect((await probe(first.body.access_token)).status).toBe(200);
    const second = await refresh(first.body.refresh_token);
    expect(second.status).toBe(200);
    expect((await probe(first.body.access_token)).status).toBe(401);
    expect((await probe(second.body.access_token)).status).toBe(200);
    const again = await refresh(first.body.refresh_token);
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
  });

  test('access tokens die after their time', async () => {
    const { call, clock } = await startTestAccount();
    expect((await call('GET', '/tickets')).status).toBe(200);
    clock.advance(30 * 60_000);
    expect((await call('GET', '/tickets')).status).toBe(401);
  });

  test('a wrong client secret is refused', async () => {
    const { raw } = await startTestAccount();
    const answer = await raw('POST', '/oauth/tokens', {
      ...CLIENT,
      client_secret: 'wrong',
      grant_type: 'client_credentials',
      scope: 'read',
    });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });
});

describe('scopes', () => {
  test('each resource needs its own; write covers read', async () => {
    const { raw, token } = await startTestAccount();
    const headers = bearer(await token('tickets:write users:read'));
    expect((await raw('GET', '/api/v2/tickets', undefined, headers)).status).toBe(200);
    expect((await raw('GET', '/api/v2/users', undefined, headers)).status).toBe(200);
    expect((await raw('GET', '/api/v2/webhooks', undefined, headers)).status).toBe(403);
    const reader = bearer(await token('read'));
    expect((await raw('GET', '/api/v2/webhooks', undefined, reader)).status).toBe(200);
    expect((await raw('POST', '/api/v2/tickets', { ticket: {} }, reader)).status).toBe(403);
  });

  test('an unknown scope is granted, and then every call is refused', async () => {
    const { raw, token } = await startTestAccount();
    const headers = bearer(await token('tickets:read ticket_fields:read'));
    const answer = await raw('GET', '/api/v2/tickets', undefined, headers);
    expect(answer.status).toBe(403);
  });

  test('an agent is refused what only admins may', async () => {
    const { call, sandbox } = await startTestAccount();
    sandbox.setApiUserRole('agent');
    expect((await call('GET', '/tickets')).status).toBe(200);
    const refused = await call('GET', '/incremental/tickets/cursor?start_time=0');
    expect([refused.status, refused.body.error.title]).toEqual([403, 'Forbidden']);
  });
});
