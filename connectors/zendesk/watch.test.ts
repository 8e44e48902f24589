import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError, RetryableError } from '../../src/errors.ts';
import {
  connectTo,
  failureOf,
  NOW,
  type ScriptedAccount,
  scriptNames,
  sideLoadsWith,
  startScriptedAccount,
  ticketWith,
} from './scripted-account.ts';

const EXPORT = 'GET /api/v2/incremental/tickets/cursor.json';
const SHOW_MANY = 'GET /api/v2/tickets/show_many.json';
const EPOCH = Math.floor(NOW.getTime() / 1_000);

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  scriptNames(account);
});
afterEach(() => account[Symbol.asyncDispose]());

function page(
  more: object = {},
  tickets: readonly unknown[] = [ticketWith({ generated_timestamp: EPOCH - 120 })],
) {
  return { body: { tickets, ...sideLoadsWith(), after_cursor: 'MTY5', end_of_stream: true, ...more } };
}

async function snapshotOf(changes: Record<string, unknown>, metric: Record<string, unknown> = {}) {
  account.on(SHOW_MANY, { body: { tickets: [ticketWith(changes)], ...sideLoadsWith(metric) } });
  const [snapshot] = await connectTo(account).fetch(['5158']);
  if (snapshot === undefined) throw new Error('the ticket was not read');
  return snapshot;
}

describe('watch', () => {
  test('starts at the instant asked for and goes on from the cursor, also after the end of the stream', async () => {
    account.on(EXPORT, page());
    const connector = connectTo(account);
    const first = await connector.watch({ startAt: new Date('2026-11-20T00:00:00Z') });
    expect(first).toMatchObject({ more: false, reachedAt: new Date(NOW.getTime() - 120_000) });
    await connector.watch({ cursor: first.cursor });
    const queries = account.calls(EXPORT).map(({ query }) => Object.fromEntries(query));
    expect(queries).toEqual([
      { start_time: '1795132800', include: 'users,groups,organizations,metric_sets' },
      { cursor: 'MTY5', include: 'users,groups,organizations,metric_sets' },
    ]);
  });

  test('asks for nothing younger than Zendesk allows', async () => {
    account.on(EXPORT, page());
    await connectTo(account).watch({ startAt: NOW });
    const asked = Number(account.calls(EXPORT)[0]?.query.get('start_time'));
    expect(EPOCH - asked).toBeGreaterThan(300);
  });

  test('an empty page keeps the place where the watch stood', async () => {
    account.on(EXPORT, page({ after_cursor: null }, []));
    const connector = connectTo(account);
    const first = await connector.watch({ startAt: new Date('2026-11-20T00:00:00Z') });
    expect(first).toMatchObject({ cases: [], reachedAt: null });
    await connector.watch({ cursor: first.cursor });
    expect(account.calls(EXPORT)[1]?.query.get('start_time')).toBe('1795132800');
    const later = await connector.watch({ cursor: 'after:abc:def' });
    expect(later.cursor).toBe('after:abc:def');
  });

  test('says that there is more', async () => {
    account.on(EXPORT, page({ end_of_stream: false }));
    expect(await connectTo(account).watch({ startAt: NOW })).toMatchObject({ more: true });
  });

  test('does not ask while no export is left, then asks again', async () => {
    let now = NOW;
    account.on(EXPORT, {
      ...page(),
      headers: { 'zendesk-ratelimit-incremental-exports': 'total=10; remaining=0; resets=42' },
    });
    const connector = connectTo(account, {}, { clock: { now: () => now } });
    await connector.watch({ startAt: NOW });
    const failure = await failureOf(connector.watch({ startAt: NOW }));
    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).toMatchObject({ scope: 'endpoint', retryAfterMs: 42_000 });
    expect(account.calls(EXPORT)).toHaveLength(1);
    now = new Date(NOW.getTime() + 42_000);
    await connector.watch({ startAt: NOW });
    expect(account.calls(EXPORT)).toHaveLength(2);
  });

  test('a 429 of the exports stops only the exports', async () => {
    account.on(EXPORT, {
      status: 429,
      headers: { 'retry-after': '9' },
      body: { error: 'APIRateLimitExceeded' },
    });
    expect(await failureOf(connectTo(account).watch({ startAt: NOW }))).toMatchObject({
      scope: 'endpoint',
      retryAfterMs: 9_000,
    });
  });

  test('refuses a cursor that is not ours', async () => {
    expect(await failureOf(connectTo(account).watch({ cursor: 'nonsense' }))).toBeInstanceOf(PermanentError);
    expect(account.seen).toEqual([]);
  });

  test('a ticket reopened and solved again between two watches is another closure', async () => {
    account.on(EXPORT, page());
    const connector = connectTo(account);
    const [before] = (await connector.watch({ startAt: NOW })).cases;
    account.on(EXPORT, page(sideLoadsWith({ solved_at: '2026-11-21T09:58:00Z', reopens: 2 })));
    const [after] = (await connector.watch({ startAt: NOW })).cases;
    expect([before?.closedAt, after?.closedAt]).toEqual([
      new Date('2026-11-21T09:45:20Z'),
      new Date('2026-11-21T09:58:00Z'),
    ]);
  });
});

describe('fetch', () => {
  test('asks a hundred at a time, each once, and only for what can be an id', async () => {
    account.on(SHOW_MANY, { body: { tickets: [] } });
    const ids = Array.from({ length: 150 }, (_, i) => String(i + 1));
    await connectTo(account).fetch([...ids, '1', '../users/me', '']);
    const sizes = account.calls(SHOW_MANY).map(({ query }) => query.get('ids')?.split(',').length);
    expect(sizes).toEqual([100, 50]);
    expect(account.seen).toHaveLength(2);
  });

  test('asks for nothing when there is nothing', async () => {
    expect(await connectTo(account).fetch([])).toEqual([]);
    expect(account.seen).toEqual([]);
  });

  test('brands are read once', async () => {
    account.on(SHOW_MANY, { body: { tickets: [ticketWith()], ...sideLoadsWith() } });
    const connector = connectTo(account);
    await connector.fetch(['5158']);
    await connector.fetch(['5158']);
    expect(account.calls('GET /api/v2/brands.json')).toHaveLength(1);
  });

  test('metrics that were not side-loaded are asked for while the ticket can still be surveyed', async () => {
    const { metric_sets, ...others } = sideLoadsWith();
    account.on('GET /api/v2/tickets/5158/metrics.json', {
      body: { ticket_metric: (metric_sets as unknown[])[0] },
    });
    account.on(SHOW_MANY, {
      body: { tickets: [ticketWith(), ticketWith({ id: 9, status: 'closed' })], ...others },
    });
    const [solved, archived] = await connectTo(account).fetch(['5158', '9']);
    expect(solved?.closedAt).toEqual(new Date('2026-11-21T09:45:20Z'));
    expect(archived).toMatchObject({ state: 'locked', closedAt: null });
  });
});

describe('a snapshot', () => {
  test('holds what decisions need', async () => {
    expect(await snapshotOf({})).toEqual({
      caseId: '5158',
      number: '5158',
      url: `${account.url}/agent/tickets/5158`,
      subject: 'Cannot log in',
      state: 'closed',
      changedAt: new Date('2026-11-21T09:45:20Z'),
      openedAt: new Date('2026-11-20T10:12:07Z'),
      closedAt: new Date('2026-11-21T09:45:20Z'),
      requester: {
        id: '20978392',
        name: 'Ana',
        email: 'ana@example.org',
        locale: 'pt-BR',
        timeZone: 'America/Sao_Paulo',
        isStaff: false,
      },
      assignee: { id: '235323', name: 'Kim' },
      team: { id: '98738', name: 'Support' },
      channel: 'email',
      brand: 'Acme',
      organisation: 'Example Ltd',
      tier: null,
      tags: ['vip'],
      kind: 'question',
      language: null,
      priority: 'high',
      firstRepliedAt: new Date('2026-11-20T10:42:07Z'),
      reopens: 1,
      flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
      publicReply: true,
      lastReplier: null,
    });
  });

  test.each([
    ['new', 'open'],
    ['pending', 'open'],
    ['hold', 'open'],
    ['solved', 'closed'],
    ['closed', 'locked'],
    ['deleted', 'deleted'],
    ['something new', 'open'],
  ])('status %s is %s', async (status, state) => {
    expect(await snapshotOf({ status })).toMatchObject({ state });
  });

  test('solved then closed is one closure', async () => {
    const closed = await snapshotOf({ status: 'closed', updated_at: '2026-11-25T09:00:00Z' });
    expect(closed.closedAt).toEqual(new Date('2026-11-21T09:45:20Z'));
  });

  test('reopened has no closing instant, whatever the metrics remember', async () => {
    expect((await snapshotOf({ status: 'open' })).closedAt).toBeNull();
  });

  test.each([
    ['merged', { tags: ['closed_by_merge'] }],
    ['ours', { tags: ['csat_followup'] }],
    ['outbound', { via: { channel: 'web' }, submitter_id: 235323 }],
    ['outbound', { via: { channel: 'phone_call_outbound' } }],
    ['botHandled', { via: { channel: 'answer_bot_for_web_widget' } }],
  ])('%s', async (flag, changes) => {
    const { flags } = await snapshotOf(changes);
    expect(Object.entries(flags).filter(([, is]) => is)).toEqual([[flag, true]]);
  });

  test('an agent who wrote in himself is staff', async () => {
    expect((await snapshotOf({ requester_id: 235323, submitter_id: 235323 })).requester.isStaff).toBe(true);
  });

  test('nobody and nothing around a ticket is no reason to fail', async () => {
    const bare = await snapshotOf({
      requester_id: 4,
      assignee_id: null,
      group_id: null,
      brand_id: null,
      organization_id: null,
      via: null,
      tags: null,
    });
    expect(bare).toMatchObject({
      requester: { id: '4', name: null, email: null, isStaff: false },
      assignee: null,
      team: null,
      brand: null,
      channel: null,
    });
  });

  test.each([
    [0, false],
    [3, true],
    [null, null],
  ])('%s public replies by agents', async (replies, publicReply) => {
    expect((await snapshotOf({}, { replies })).publicReply).toBe(publicReply);
  });

  test.each([
    ['native_messaging', 'messaging'],
    ['web_service', 'api'],
    ['Mail', 'email'],
    ['whatsapp', 'whatsapp'],
  ])('channel %s is %s', async (channel, word) => {
    expect((await snapshotOf({ via: { channel } })).channel).toBe(word);
  });
});
