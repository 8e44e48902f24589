import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/clock.ts';
import type { ConnectorContext } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import {
  connectTo,
  FIELD_NAMES,
  NOW,
  openScriptedAccount,
  type ScriptedAccount,
  TICKET_FIELDS,
  ticketWith,
} from './scripted-account.ts';

const LIST = 'GET /tickets';

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
});
afterEach(() => account.close());

async function snapshotOf(
  ticket: Record<string, unknown>,
  about: { settings?: Record<string, unknown>; context?: Partial<ConnectorContext> } = {},
): Promise<CaseSnapshot> {
  account.on('GET /tickets/21', { body: ticket });
  const [snapshot] = await connectTo(about.settings, about.context).fetch(['21']);
  if (snapshot === undefined) throw new Error('the ticket was not read');
  return snapshot;
}

const reads = () => account.seen.filter(({ path }) => path.startsWith('/tickets')).map(({ path }) => path);

describe('how tickets are asked for', () => {
  test('one by itself, with all that a snapshot needs', async () => {
    account.on('GET /tickets/21', { body: ticketWith() });
    const found = await connectTo().fetch(['21', '21']);
    expect(found.map(({ caseId }) => caseId)).toEqual(['21']);
    expect(reads()).toEqual(['/tickets/21']);
    expect(account.calls('GET /tickets/21')[0]?.query).toEqual({ include: 'stats,requester' });
  });

  test('more by one list of what changed last, and by themselves what it does not hold', async () => {
    account.on(LIST, { body: [30, 21, 22].map((id) => ticketWith({ id })) });
    account.on('GET /tickets/23', { body: ticketWith({ id: 23 }) });
    account.on('GET /tickets/archived/24', { body: ticketWith({ id: 24, status: 5, archived: true }) });
    const found = await connectTo().fetch(['21', '22', '23', '24', '25']);
    expect(found.map(({ caseId, state }) => [caseId, state])).toEqual([
      ['21', 'closed'],
      ['22', 'closed'],
      ['23', 'closed'],
      ['24', 'locked'],
    ]);
    expect(reads()).toEqual([
      '/tickets',
      '/tickets/23',
      '/tickets/24',
      '/tickets/archived/24',
      '/tickets/25',
      '/tickets/archived/25',
    ]);
    expect(account.calls(LIST)[0]?.query).toMatchObject({
      updated_since: '2026-11-20T10:00:00Z',
      order_by: 'updated_at',
      order_type: 'desc',
      page: '1',
    });
  });

  test('names are read once in ten minutes', async () => {
    let now = NOW;
    account.on('GET /tickets/21', { body: ticketWith() });
    const connector = connectTo({}, { clock: { now: () => now } });
    const named = () => account.seen.filter(({ path }) => /agents|groups|products|fields/.test(path)).length;
    await connector.fetch(['21']);
    expect(named()).toBe(4);
    now = new Date(NOW.getTime() + 9 * MINUTE_MS);
    await connector.fetch(['21']);
    expect(named()).toBe(4);
    now = new Date(NOW.getTime() + 10 * MINUTE_MS);
    await connector.fetch(['21']);
    expect(named()).toBe(8);
  });
});

test('what a snapshot takes from a ticket', async () => {
  expect(await snapshotOf(ticketWith({}, { closed_at: '2026-11-21T12:00:00Z' }))).toEqual({
    caseId: '21',
    number: '21',
    url: 'https://acme.freshdesk.com/a/tickets/21',
    subject: 'Refund',
    state: 'closed',
    changedAt: new Date('2026-11-21T09:45:20Z'),
    openedAt: new Date('2026-11-20T15:59:28Z'),
    closedAt: new Date('2026-11-21T09:45:20Z'),
    requester: {
      id: '900',
      name: 'Ana',
      email: 'ana@example.org',
      locale: null,
      timeZone: null,
      isStaff: false,
    },
    assignee: { id: '500', name: 'Kim' },
    team: { id: '7', name: 'Support' },
    channel: 'email',
    brand: 'Acme',
    organisation: null,
    tier: null,
    language: null,
    tags: ['refund'],
    kind: 'Question',
    priority: 'high',
    firstRepliedAt: new Date('2026-11-20T16:40:00Z'),
    reopens: 0,
    flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
    publicReply: true,
    lastReplier: null,
  });
});

describe('state and closing', () => {
  test.each([
    ['open', 2, {}, 'open', null],
    ['pending', 3, {}, 'open', null],
    ['resolved', 4, {}, 'closed', '2026-11-21T09:45:20Z'],
    ['resolved, later closed', 5, { closed_at: '2026-11-21T12:00:00Z' }, 'closed', '2026-11-21T09:45:20Z'],
    [
      'closed without resolving',
      5,
      { resolved_at: null, closed_at: '2026-11-21T12:00:00Z' },
      'closed',
      '2026-11-21T12:00:00Z',
    ],
    ['waiting, a status that the account does not list', 6, {}, 'open', null],
    ['a status of its own', 12, {}, 'open', null],
  ])('%s', async (_, status, stats, state, closedAt) => {
    expect(await snapshotOf(ticketWith({ status }, stats))).toMatchObject({
      state,
      closedAt: closedAt === null ? null : new Date(closedAt),
    });
  });

  test('a status of its own counts as closed by its label, from the instant of the change', async () => {
    const stats = { status_updated_at: '2026-11-21T09:40:00Z', resolved_at: null };
    const settings = { closedStatuses: ['done by Phone'] };
    expect(await snapshotOf(ticketWith({ status: 12 }, stats), { settings })).toMatchObject({
      state: 'closed',
      closedAt: new Date('2026-11-21T09:40:00Z'),
    });
  });

  test('a status that turns up unknown is looked for anew, once a minute', async () => {
    const settings = { closedStatuses: ['Sorted'] };
    let now = NOW;
    account.on('GET /tickets/21', { body: ticketWith({ status: 13 }) });
    const connector = connectTo(settings, { clock: { now: () => now } });
    expect(await connector.fetch(['21'])).toMatchObject([{ state: 'open' }]);
    await connector.fetch(['21']);
    expect(account.calls('GET /ticket_fields')).toHaveLength(1);
    const [status, ...others] = TICKET_FIELDS;
    const choices = { ...(status?.choices as object), 13: ['Sorted', 'Sorted'] };
    account.on('GET /ticket_fields', { body: [{ ...status, choices }, ...others] });
    now = new Date(NOW.getTime() + MINUTE_MS);
    expect(await connector.fetch(['21'])).toMatchObject([{ state: 'closed' }]);
    expect(account.calls('GET /ticket_fields')).toHaveLength(2);
  });

  test('a ticket in the bin is deleted', async () => {
    expect(await snapshotOf(ticketWith({ deleted: true }))).toMatchObject({ state: 'deleted' });
  });
});

describe('flags', () => {
  test.each([
    ['outbound', { source: 10, status: 5 }],
    ['spam', { spam: true }],
    ['botHandled', { source: 12 }],
    ['ours', { custom_fields: { [FIELD_NAMES.reference]: 'csat:0123' } }],
    ['merged', { tags: ['Merged'] }],
  ])('%s', async (flag, changes) => {
    const { flags } = await snapshotOf(ticketWith(changes));
    expect(Object.entries(flags).filter(([, isSet]) => isSet)).toEqual([[flag, true]]);
  });

  test('an agent who asks is staff, with the language that the list of agents gives', async () => {
    const ticket = ticketWith({
      requester_id: 500,
      requester: { id: 500, name: 'Kim', email: 'kim@acme.example' },
    });
    expect((await snapshotOf(ticket)).requester).toMatchObject({ isStaff: true, locale: 'en' });
  });

  test('somebody without an address has none', async () => {
    const ticket = ticketWith({ source: 3, requester: { id: 900, name: 'Ana', email: null } });
    expect(await snapshotOf(ticket)).toMatchObject({ channel: 'voice', requester: { email: null } });
  });
});

describe('a merged ticket', () => {
  const NOTES = 'GET /tickets/21/conversations';
  const atOnce = { resolved_at: '2026-11-21T09:45:20Z', closed_at: '2026-11-21T09:45:20Z' };
  const note = { body: '<div>This ticket is closed and merged into ticket 22</div>', private: true };

  test('is told by its note, which is read once per closing', async () => {
    account.on('GET /tickets/21', { body: ticketWith({ status: 5 }, atOnce) });
    account.on(NOTES, { body: [note] });
    const connector = connectTo();
    for (let looks = 0; looks < 2; looks += 1)
      expect(await connector.fetch(['21'])).toMatchObject([{ flags: { merged: true } }]);
    expect(account.calls(NOTES)).toHaveLength(1);
  });

  test('is not one that a customer says was merged', async () => {
    account.on(NOTES, { body: [{ ...note, private: false }] });
    expect((await snapshotOf(ticketWith({ status: 5 }, atOnce))).flags.merged).toBe(false);
  });

  test.each([
    ['resolved', {}, {}],
    ['resolved, and was closed at once before', {}, atOnce],
    ['resolved first', { status: 5 }, { closed_at: '2026-11-21T12:00:00Z' }],
    ['closed at once by us', { status: 5, custom_fields: { [FIELD_NAMES.reference]: 'csat:1' } }, atOnce],
    ['outbound', { status: 5, source: 10 }, atOnce],
    ['of an agent', { status: 5, requester_id: 500 }, atOnce],
  ])('is not looked for on one that is %s', async (_, changes, stats) => {
    await snapshotOf(ticketWith(changes, stats));
    expect(account.calls(NOTES)).toEqual([]);
  });
});

describe('the language of the requester', () => {
  const context = { needs: { publicReply: false, requesterLanguage: true } };
  const CONTACT = 'GET /contacts/900';

  test('costs no call where nobody asks for it', async () => {
    expect((await snapshotOf(ticketWith())).requester.locale).toBeNull();
    expect(account.calls(CONTACT)).toEqual([]);
  });

  test('is asked for once per person', async () => {
    account.on(CONTACT, { body: { id: 900, language: 'pt-BR' } });
    account.on('GET /tickets/21', { body: ticketWith() });
    const connector = connectTo({}, context);
    for (let looks = 0; looks < 3; looks += 1)
      expect(await connector.fetch(['21'])).toMatchObject([{ requester: { locale: 'pt-BR' } }]);
    expect(account.calls(CONTACT)).toHaveLength(1);
  });

  test('is not worth a call while the ticket is open, and a contact who is gone has none', async () => {
    await snapshotOf(ticketWith({ status: 2 }), { context });
    expect(account.calls(CONTACT)).toEqual([]);
    expect((await snapshotOf(ticketWith(), { context })).requester.locale).toBeNull();
    expect(account.calls(CONTACT)).toHaveLength(1);
  });
});
