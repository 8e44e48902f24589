import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuthError, ConfigError } from '../../src/errors.ts';
import {
  connectTo,
  FIELDS,
  failureOf,
  memoryTokens,
  OAUTH,
  type ScriptedAccount,
  startScriptedAccount,
  ticketWith,
  WEBHOOK_URL,
} from './scripted-account.ts';

const SUBSCRIPTIONS = ['zen:event-type:ticket.status_changed', 'zen:event-type:ticket.merged'];
const WEBHOOK = {
  id: '01HAN',
  name: 'Caseloop',
  endpoint: WEBHOOK_URL,
  status: 'active',
  subscriptions: SUBSCRIPTIONS,
};
const VIEW = { id: 9, title: 'Low CSAT', active: true };

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
});
afterEach(() => account[Symbol.asyncDispose]());

interface State {
  readonly fields?: readonly object[];
  readonly webhooks?: readonly object[];
  readonly views?: readonly object[];
}

/** An account that keeps what it is told to make. */
function keep({ fields = FIELDS, webhooks = [WEBHOOK], views = [VIEW] }: State = {}) {
  const state = { fields: [...fields], webhooks: [...webhooks], views: [...views] };
  account.on('GET /api/v2/ticket_fields.json', () => ({
    body: { ticket_fields: state.fields, next_page: null },
  }));
  account.on('GET /api/v2/webhooks', () => ({
    body: { webhooks: state.webhooks, meta: { has_more: false } },
  }));
  account.on('GET /api/v2/views.json', () => ({ body: { views: state.views } }));
  const made = (body: unknown, key: string, id: unknown) => ({
    id,
    ...(body as Record<string, object>)[key],
  });
  account.on('POST /api/v2/ticket_fields.json', ({ body }) => {
    const field = made(body, 'ticket_field', 100 + state.fields.length);
    state.fields.push(field);
    return { status: 201, body: { ticket_field: field } };
  });
  account.on('POST /api/v2/webhooks', ({ body }) => {
    const webhook = made(body, 'webhook', '01NEW');
    state.webhooks.push(webhook);
    return { status: 201, body: { webhook } };
  });
  account.on('POST /api/v2/views.json', ({ body }) => {
    const view = made(body, 'view', 200);
    state.views.push(view);
    return { status: 201, body: { view } };
  });
  return state;
}

const writes = () => account.seen.filter(({ method }) => method !== 'GET');

describe('provision', () => {
  test('plans what a bare account lacks and writes nothing', async () => {
    keep({ fields: [], webhooks: [], views: [] });
    const steps = await connectTo(account).provision('plan');
    expect(steps.map(({ action, what }) => `${action} ${what}`)).toEqual([
      'create ticket field "CSAT score"',
      'create ticket field "CSAT rating"',
      'create ticket field "CSAT level"',
      'create ticket field "CSAT comment"',
      'create ticket field "CSAT reasons"',
      'create ticket field "CSAT answered at"',
      'create ticket field "CSAT link"',
      `create webhook to ${WEBHOOK_URL}`,
      'create view "Low CSAT"',
    ]);
    expect(writes()).toEqual([]);
  });

  test.each([
    ['all fields', [], 'ticket field "CSAT link"'],
    ['one field', FIELDS.slice(1), 'ticket field "CSAT score"'],
  ])('that makes %s says once that ticket forms are filled by hand', async (_name, fields, what) => {
    keep({ fields });
    const steps = await connectTo(account).provision('plan');
    expect(steps.filter(({ detail }) => detail.includes('ticket forms'))).toMatchObject([{ what }]);
  });

  test('applied once, there is nothing left to plan or to apply', async () => {
    keep({ fields: [], webhooks: [], views: [] });
    const connector = connectTo(account);
    expect(await connector.provision('apply')).toHaveLength(9);
    expect(writes()).toHaveLength(9);
    expect(await connector.provision('plan')).toEqual([]);
    expect(await connector.provision('apply')).toEqual([]);
    expect(writes()).toHaveLength(9);
  });

  test('makes an event webhook and a view on the tag', async () => {
    keep({ fields: FIELDS, webhooks: [], views: [] });
    await connectTo(account).provision('apply');
    expect(account.calls('POST /api/v2/webhooks')[0]?.body).toEqual({
      webhook: {
        name: 'Caseloop (zendesk-eu)',
        status: 'active',
        endpoint: WEBHOOK_URL,
        http_method: 'POST',
        request_format: 'json',
        subscriptions: SUBSCRIPTIONS,
      },
    });
    expect(account.calls('POST /api/v2/views.json')[0]?.body).toMatchObject({
      view: {
        title: 'Low CSAT',
        all: expect.arrayContaining([{ field: 'current_tags', operator: 'includes', value: 'csat_low' }]),
      },
    });
  });

  test('a field of the same title but another type is not ours', async () => {
    keep({ fields: [{ ...FIELDS[0], type: 'decimal' }, ...FIELDS.slice(1)] });
    expect(await connectTo(account).provision('plan')).toMatchObject([
      { action: 'create', what: 'ticket field "CSAT score"' },
    ]);
  });

  test('fields on a second page are seen', async () => {
    keep();
    account.on('GET /api/v2/ticket_fields.json', ({ query }) => ({
      body:
        query.get('page') === '2'
          ? { ticket_fields: FIELDS.slice(2), next_page: null }
          : {
              ticket_fields: FIELDS.slice(0, 2),
              next_page: `${account.url}/api/v2/ticket_fields.json?page=2`,
            },
    }));
    expect(await connectTo(account).provision('plan')).toEqual([]);
  });

  test('options that were removed are put back beside those that an admin added', async () => {
    const [low] = FIELDS[1]?.custom_field_options ?? [];
    const added = { id: 29, name: 'Furious', value: 'csat_furious' };
    keep({
      fields: FIELDS.map((field) =>
        field.id === 2 ? { ...field, active: false, custom_field_options: [low, added] } : field,
      ),
    });
    account.on('PUT /api/v2/ticket_fields/2.json', { body: { ticket_field: FIELDS[1] } });
    const steps = await connectTo(account).provision('apply');
    expect(steps).toEqual([
      {
        action: 'update',
        what: 'ticket field "CSAT level"',
        detail: 'activate it; add the options csat_neutral, csat_high',
      },
    ]);
    expect(writes()[0]?.body).toEqual({
      ticket_field: {
        active: true,
        custom_field_options: [
          low,
          added,
          { name: 'Neutral', value: 'csat_neutral' },
          { name: 'High', value: 'csat_high' },
        ],
      },
    });
  });

  test('a webhook that was switched off or lacks an event is updated, not doubled', async () => {
    keep({ webhooks: [{ ...WEBHOOK, status: 'inactive', subscriptions: SUBSCRIPTIONS.slice(0, 1) }] });
    account.on('PATCH /api/v2/webhooks/01HAN', { status: 204, body: '' });
    const steps = await connectTo(account).provision('apply');
    expect(steps).toMatchObject([
      { action: 'update', detail: 'activate it; subscribe to zen:event-type:ticket.merged' },
    ]);
    expect(writes()).toHaveLength(1);
    expect(writes()[0]?.body).toEqual({ webhook: { status: 'active', subscriptions: SUBSCRIPTIONS } });
  });

  test('an active webhook that lacks an event is updated', async () => {
    keep({ webhooks: [{ ...WEBHOOK, subscriptions: SUBSCRIPTIONS.slice(1) }] });
    expect(await connectTo(account).provision('plan')).toMatchObject([
      { action: 'update', detail: 'subscribe to zen:event-type:ticket.status_changed' },
    ]);
  });

  test('a webhook that triggers call is left to the admin', async () => {
    const byTrigger = { ...WEBHOOK, subscriptions: ['conditional_ticket_events'] };
    keep({ webhooks: [byTrigger] });
    expect(await connectTo(account).provision('plan')).toEqual([]);
    keep({ webhooks: [{ ...byTrigger, status: 'inactive' }] });
    expect(await connectTo(account).provision('apply')).toMatchObject([{ action: 'manual' }]);
    expect(writes()).toEqual([]);
  });

  test('a role that may not is told to the admin', async () => {
    keep({ fields: [] });
    account.on('POST /api/v2/ticket_fields.json', {
      status: 403,
      body: { error: { title: 'Forbidden', message: 'no' } },
    });
    expect(await failureOf(connectTo(account).provision('apply'))).toBeInstanceOf(ConfigError);
  });
});

describe('check', () => {
  const TICKETS = 'GET /api/v2/tickets.json';
  const EXPORT = 'GET /api/v2/incremental/tickets/cursor.json';
  const healthy = () => {
    account.on(TICKETS, { body: { tickets: [ticketWith()] } });
    account.on(EXPORT, { body: { tickets: [], end_of_stream: true, after_cursor: 'x' } });
    account.on('POST /oauth/tokens', { body: { access_token: 'a', scope: 'read write', expires_in: 1800 } });
  };
  const oauth = () => connectTo(account, { auth: OAUTH });
  const notOk = async (connector = oauth()) =>
    (await connector.check()).findings.filter(({ level }) => level !== 'ok');

  test('a healthy account has nothing to put right, and nothing was written', async () => {
    healthy();
    keep();
    const { name, findings } = await oauth().check();
    expect(name).toBe(new URL(account.url).host);
    expect(findings.map(({ what, level }) => `${what}: ${level}`)).toEqual([
      'credentials: ok',
      'scopes: ok',
      'incremental export: ok',
      'ticket fields: ok',
      'webhook: ok',
      'view: ok',
    ]);
    expect(writes().map(({ path }) => path)).toEqual(['/oauth/tokens']);
    expect(account.calls(TICKETS)[0]?.query.get('page[size]')).toBe('1');
    expect(account.seen.some(({ path }) => path.includes('users/me'))).toBe(false);
  });

  test('an anonymous user is not taken for a good one', async () => {
    healthy();
    keep();
    account.on('GET /api/v2/users/me.json', { body: { user: { id: null, name: 'Anonymous user' } } });
    account.on(TICKETS, { status: 401, body: { error: "Couldn't authenticate you" } });
    expect(await failureOf(oauth().check())).toBeInstanceOf(AuthError);
  });

  test('a scope that was granted though Zendesk does not know it ends in an AuthError', async () => {
    healthy();
    keep();
    account.on(TICKETS, { status: 403, body: { error: { title: 'Forbidden', message: 'x' } } });
    const failure = await failureOf(oauth().check());
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure).toMatchObject({ fix: expect.stringContaining('"read write"') });
  });

  test('an account where no ticket is visible proves nothing', async () => {
    healthy();
    keep();
    account.on(TICKETS, { body: { tickets: [] } });
    expect(await notOk()).toMatchObject([{ what: 'credentials', level: 'warning' }]);
  });

  test('less granted than asked for', async () => {
    healthy();
    keep();
    const tokens = memoryTokens();
    account.on('POST /oauth/tokens', { body: { access_token: 'a', scope: 'read' } });
    expect(await notOk(connectTo(account, { auth: OAUTH }, { tokens }))).toMatchObject([
      { what: 'scopes', level: 'error', fix: expect.stringContaining('"write"') },
    ]);
  });

  test('an API token has an end date', async () => {
    healthy();
    keep();
    expect(await notOk(connectTo(account))).toMatchObject([
      { what: 'API token', level: 'warning', detail: expect.stringContaining('2027-04-30') },
    ]);
  });

  test('an account that was never provisioned is told how, line by line', async () => {
    healthy();
    keep({ fields: FIELDS.slice(0, 3), webhooks: [], views: [] });
    const found = await notOk();
    expect(found.map(({ what, level }) => `${what}: ${level}`)).toEqual([
      'ticket fields: error',
      'webhook: error',
      'view: warning',
    ]);
    expect(found[0]?.detail).toBe(
      'missing or not active: "CSAT rating", "CSAT reasons", "CSAT answered at", "CSAT link"',
    );
    expect(new Set(found.map(({ fix }) => fix))).toEqual(
      new Set(['Run `caseloop provision zendesk-eu --apply`.']),
    );
  });

  test.each([
    ['not active', { status: 'inactive' }, 'error'],
    ['deaf to merges', { subscriptions: SUBSCRIPTIONS.slice(0, 1) }, 'error'],
    ['called by triggers', { subscriptions: ['conditional_ticket_events'] }, 'warning'],
    ['at another address', { endpoint: 'https://else.example' }, 'error'],
  ])('a webhook that is %s', async (_, changes, level) => {
    healthy();
    keep({ webhooks: [{ ...WEBHOOK, ...changes }] });
    expect(await notOk()).toMatchObject([{ what: 'webhook', level }]);
  });

  test('exports that only an administrator may read', async () => {
    healthy();
    keep();
    account.on(EXPORT, { status: 403, body: { error: { title: 'Forbidden', message: 'x' } } });
    expect(await notOk()).toMatchObject([
      { what: 'incremental export', level: 'error', fix: expect.stringContaining('administrator') },
    ]);
  });

  test('exports that are used up for this minute are not an error', async () => {
    healthy();
    keep();
    account.on(EXPORT, { status: 429, headers: { 'retry-after': '30' }, body: {} });
    expect(await notOk()).toMatchObject([{ what: 'incremental export', level: 'warning' }]);
  });

  test('a token that is refused on the way is an AuthError', async () => {
    healthy();
    keep();
    account.on('GET /api/v2/views.json', { status: 401, body: { error: 'invalid_token' } });
    expect(await failureOf(oauth().check())).toBeInstanceOf(AuthError);
  });
});
