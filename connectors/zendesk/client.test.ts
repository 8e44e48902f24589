import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuthError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import {
  API_TOKEN,
  connectTo,
  failureOf,
  memoryTokens,
  NOW,
  OAUTH,
  type ScriptedAccount,
  type ScriptedAnswer,
  scriptNames,
  startScriptedAccount,
  ticketWith,
} from './scripted-account.ts';

const SHOW_MANY = 'GET /api/v2/tickets/show_many.json';
const TOKENS = 'POST /oauth/tokens';
const SECRET_BODY = 'Ana wrote: my password is hunter2';

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  scriptNames(account);
});
afterEach(() => account[Symbol.asyncDispose]());

const token = (name: string, more: object = {}): ScriptedAnswer => ({
  body: {
    access_token: name,
    refresh_token: null,
    token_type: 'bearer',
    scope: 'read write',
    expires_in: 1800,
    ...more,
  },
});

describe('what an answer means', () => {
  const cases: readonly {
    readonly name: string;
    readonly answer: ScriptedAnswer;
    readonly error: typeof AuthError | typeof ConfigError | typeof PermanentError | typeof RetryableError;
    readonly also?: object;
  }[] = [
    { name: '401', answer: { status: 401, body: { error: "Couldn't authenticate you" } }, error: AuthError },
    {
      name: '403 for a scope',
      answer: {
        status: 403,
        body: { error: 'Forbidden', description: 'You are missing the following required scopes: read' },
      },
      error: AuthError,
      also: { fix: expect.stringContaining('needs: read') },
    },
    {
      name: '403 for a role or plan',
      answer: { status: 403, body: { error: { title: 'Forbidden', message: SECRET_BODY } } },
      error: ConfigError,
    },
    {
      name: '404 InvalidEndpoint',
      answer: { status: 404, body: { error: 'InvalidEndpoint' } },
      error: ConfigError,
    },
    { name: '404 of a wrong subdomain', answer: { status: 404, body: '<html>' }, error: ConfigError },
    {
      name: '404 RecordNotFound',
      answer: { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } },
      error: PermanentError,
    },
    {
      name: 'a redirect',
      answer: { status: 301, headers: { location: 'https://other.example/' }, body: '' },
      error: ConfigError,
    },
    {
      name: '400',
      answer: { status: 400, body: { error: 'TooManyValues', description: SECRET_BODY } },
      error: PermanentError,
    },
    {
      name: '409',
      answer: { status: 409, body: { error: 'DatabaseConflict', description: 'Database collision' } },
      error: RetryableError,
      also: { scope: 'endpoint', retryAfterMs: null },
    },
    {
      name: '422',
      answer: {
        status: 422,
        body: {
          error: 'RecordInvalid',
          details: { priority: [{ description: 'Priority: cannot be reset' }] },
        },
      },
      error: PermanentError,
      also: { message: expect.stringContaining('422 RecordInvalid, Priority: cannot be reset') },
    },
    {
      name: '429 of the account',
      answer: {
        status: 429,
        headers: { 'retry-after': '17', 'x-rate-limit-remaining': '0' },
        body: 'slow down',
      },
      error: RetryableError,
      also: { scope: 'account', retryAfterMs: 17_000 },
    },
    {
      name: '429 without Retry-After',
      answer: { status: 429, body: {} },
      error: RetryableError,
      also: { scope: 'account', retryAfterMs: null },
    },
    {
      name: '429 of one endpoint',
      answer: {
        status: 429,
        headers: {
          'retry-after': '41',
          'zendesk-ratelimit-tickets-update': 'total=100; remaining=0; resets=41',
        },
        body: {},
      },
      error: RetryableError,
      also: { scope: 'endpoint', retryAfterMs: 41_000 },
    },
    {
      name: '429 with a date',
      answer: { status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' }, body: {} },
      error: RetryableError,
      also: { retryAfterMs: 30_000 },
    },
    {
      name: 'too many jobs',
      answer: {
        status: 429,
        headers: { 'zendesk-ratelimit-inflight-jobs': 'total=30; remaining=0; resets=60' },
        body: { error: 'TooManyJobs', description: '', current_job_ids: [] },
      },
      error: RetryableError,
      also: { scope: 'endpoint', retryAfterMs: 60_000 },
    },
    {
      name: '500 page of the edge',
      answer: { status: 500, body: `<html>${SECRET_BODY}` },
      error: RetryableError,
    },
    {
      name: '503',
      answer: { status: 503, headers: { 'retry-after': '5' }, body: '' },
      error: RetryableError,
      also: { retryAfterMs: 5_000 },
    },
    {
      name: 'a page with status 200',
      answer: { headers: { 'content-type': 'text/html' }, body: SECRET_BODY },
      error: RetryableError,
    },
    { name: 'cut JSON', answer: { body: `{"tickets":[{"subject":"${SECRET_BODY}"` }, error: RetryableError },
    { name: 'silence', answer: { hang: true }, error: RetryableError, also: { scope: 'endpoint' } },
    {
      name: 'JSON of another shape',
      answer: { body: { tickets: [{ id: SECRET_BODY }] } },
      error: PermanentError,
      also: { message: expect.stringContaining('tickets.0.id') },
    },
  ];

  test.each(cases)('$name', async ({ answer, error, also = {} }) => {
    account.on(SHOW_MANY, answer);
    const failure = await failureOf(connectTo(account, { timeout: '300ms' }).fetch(['1']));
    expect(failure).toBeInstanceOf(error);
    expect(failure).toMatchObject(also);
    expect(failure.message).toContain('GET /api/v2/tickets/show_many.json');
    expect(`${failure.message} ${JSON.stringify(failure)} ${String(failure.cause)}`).not.toContain('hunter2');
    expect(account.calls(SHOW_MANY)).toHaveLength(1);
  });

  test('a refused connection is retryable', async () => {
    const gone = await startScriptedAccount();
    await gone[Symbol.asyncDispose]();
    const failure = await failureOf(connectTo(gone).fetch(['1']));
    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure.message).toContain('ECONNREFUSED');
  });

  test('a next page outside the account is never asked for', async () => {
    const other = await startScriptedAccount();
    account.on('GET /api/v2/ticket_fields.json', {
      body: { ticket_fields: [], next_page: `${other.url}/api/v2/ticket_fields.json?page=2` },
    });
    const failure = await failureOf(connectTo(account).provision('plan'));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(other.seen).toEqual([]);
    await other[Symbol.asyncDispose]();
  });
});

describe('credentials', () => {
  const empty: ScriptedAnswer = { body: { tickets: [] } };

  test('an API token goes out as basic authentication', async () => {
    account.on(SHOW_MANY, empty);
    await connectTo(account).fetch(['1']);
    const expected = Buffer.from(`${API_TOKEN.email}/token:${API_TOKEN.apiToken}`).toString('base64');
    expect(account.seen[0]?.headers.authorization).toBe(`Basic ${expected}`);
  });

  test('client credentials are exchanged once and the token is kept', async () => {
    account.on(TOKENS, token('first'));
    account.on(SHOW_MANY, empty);
    const tokens = memoryTokens();
    const connector = connectTo(account, { auth: OAUTH }, { tokens });
    await connector.fetch(['1']);
    await connector.fetch(['2']);
    expect(account.calls(TOKENS).map(({ body }) => body)).toEqual([
      {
        grant_type: 'client_credentials',
        client_id: 'caseloop',
        client_secret: 'client-secret',
        scope: 'read write',
      },
    ]);
    expect(account.calls(SHOW_MANY).map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
    ]);
    expect(tokens.stored()).toMatchObject({
      scope: 'read write',
      expiresAt: new Date('2026-11-21T10:30:00Z'),
    });
  });

  test('a refused token is renewed once and the call made again', async () => {
    let minted = 0;
    account.on(TOKENS, () => token(`token-${++minted}`));
    account.on(SHOW_MANY, ({ headers }) =>
      headers.authorization === 'Bearer token-2'
        ? { body: { tickets: [] } }
        : { status: 401, body: { error: 'invalid_token' } },
    );
    await expect(connectTo(account, { auth: OAUTH }).fetch(['1'])).resolves.toEqual([]);
    expect(minted).toBe(2);
  });

  test('a second refusal is an AuthError, not a loop', async () => {
    account.on(TOKENS, token('useless'));
    account.on(SHOW_MANY, { status: 401, body: { error: 'invalid_token' } });
    expect(await failureOf(connectTo(account, { auth: OAUTH }).fetch(['1']))).toBeInstanceOf(AuthError);
    expect(account.calls(SHOW_MANY)).toHaveLength(2);
    expect(account.calls(TOKENS)).toHaveLength(2);
  });

  test('a token is renewed before it ends', async () => {
    account.on(TOKENS, token('short', { expires_in: 40 }));
    account.on(SHOW_MANY, empty);
    let now = NOW;
    const connector = connectTo(account, { auth: OAUTH }, { clock: { now: () => now } });
    await connector.fetch(['1']);
    now = new Date(NOW.getTime() + 11_000);
    await connector.fetch(['1']);
    expect(account.calls(TOKENS)).toHaveLength(2);
  });

  test('a refused client is an AuthError that holds no secret', async () => {
    account.on(TOKENS, { status: 401, body: { error: 'invalid_client', error_description: SECRET_BODY } });
    const failure = await failureOf(connectTo(account, { auth: OAUTH }).fetch(['1']));
    expect(failure).toBeInstanceOf(AuthError);
    expect(`${failure.message} ${JSON.stringify(failure)}`).not.toMatch(/hunter2|client-secret/);
  });

  test.each([
    ['503', { status: 503, body: '' }],
    ['a cut body', { body: '{"access_token":"hal' }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ])('a token endpoint that answers %s is asked again later', async (_name, answer) => {
    account.on(TOKENS, answer);
    expect(await failureOf(connectTo(account, { auth: OAUTH }).fetch(['1']))).toBeInstanceOf(RetryableError);
  });

  test.each([
    ['422', { status: 422, body: { error: 'RecordInvalid' } }],
    ['no token', { body: { token_type: 'bearer' } }],
  ])('a token endpoint that answers %s is about the client, not the item', async (_name, answer) => {
    account.on(TOKENS, answer);
    expect(await failureOf(connectTo(account, { auth: OAUTH }).fetch(['1']))).toBeInstanceOf(AuthError);
  });

  test('refresh tokens rotate: the stored one is used, then the configured one when that is refused', async () => {
    const auth = { ...OAUTH, refreshToken: 'configured' };
    const tokens = memoryTokens();
    account.on(SHOW_MANY, empty);
    account.on(TOKENS, token('a', { refresh_token: 'rotated', expires_in: 10 }));
    const connector = connectTo(account, { auth }, { tokens });
    await connector.fetch(['1']);
    await connector.fetch(['1']);
    account.on(TOKENS, ({ body }) =>
      JSON.stringify(body).includes('"configured"')
        ? token('b', { refresh_token: 'next' })
        : { status: 400, body: { error: 'invalid_grant' } },
    );
    await connector.fetch(['1']);
    const used = account.calls(TOKENS).map(({ body }) => (body as { refresh_token: string }).refresh_token);
    expect(used).toEqual(['configured', 'rotated', 'rotated', 'configured']);
    expect(tokens.stored()?.refreshToken?.reveal()).toBe('next');
  });

  describe('a token that other credentials minted', () => {
    const refreshing = { ...OAUTH, refreshToken: 'configured' };
    const used = () =>
      account.calls(TOKENS).map(({ body }) => {
        const { client_secret, refresh_token } = body as { client_secret: string; refresh_token?: string };
        return [client_secret, ...(refresh_token === undefined ? [] : [refresh_token])];
      });

    test.each([
      ['secret', { ...OAUTH, clientSecret: 'mistyped' }],
      ['client', { ...OAUTH, clientId: 'another' }],
    ])('proves nothing of a new %s', async (_name, changed) => {
      account.on(TOKENS, token('valid'));
      account.on(SHOW_MANY, empty);
      const tokens = memoryTokens();
      await connectTo(account, { auth: OAUTH }, { tokens }).fetch(['1']);
      account.on(TOKENS, { status: 401, body: { error: 'invalid_client' } });
      const failure = await failureOf(connectTo(account, { auth: changed }, { tokens }).check());
      expect(failure).toBeInstanceOf(AuthError);
      expect(tokens.stored()?.accessToken.reveal()).toBe('valid');
    });

    test('holds no secret, though it tells the credentials apart', async () => {
      account.on(TOKENS, token('valid'));
      account.on(SHOW_MANY, empty);
      const tokens = memoryTokens();
      await connectTo(account, { auth: refreshing }, { tokens }).fetch(['1']);
      expect(tokens.stored()?.mintedBy).not.toMatch(/client-secret|configured/);
    });

    test('has its refresh token used on when only the secret is new', async () => {
      account.on(SHOW_MANY, empty);
      account.on(TOKENS, token('a', { refresh_token: 'rotated' }));
      const tokens = memoryTokens();
      await connectTo(account, { auth: refreshing }, { tokens }).fetch(['1']);
      await connectTo(account, { auth: { ...refreshing, clientSecret: 'new' } }, { tokens }).fetch(['1']);
      expect(used()).toEqual([
        ['client-secret', 'configured'],
        ['new', 'rotated'],
      ]);
    });

    test('gives way to a refresh token that was replaced, which must prove itself', async () => {
      account.on(SHOW_MANY, empty);
      account.on(TOKENS, token('a', { refresh_token: 'rotated' }));
      const tokens = memoryTokens();
      await connectTo(account, { auth: refreshing }, { tokens }).fetch(['1']);
      account.on(TOKENS, ({ body }) =>
        JSON.stringify(body).includes('"mistyped"')
          ? { status: 400, body: { error: 'invalid_grant' } }
          : token('b', { refresh_token: 'rotated-too' }),
      );
      const replaced = (refreshToken: string) =>
        connectTo(account, { auth: { ...OAUTH, refreshToken } }, { tokens });
      expect(await failureOf(replaced('mistyped').fetch(['1']))).toBeInstanceOf(AuthError);
      await replaced('replaced').fetch(['1']);
      await replaced('replaced').fetch(['1']);
      expect(used().map(([, refreshToken]) => refreshToken)).toEqual(['configured', 'mistyped', 'replaced']);
      expect(tokens.stored()?.refreshToken?.reveal()).toBe('rotated-too');
    });
  });
});

test('ignored keys are told to the log', async () => {
  const lines: string[] = [];
  const clock = { now: () => NOW };
  const log = createLog({ level: 'warn', clock, destination: { write: (line) => lines.push(line) } });
  account.on(SHOW_MANY, {
    headers: { 'x-zendesk-api-warn': '{:controller=>"tickets", :unpermitted_keys=>["ticket.nope"]}' },
    body: { tickets: [ticketWith({ status: 'open' })] },
  });
  await connectTo(account, {}, { log }).fetch(['5158']);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { place: 'GET /api/v2/tickets/show_many.json', keys: '"ticket.nope"' },
  ]);
});
