import { createSign, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { HOUR_MS } from '../../../src/clock.ts';
import { SANDBOX_CLIENT } from './auth.ts';
import { FORM, startTestOrg, type TestOrg } from './test-org.ts';

const { clientId, clientSecret } = SANDBOX_CLIENT;
const CLIENT_GRANT = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };

function mint({ raw }: TestOrg, form: Record<string, string>, headers: Record<string, string> = {}) {
  return raw('POST', '/services/oauth2/token', new URLSearchParams(form).toString(), { ...FORM, ...headers });
}

test('client credentials give a token without an end and without a refresh token', async () => {
  const org = await startTestOrg();
  const { status, body } = await mint(org, CLIENT_GRANT);
  expect(status).toBe(200);
  expect(Object.keys(body).sort()).toEqual([
    'access_token',
    'id',
    'instance_url',
    'issued_at',
    'signature',
    'token_format',
    'token_type',
  ]);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    instance_url: org.sandbox.url,
    issued_at: '1795255200789',
  });
  expect(body.access_token).toMatch(/^00D\w{12}!/);
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const byHeader = await mint(org, { grant_type: 'client_credentials' }, { Authorization: `Basic ${basic}` });
  expect(byHeader.status).toBe(200);
});

test.each([
  [{ ...CLIENT_GRANT, client_id: 'another' }, 'invalid_client_id'],
  [{ ...CLIENT_GRANT, client_secret: 'another' }, 'invalid_client'],
  [{ ...CLIENT_GRANT, grant_type: 'password' }, 'unsupported_grant_type'],
  [{ client_id: clientId, client_secret: clientSecret }, 'unsupported_grant_type'],
])('%o is refused with %s', async (form, error) => {
  const { status, body } = await mint(await startTestOrg(), form as Record<string, string>);
  expect({ status, error: body.error }).toEqual({ status: 400, error });
});

test('the token endpoint reads forms only, and no user who left gets in', async () => {
  const org = await startTestOrg();
  const asJson = await org.raw('POST', '/services/oauth2/token', CLIENT_GRANT);
  expect(asJson.body).toMatchObject({ error: 'unsupported_grant_type' });
  org.sandbox.deactivateUser('Caseloop Robot');
  expect((await mint(org, CLIENT_GRANT)).body).toMatchObject({ error: 'inactive_user' });
});

test('a session ends with its time, by revocation, and when an admin says so', async () => {
  const { clock, raw, token, sandbox } = await startTestOrg();
  const limits = async (bearer: string) =>
    raw('GET', '/services/data/v67.0/limits', undefined, { Authorization: `Bearer ${bearer}` });
  const first = await token();
  expect((await limits(first)).status).toBe(200);
  clock.advance(2 * HOUR_MS);
  const expired = await limits(first);
  expect(expired.status).toBe(401);
  expect(expired.body).toEqual([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);

  const second = await token();
  const revocation = new URLSearchParams({ token: second }).toString();
  expect((await raw('POST', '/services/oauth2/revoke', revocation, FORM)).status).toBe(200);
  expect((await limits(second)).status).toBe(401);
  const third = await token();
  sandbox.revokeSessions();
  expect((await limits(third)).status).toBe(401);
  expect((await raw('GET', '/services/data/v67.0/limits')).status).toBe(401);
});

test.each([
  ['401 not attached', 'Connected app is not attached to Agent'],
  ['401 not for REST', 'This session is not valid for use with the REST API'],
] as const)('%s is no expiry', async (kind, message) => {
  const { sandbox, call } = await startTestOrg();
  sandbox.fail({ kind });
  const refused = await call('GET', '/limits');
  expect(refused).toMatchObject({ status: 401, body: [{ message }] });
  expect((await call('GET', '/limits')).status).toBe(200);
});

test('userinfo names the user, and has its own words for a bad token', async () => {
  const { sandbox, raw, token } = await startTestOrg();
  const info = await raw('GET', '/services/oauth2/userinfo', undefined, {
    Authorization: `Bearer ${await token()}`,
  });
  expect(info.body).toMatchObject({
    user_id: sandbox.idOf('Caseloop Robot'),
    preferred_username: 'robot@acme.example',
    active: true,
  });
  const bad = await raw('GET', '/services/oauth2/userinfo', undefined, { Authorization: 'Bearer nobody' });
  expect(bad).toMatchObject({ status: 403, body: 'Bad_OAuth_Token' });
  expect((await raw('GET', '/services/oauth2/userinfo')).body).toBe('Missing_OAuth_Token');
});

const trusted = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2_048 });

interface AssertionChange {
  readonly claims?: Record<string, unknown>;
  readonly alg?: string;
  readonly key?: typeof trusted.privateKey;
}

function assertionAt(
  now: Date,
  { claims = {}, alg = 'RS256', key = trusted.privateKey }: AssertionChange,
): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = {
    iss: clientId,
    sub: 'robot@acme.example',
    aud: 'https://login.salesforce.com',
    exp: Math.floor(now.getTime() / 1_000) + 180,
    ...claims,
  };
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode(body)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
}

test.each<[string, AssertionChange, string | null]>([
  ['a good assertion', {}, null],
  ['another algorithm', { alg: 'HS256' }, 'invalid assertion'],
  ['another key', { key: other.privateKey }, 'invalid client credentials'],
  ['another app', { claims: { iss: 'another' } }, 'client identifier invalid'],
  ['another audience', { claims: { aud: 'https://test.salesforce.com' } }, 'audience is invalid'],
  [
    'a user who was not approved',
    { claims: { sub: 'maya@acme.example' } },
    "user hasn't approved this consumer",
  ],
  ['an assertion of yesterday', { claims: { exp: 1_795_168_800 } }, 'expired authorization code'],
  ['one that lives too long', { claims: { exp: 1_795_255_200 + 400 } }, 'invalid assertion'],
  ['one without an end', { claims: { exp: undefined } }, 'expired authorization code'],
])('JWT bearer: %s', async (_title, change, refusal) => {
  const org = await startTestOrg();
  org.sandbox.trustKey(trusted.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const { status, body } = await mint(org, { grant_type, assertion: assertionAt(org.clock.now(), change) });
  if (refusal === null) expect(body.access_token).toMatch(/^00D/);
  else expect({ status, description: body.error_description }).toEqual({ status: 400, description: refusal });
});
