import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Config, warnings } from './config.ts';

const good = {
  loginUrl: 'https://acme.my.salesforce.com',
  auth: { clientId: 'consumer-key', clientSecret: 's3cret' },
  followUpOwner: 'lead@acme.example',
};
const problem = (changes: object) => Config.safeParse({ ...good, ...changes }).error?.issues[0];
const pem = (type: 'rsa' | 'ec') => {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};

test('a good configuration, with its defaults and without its secret', () => {
  const config = Config.parse({ ...good, loginUrl: 'https://acme.my.salesforce.com/' });
  expect(config).toMatchObject({
    loginUrl: 'https://acme.my.salesforce.com',
    stream: true,
    apiBudget: 0.5,
    timeout: 30_000,
  });
  expect(`${JSON.stringify(config)} ${inspect(config, { depth: 5 })}`).not.toMatch(/s3cret/);
  expect(warnings(config)).toEqual([]);
});

test('without an owner for orphaned follow-ups an admin is told', () => {
  const { followUpOwner: _, ...rest } = good;
  expect(warnings(Config.parse(rest))).toEqual([expect.stringContaining('followUpOwner')]);
});

test.each([
  ['http', 'http://acme.my.salesforce.com'],
  ['a path', 'https://acme.my.salesforce.com/services'],
  ['credentials in it', 'https://me:pw@acme.my.salesforce.com'],
  ['the host of all orgs', 'https://login.salesforce.com'],
  ['the host of all sandboxes', 'https://test.salesforce.com'],
  ["the screens' host", 'https://acme.lightning.force.com'],
  ['no address', 'acme'],
  ['a name that only looks like loopback', 'http://127.0.0.1.example.org'],
])('loginUrl with %s is refused', (_, loginUrl) => {
  expect(problem({ loginUrl })).toMatchObject({
    path: ['loginUrl'],
    message: expect.stringContaining('My Domain'),
  });
});

test.each(['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:9'])(
  '%s is fine, it is loopback',
  (loginUrl) => {
    expect(Config.parse({ ...good, loginUrl }).loginUrl).toBe(loginUrl);
  },
);

describe('auth', () => {
  test('a private key may have its line ends written out, as environment variables do', () => {
    const privateKey = pem('rsa');
    const auth = {
      clientId: 'x',
      username: 'bot@acme.example',
      privateKey: privateKey.replaceAll('\n', '\\n'),
    };
    const parsed = Config.parse({ ...good, auth }).auth;
    expect('privateKey' in parsed && parsed.privateKey.reveal()).toBe(privateKey);
  });

  test.each([
    ['nothing', {}],
    ['half a client', { clientId: 'x' }],
    ['a password', { clientId: 'x', username: 'a@b.example', password: 'y' }],
    ['both kinds', { clientId: 'x', clientSecret: 'y', username: 'a@b.example', privateKey: pem('rsa') }],
    ['a key of another kind', { clientId: 'x', username: 'a@b.example', privateKey: pem('ec') }],
    ['a key that is none', { clientId: 'x', username: 'a@b.example', privateKey: 'MIIE' }],
  ])('%s is refused, and no key is quoted', (_, auth) => {
    const issue = problem({ auth });
    expect(issue?.path[0]).toBe('auth');
    expect(issue?.message).not.toContain('MIIE');
  });
});

test.each(['0%', '101%', '50', 'half'])('apiBudget %s is refused', (apiBudget) => {
  expect(problem({ apiBudget })).toMatchObject({ path: ['apiBudget'] });
});

test('keys that are not known are refused', () => {
  expect(problem({ instanceUrl: 'x' })).toMatchObject({ code: 'unrecognized_keys' });
});
