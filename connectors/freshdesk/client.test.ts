import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/clock.ts';
import { AuthError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import {
  API_KEY,
  connectTo,
  failureOf,
  NOW,
  openScriptedAccount,
  type ScriptedAccount,
  type ScriptedAnswer,
  ticketWith,
} from './scripted-account.ts';

const TICKET = 'GET /tickets/21';
const LIST = 'GET /tickets';
const SECRET_BODY = 'Ana wrote: my password is hunter2';

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
});
afterEach(() => account.close());

describe('what an answer means', () => {
  const cases: readonly {
    readonly name: string;
    readonly answer: ScriptedAnswer;
    readonly error: typeof AuthError | typeof ConfigError | typeof PermanentError | typeof RetryableError;
    readonly also?: object;
  }[] = [
    {
      name: '401',
      answer: { status: 401, body: { code: 'invalid_credentials', message: SECRET_BODY } },
      error: AuthError,
      also: { message: expect.stringContaining('401 invalid_credentials') },
    },
    {
      name: '403 of a locked agent',
      answer: { status: 403, body: { code: 'password_lockout', message: SECRET_BODY } },
      error: AuthError,
    },
    {
      name: '403 of a suspended account',
      answer: { status: 403, body: { code: 'account_suspended' } },
      error: AuthError,
    },
    {
      name: '403 for a role',
      answer: { status: 403, body: { code: 'access_denied', message: SECRET_BODY } },
      error: ConfigError,
      also: { fix: expect.stringContaining('administrator') },
    },
    {
      name: '403 for a plan',
      answer: { status: 403, body: { code: 'require_feature' } },
      error: ConfigError,
      also: { fix: expect.stringContaining('plan') },
    },
    {
      name: 'a redirect',
      answer: { status: 301, headers: { location: 'https://other.example/' } },
      error: ConfigError,
      also: { fix: expect.stringContaining('baseUrl') },
    },
    {
      name: '400 with fields',
      answer: {
        status: 400,
        body: {
          description: 'Validation failed',
          errors: [
            { field: 'status', message: SECRET_BODY, code: 'invalid_value' },
            { field: SECRET_BODY, message: SECRET_BODY, code: 'invalid_value' },
          ],
        },
      },
      error: PermanentError,
      also: { message: expect.stringContaining('400 invalid_value, status: invalid_value') },
    },
    { name: '409', answer: { status: 409, body: { code: 'inconsistent_state' } }, error: RetryableError },
    {
      name: '429 of the account',
      answer: { status: 429, headers: { 'retry-after': '17' }, body: { message: SECRET_BODY } },
      error: RetryableError,
      also: { scope: 'account', retryAfterMs: 17_000 },
    },
    {
      name: '429 read leniently',
      answer: { status: 429, headers: { 'retry-after': '16.5' } },
      error: RetryableError,
      also: { retryAfterMs: 17_000 },
    },
    {
      name: '429 with a date',
      answer: { status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' } },
      error: RetryableError,
      also: { retryAfterMs: 30_000 },
    },
    {
      name: '429 without Retry-After',
      answer: { status: 429 },
      error: RetryableError,
      also: { scope: 'account', retryAfterMs: null },
    },
    {
      name: '500 page of the edge',
      answer: { status: 500, body: `<html>${SECRET_BODY}` },
      error: RetryableError,
    },
    {
      name: '503',
      answer: { status: 503, headers: { 'retry-after': '5' } },
      error: RetryableError,
      also: { retryAfterMs: 5_000 },
    },
    {
      name: 'a page with status 200',
      answer: { headers: { 'content-type': 'text/html' }, body: SECRET_BODY },
      error: RetryableError,
    },
    { name: 'cut JSON', answer: { body: `{"subject":"${SECRET_BODY}"` }, error: RetryableError },
    {
      name: 'a broken connection',
      answer: { error: Object.assign(new Error(SECRET_BODY), { code: 'ECONNRESET' }) },
      error: RetryableError,
      also: { scope: 'endpoint', message: expect.stringContaining('(ECONNRESET)') },
    },
    {
      name: 'JSON of another shape',
      answer: { body: { ...ticketWith(), status: SECRET_BODY } },
      error: PermanentError,
      also: { message: expect.stringContaining('(status)') },
    },
  ];

  test.each(cases)('$name', async ({ answer, error, also = {} }) => {
    account.on(TICKET, answer);
    const failure = await failureOf(connectTo().fetch(['21']));
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject(also);
    expect(failure.message).toContain('GET /api/v2/tickets/21');
    const shown = inspect(failure, { depth: 12, showHidden: true });
    for (const hidden of ['hunter2', API_KEY, Buffer.from(`${API_KEY}:X`).toString('base64')])
      expect(shown).not.toContain(hidden);
    expect(account.calls(TICKET)).toHaveLength(1);
  });

  test('404 of the whole account is a ConfigError, of one ticket it is not', async () => {
    account.on('GET /agents', { status: 404 });
    account.on(TICKET, { body: ticketWith() });
    expect(await failureOf(connectTo().fetch(['21']))).toMatchObject({
      name: 'ConfigError',
      fix: expect.stringContaining('baseUrl'),
    });
    expect(await connectTo().fetch(['22'])).toEqual([]);
  });
});

test('the API key goes out as basic authentication, to the account alone', async () => {
  account.on(TICKET, { body: ticketWith() });
  await connectTo().fetch(['21']);
  const expected = `Basic ${Buffer.from(`${API_KEY}:X`).toString('base64')}`;
  expect(account.seen.map(({ headers }) => headers.get('authorization'))).toEqual(
    account.seen.map(() => expected),
  );
});

test('lists are read to their last page, whichever sign says that there is one more', async () => {
  const group = (id: number) => ({ id, name: `Team ${id}` });
  account.on('GET /groups', ({ query }) => {
    const pages: Record<string, ScriptedAnswer> = {
      1: { body: Array.from({ length: 100 }, (_, at) => group(at + 100)) },
      2: { body: [group(8)], headers: { link: '<https://acme.freshdesk.com/x?page=3>; rel="next"' } },
      3: { body: [group(7)] },
    };
    return pages[query.page ?? ''] ?? { status: 400 };
  });
  account.on(TICKET, { body: ticketWith() });
  expect(await connectTo().fetch(['21'])).toMatchObject([{ team: { id: '7', name: 'Team 7' } }]);
  expect(account.calls('GET /groups').map(({ query }) => query)).toEqual(
    ['1', '2', '3'].map((page) => ({ per_page: '100', page })),
  );
});

describe('credits', () => {
  const left = (remaining: string): ScriptedAnswer => ({
    body: [],
    headers: { 'x-ratelimit-total': '700.0', 'x-ratelimit-remaining': remaining },
  });

  test('a call that must be refused is not made before the minute is over', async () => {
    let now = NOW;
    const connector = connectTo({}, { clock: { now: () => now } });
    account.on(LIST, left('4.0'));
    await connector.watch({ startAt: NOW });
    now = new Date(NOW.getTime() + 20 * SECOND_MS);
    const failure = await failureOf(connector.watch({ startAt: NOW }));
    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).toMatchObject({ scope: 'account', retryAfterMs: 40 * SECOND_MS });
    expect(account.calls(LIST)).toHaveLength(1);
    now = new Date(NOW.getTime() + MINUTE_MS);
    await connector.watch({ startAt: NOW });
    expect(account.calls(LIST)).toHaveLength(2);
  });

  test('a watch costs 5 credits, and 5 are enough', async () => {
    const connector = connectTo();
    account.on(LIST, left('5.0'));
    await connector.watch({ startAt: NOW });
    await connector.watch({ startAt: NOW });
    expect(account.calls(LIST)).toHaveLength(2);
  });

  test.each(['', 'many', 'NaN'])('a header that says %j stops nobody', async (remaining) => {
    const connector = connectTo();
    account.on(LIST, left(remaining));
    await connector.watch({ startAt: NOW });
    await connector.watch({ startAt: NOW });
    expect(account.calls(LIST)).toHaveLength(2);
  });

  test('a limit of one endpoint leaves the rest alone, unless the account itself is spent', async () => {
    account.on(LIST, { status: 429, headers: { 'retry-after': '9', 'x-ratelimit-remaining': '300' } });
    expect(await failureOf(connectTo().watch({ startAt: NOW }))).toMatchObject({ scope: 'endpoint' });
    account.on(LIST, { status: 429, headers: { 'retry-after': '9', 'x-ratelimit-remaining': '0.0' } });
    expect(await failureOf(connectTo().watch({ startAt: NOW }))).toMatchObject({ scope: 'account' });
  });
});
