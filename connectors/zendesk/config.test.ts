import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { connectorTypes } from '../index.ts';
import { Config, warnings } from './config.ts';
import { zendesk } from './index.ts';

const good = { baseUrl: 'https://acme.zendesk.com', auth: { clientId: 'caseloop', clientSecret: 's3cret' } };
const problem = (changes: object) => Config.safeParse({ ...good, ...changes }).error?.issues[0];

test('the registry knows the connector by its type', () => {
  expect(connectorTypes.zendesk).toBe(zendesk);
  expect(zendesk.type).toBe('zendesk');
});

test('a good configuration, with its defaults and without its secret', () => {
  const config = Config.parse({ ...good, baseUrl: 'https://acme.zendesk.com/', webhookSecret: 'h00k' });
  expect(config).toMatchObject({ baseUrl: 'https://acme.zendesk.com', timeout: 30_000 });
  expect(`${JSON.stringify(config)} ${inspect(config, { depth: 5 })}`).not.toMatch(/s3cret|h00k/);
  expect(warnings(config)).toEqual([]);
});

test.each([
  ['http', 'http://acme.zendesk.com'],
  ['a path', 'https://acme.zendesk.com/api/v2'],
  ['credentials in it', 'https://me:pw@acme.zendesk.com'],
  ['no address', 'acme'],
  ['a name that only looks like loopback', 'http://127.0.0.1.example.org'],
])('baseUrl with %s is refused', (_, baseUrl) => {
  expect(problem({ baseUrl })).toMatchObject({
    path: ['baseUrl'],
    message: expect.stringContaining('https'),
  });
});

test.each(['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:9'])(
  '%s is fine, it is loopback',
  (baseUrl) => {
    expect(Config.parse({ ...good, baseUrl }).baseUrl).toBe(baseUrl);
  },
);

describe('auth', () => {
  test.each([
    ['nothing', {}],
    ['half an OAuth client', { clientId: 'x' }],
    ['both kinds', { clientId: 'x', clientSecret: 'y', email: 'a@b.example', apiToken: 'z' }],
  ])('%s is refused', (_, auth) => {
    expect(problem({ auth })).toMatchObject({
      path: ['auth'],
      message: expect.stringContaining('{ email, apiToken }'),
    });
  });

  test('an empty secret is named', () => {
    expect(problem({ auth: { clientId: 'x', clientSecret: '' } })).toMatchObject({
      path: ['auth', 'clientSecret'],
    });
  });

  test('an API token is warned about', () => {
    const config = Config.parse({ ...good, auth: { email: 'agent@acme.example', apiToken: 't' } });
    expect(warnings(config)).toEqual([expect.stringContaining('2027-04-30')]);
  });
});

test("the test button's secret is warned about", () => {
  const config = Config.parse({ ...good, webhookSecret: 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==' });
  expect(warnings(config)).toEqual([expect.stringContaining('webhookSecret')]);
});

test('unknown keys are refused', () => {
  expect(problem({ subdomain: 'acme' })).toMatchObject({ code: 'unrecognized_keys' });
});

test.each([
  ['500ms', 500],
  ['20s', 20_000],
  ['2m', 120_000],
])('timeout %s', (timeout, ms) => {
  expect(Config.parse({ ...good, timeout }).timeout).toBe(ms);
});

test.each(['0s', '20', 'soon', '11m'])('timeout %s is refused', (timeout) => {
  expect(problem({ timeout })).toMatchObject({ path: ['timeout'] });
});
