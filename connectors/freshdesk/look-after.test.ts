import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecoveryLook } from '../../src/connector.ts';
import { connectTo, openScriptedAccount, type ScriptedAccount, ticketWith } from './scripted-account.ts';

const LIST = 'GET /tickets';
const SCORED_AT = new Date('2026-11-21T10:00:00.500Z');
const ANSWERED = { agent_responded_at: '2026-11-21T11:00:00Z' };

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
});
afterEach(() => account.close());

const itemsFor = (...ids: readonly number[]): readonly RecoveryLook[] =>
  ids.map((id) => ({ key: String(id), caseId: String(id), since: SCORED_AT, taskId: null }));

function said(changes: Record<string, unknown>): Record<string, unknown> {
  const at = '2026-11-21T11:00:00Z';
  return {
    body: '<div>Sorry</div>',
    incoming: false,
    private: false,
    auto_response: false,
    created_at: at,
    ...changes,
  };
}

test('what Freshdesk answers by itself, notes, forged shapes and our own survey are no answer', async () => {
  account.on('GET /tickets/21', { body: ticketWith({}, ANSWERED) });
  const ask =
    '<div>How was it?<br><a href="https://survey.acme.example/u/x">https://survey.acme.example/u/x</a></div>';
  const conversations = [
    said({ auto_response: true }),
    said({ private: true }),
    said({ incoming: true }),
    said({ created_at: null }),
    said({ private: undefined }),
    said({ body: ask }),
    said({ created_at: '2026-11-21T09:59:00Z' }),
  ];
  account.on('GET /tickets/21/conversations', { body: conversations });
  const look = async () => (await connectTo().lookAfter(itemsFor(21)))[0]?.repliedAt;
  expect(await look()).toBeNull();
  const quoted = said({ body: `<div>Sorry</div><blockquote>${ask}</blockquote><p>Kim</p>` });
  account.on('GET /tickets/21/conversations', { body: [...conversations, quoted] });
  expect(await look()).toEqual(new Date('2026-11-21T11:00:00Z'));
});

test('many are looked for among the tickets that changed since the oldest score; who is not there was not answered', async () => {
  account.on(LIST, { body: [ticketWith({ id: 21 }, { agent_responded_at: '2026-11-21T10:00:00Z' })] });
  const states = await connectTo().lookAfter(itemsFor(21, 22));
  expect(states).toEqual(['21', '22'].map((key) => ({ key, repliedAt: null, taskDoneAt: null })));
  expect(account.seen.map(({ path }) => path)).toEqual(['/tickets']);
  const { updated_since, include, order_by, order_type } = account.calls(LIST)[0]?.query ?? {};
  expect({ updated_since, include, order_by, order_type }).toEqual({
    updated_since: '2026-11-21T10:00:00Z',
    include: 'stats',
    order_by: 'updated_at',
    order_type: 'desc',
  });
});

/** A full page of tickets that nobody looks after, changed at this instant. */
const pageOfOthers = (updated_at: string): readonly object[] =>
  Array.from({ length: 100 }, (_, at) => ticketWith({ id: 1_000 + at, updated_at }));

test('pages are read as long as they cost less than the tickets beyond them would by themselves', async () => {
  account.on(LIST, { body: pageOfOthers('2026-11-21T12:00:00Z') });
  const ids = [21, 22, 23, 24, 25];
  for (const id of ids.slice(1)) account.on(`GET /tickets/${id}`, { body: ticketWith({ id }, ANSWERED) });
  account.on('GET /tickets/25', { body: ticketWith({ id: 25, deleted: true }, ANSWERED) });
  for (const id of ids) account.on(`GET /tickets/${id}/conversations`, { body: [said({})] });
  const states = await connectTo().lookAfter(itemsFor(...ids));
  expect(account.calls(LIST)).toHaveLength(3);
  expect(states.filter(({ repliedAt }) => repliedAt !== null).map(({ key }) => key)).toEqual([
    '22',
    '23',
    '24',
  ]);
});

test('a page that goes back to before every score ends the list', async () => {
  account.on(LIST, { body: pageOfOthers('2026-11-21T10:00:00Z') });
  const states = await connectTo().lookAfter(itemsFor(21, 22, 23, 24, 25));
  expect(states.map(({ repliedAt }) => repliedAt)).toEqual([null, null, null, null, null]);
  expect(account.seen.map(({ path }) => path)).toEqual(['/tickets']);
});

test('a later look lists from where the last one stands, and knows what it saw', async () => {
  let now = new Date('2026-11-21T13:00:00Z');
  const connector = connectTo({}, { clock: { now: () => now } });
  account.on(LIST, { body: [ticketWith({ id: 21 }, ANSWERED)] });
  account.on('GET /tickets/21/conversations', { body: [said({})] });
  await connector.lookAfter(itemsFor(21, 22));
  account.on(LIST, { body: [] });
  now = new Date('2026-11-21T14:00:00Z');
  const [first, second] = await connector.lookAfter(itemsFor(21, 22));
  expect(account.calls(LIST)[1]?.query.updated_since).toBe('2026-11-21T12:55:00Z');
  expect([first?.repliedAt, second?.repliedAt]).toEqual([new Date('2026-11-21T11:00:00Z'), null]);
  // Of what was before the score nothing is known yet.
  const since = new Date('2026-11-20T10:00:00Z');
  account.on(LIST, { body: [ticketWith({ id: 22 }, { agent_responded_at: '2026-11-20T11:00:00Z' })] });
  account.on('GET /tickets/22/conversations', { body: [said({ created_at: '2026-11-20T11:00:00Z' })] });
  const older = await connector.lookAfter(itemsFor(21, 22).map((item) => ({ ...item, since })));
  expect(account.calls(LIST)[2]?.query.updated_since).toBe('2026-11-20T10:00:00Z');
  expect(older[1]?.repliedAt).toEqual(new Date('2026-11-20T11:00:00Z'));
});

test('a look that a limit cut off goes on where it stopped', async () => {
  const connector = connectTo({}, { clock: { now: () => new Date('2026-11-21T12:10:00Z') } });
  account.on(LIST, { body: pageOfOthers('2026-11-21T12:00:00Z') });
  const limited = { status: 429, headers: { 'retry-after': '30' } };
  for (const id of [21, 22, 23]) account.on(`GET /tickets/${id}`, { body: ticketWith({ id }) });
  account.on('GET /tickets/23', limited);
  await expect(connector.lookAfter(itemsFor(21, 22, 23))).rejects.toThrow(/429/);
  account.on('GET /tickets/23', { body: ticketWith({ id: 23 }) });
  await connector.lookAfter(itemsFor(21, 22, 23));
  const singles = account.seen.map(({ path }) => path).filter((path) => path !== '/tickets');
  expect(singles).toEqual(['/tickets/21', '/tickets/22', '/tickets/23', '/tickets/23']);
});

test('a task is done in a status of the account that counts as closed', async () => {
  const done = { status: 12, id: 30 };
  account.on(LIST, {
    body: [ticketWith(done, { status_updated_at: '2026-11-21T12:00:00Z', resolved_at: null })],
  });
  const [item] = itemsFor(21);
  const look = async (settings: Record<string, unknown>) =>
    (await connectTo(settings).lookAfter(item === undefined ? [] : [{ ...item, taskId: '30' }]))[0]
      ?.taskDoneAt;
  expect(await look({ closedStatuses: ['Done by phone'] })).toEqual(new Date('2026-11-21T12:00:00Z'));
  expect(await look({})).toBeNull();
});
