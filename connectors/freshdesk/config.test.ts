import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { connectorTypes } from '../index.ts';
import { Config, warnings } from './config.ts';
import { freshdesk } from './index.ts';

const good = {
  baseUrl: 'https://acme.freshdesk.com',
  apiKey: 's3cret-key',
  webhookSecret: 'h00k-h00k-h00k-h00k-h00k-h00k',
};
const problem = (changes: object) => Config.safeParse({ ...good, ...changes }).error?.issues[0];

test('the registry knows the connector by its type', () => {
  expect(connectorTypes.freshdesk).toBe(freshdesk);
});

test('a good configuration, with its defaults and without its secrets', () => {
  const config = Config.parse({ ...good, baseUrl: 'https://acme.freshdesk.com/' });
  expect(config).toMatchObject({
    baseUrl: 'https://acme.freshdesk.com',
    timeout: 30_000,
    closedStatuses: [],
    followUp: { as: 'ticket' },
    nativeRating: false,
  });
  expect(`${JSON.stringify(config)} ${inspect(config, { depth: 5 })}`).not.toMatch(/s3cret|h00k/);
  expect(warnings(config)).toEqual([]);
});

test.each([
  ['http', 'http://acme.freshdesk.com'],
  ['a path', 'https://acme.freshdesk.com/api/v2'],
  ['credentials in it', 'https://me:pw@acme.freshdesk.com'],
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
  (baseUrl) => expect(Config.parse({ ...good, baseUrl }).baseUrl).toBe(baseUrl),
);

describe('refused', () => {
  test.each([
    ['an empty key', { apiKey: '' }, ['apiKey']],
    ['a secret with a space', { webhookSecret: 'two words' }, ['webhookSecret']],
    ['a secret that no header can carry', { webhookSecret: 'schlüssel' }, ['webhookSecret']],
    ['another way to follow up', { followUp: { as: 'task' } }, ['followUp', 'as']],
    ['a requester without address', { followUp: { requester: 'Kim' } }, ['followUp', 'requester']],
    ['an endless time limit', { timeout: '11m' }, ['timeout']],
    ['a time limit without unit', { timeout: '30' }, ['timeout']],
    ['an unknown key', { apikey: 'x' }, []],
  ])('%s', (_, changes, path) => {
    expect(problem(changes)?.path).toEqual(path);
  });
});

describe('warnings', () => {
  test('without a secret there are no pushes', () => {
    const { webhookSecret: _, ...without } = good;
    const config = Config.parse(without);
    expect(warnings(config)).toEqual([expect.stringContaining('polling alone')]);
  });

  test('a short secret can be guessed, and is not shown', () => {
    const [warning, ...others] = warnings(Config.parse({ ...good, webhookSecret: 'hunter2' }));
    expect(others).toEqual([]);
    expect(warning).toContain('guessed');
    expect(warning).not.toContain('hunter2');
  });
});
