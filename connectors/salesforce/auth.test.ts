import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { AuthError, ConfigError, RetryableError } from '../../src/errors.ts';
import { CASE, connectTo, memoryTokens, NOW, refusal, startScriptedOrg, tokenBody } from './scripted-org.ts';

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail('expected the call to fail'),
    (error: unknown) => error,
  );

test('client credentials go as a form, and the token is shared and used', async () => {
  await using org = await startScriptedOrg();
  const tokens = memoryTokens();
  await connectTo(org, {}, { tokens }).fetch([CASE]);
  await connectTo(org, {}, { tokens }).fetch([CASE]);
  const [minted, ...others] = org.calls('POST /services/oauth2/token');
  expect(others).toEqual([]);
  expect(Object.fromEntries(new URLSearchParams(minted?.text))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'consumer-key',
    client_secret: 'consumer-secret',
  });
  expect(org.calls('GET ~/queryAll')[0]?.headers).toMatchObject({
    authorization: 'Bearer 00Dxx!token-1',
    'sforce-call-options': 'client=caseloop',
  });
});

test('a JWT is signed with RS256, for the user, for login.salesforce.com, and ends within three minutes', async () => {
  await using org = await startScriptedOrg();
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const auth = { clientId: 'consumer-key', username: 'bot@acme.example', privateKey: pem };
  await connectTo(org, { auth }).fetch([CASE]);
  const form = new URLSearchParams(org.calls('POST /services/oauth2/token')[0]?.text);
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(read(header)).toEqual({ alg: 'RS256' });
  const { exp, ...rest } = read(claims);
  expect(rest).toEqual({ iss: 'consumer-key', sub: 'bot@acme.example', aud: 'https://login.salesforce.com' });
  expect(exp - NOW.getTime() / 1_000).toBeGreaterThan(0);
  expect(exp - NOW.getTime() / 1_000).toBeLessThanOrEqual(180);
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(key, signature, 'base64url')).toBe(
    true,
  );
});

test('a token that ended is minted once more, and the same call made again', async () => {
  await using org = await startScriptedOrg();
  let minted = 0;
  org.on('POST /services/oauth2/token', () => {
    minted += 1;
    return { body: tokenBody(minted) };
  });
  org.on('GET ~/queryAll', ({ headers }) =>
    headers.authorization === 'Bearer 00Dxx!token-1'
      ? { status: 401, body: refusal('INVALID_SESSION_ID', 'Session expired or invalid') }
      : { body: { done: true, records: [] } },
  );
  await connectTo(org).fetch([CASE]);
  expect(minted).toBe(2);
  expect(org.calls('GET ~/queryAll')).toHaveLength(2);
});

test.each(['Connected app is not attached to Agent', 'This session is not valid for use with the REST API'])(
  'a 401 that says "%s" is not the end of a token: nothing is minted',
  async (words) => {
    await using org = await startScriptedOrg();
    org.on('GET ~/queryAll', { status: 401, body: refusal('INVALID_SESSION_ID', words) });
    const error = await failureOf(connectTo(org).fetch([CASE]));
    expect(error).toBeInstanceOf(AuthError);
    expect((error as AuthError).fix).toContain('a new token would not help');
    expect(org.calls('POST /services/oauth2/token')).toHaveLength(1);
    expect(org.calls('GET ~/queryAll')).toHaveLength(1);
  },
);

test('a refusal that outlives a new token is an AuthError after one more call', async () => {
  await using org = await startScriptedOrg();
  org.on('GET ~/queryAll', { status: 401, body: refusal('INVALID_SESSION_ID') });
  expect(await failureOf(connectTo(org).fetch([CASE]))).toBeInstanceOf(AuthError);
  expect(org.calls('GET ~/queryAll')).toHaveLength(2);
});

test.each([
  ['an unknown app', { status: 400, body: { error: 'invalid_client_id' } }, AuthError],
  ['a wrong secret, without a description', { status: 400, body: { error: 'invalid_client' } }, AuthError],
  [
    'an end of the grant',
    { status: 400, body: { error: 'invalid_grant', error_description: 'inactive user' } },
    AuthError,
  ],
  ['a forbidden app', { status: 403, body: { error: 'invalid_grant' } }, AuthError],
  [
    'another address',
    { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' },
    ConfigError,
  ],
  ['a page', { status: 200, body: '<html>secret page</html>' }, RetryableError],
  ['an answer without a token', { status: 200, body: { token_type: 'Bearer' } }, AuthError],
  ['trouble', { status: 503, body: '' }, RetryableError],
] as const)('a token request that meets %s', async (_, answer, kind) => {
  await using org = await startScriptedOrg();
  org.on('POST /services/oauth2/token', answer);
  const error = await failureOf(connectTo(org).fetch([CASE]));
  expect(error).toBeInstanceOf(kind);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/consumer-secret|secret page/);
  expect(org.seen).toHaveLength(1);
});

test('a user whom the app does not admit is told apart', async () => {
  await using org = await startScriptedOrg();
  org.on('POST /services/oauth2/token', {
    status: 400,
    body: { error: 'invalid_grant', error_description: "user hasn't approved this consumer" },
  });
  expect(await failureOf(connectTo(org).fetch([CASE]))).toMatchObject({
    fix: expect.stringContaining('pre-authorized'),
  });
});

test('other credentials in the configuration mint another token', async () => {
  await using org = await startScriptedOrg();
  const tokens = memoryTokens();
  await connectTo(org, {}, { tokens }).fetch([CASE]);
  await connectTo(org, { auth: { clientId: 'consumer-key', clientSecret: 'rotated' } }, { tokens }).fetch([
    CASE,
  ]);
  expect(org.calls('POST /services/oauth2/token')).toHaveLength(2);
});
