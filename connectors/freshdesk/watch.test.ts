import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/errors.ts';
import {
  connectTo,
  failureOf,
  NOW,
  openScriptedAccount,
  type ScriptedAccount,
  ticketWith,
} from './scripted-account.ts';

const LIST = 'GET /tickets';

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
});
afterEach(() => account.close());

/** So many tickets from `first` on, all updated at that second of 09:00. */
function ticketsAt(second: number, count: number, first = 100) {
  const updated_at = `2026-11-21T09:00:${String(second).padStart(2, '0')}Z`;
  return Array.from({ length: count }, (_, at) => ticketWith({ id: first + at, updated_at }));
}

/** Answers page by page and gives what was asked. */
function pages(...bodies: readonly (readonly unknown[])[]) {
  let next = 0;
  account.on(LIST, () => {
    next += 1;
    return { body: bodies[next - 1] ?? [] };
  });
}

const asked = () => account.calls(LIST).map(({ query }) => `${query.updated_since} ${query.page}`);

/** Watches to the end from 09:00:00 and gives the ids that were read. */
async function watchAll(): Promise<readonly string[]> {
  const connector = connectTo();
  const read: string[] = [];
  let page = await connector.watch({ startAt: new Date('2026-11-21T09:00:00Z') });
  read.push(...page.cases.map(({ caseId }) => caseId));
  while (page.more) {
    page = await connector.watch({ cursor: page.cursor });
    read.push(...page.cases.map(({ caseId }) => caseId));
  }
  return read;
}

describe('where a watch goes on', () => {
  test('asks for stats and requester, oldest change first, whole pages', async () => {
    pages([]);
    await connectTo().watch({ startAt: new Date('2026-11-21T09:00:00.789Z') });
    expect(account.calls(LIST)[0]?.query).toEqual({
      updated_since: '2026-11-21T09:00:00Z',
      order_by: 'updated_at',
      order_type: 'asc',
      include: 'stats,requester',
      per_page: '100',
      page: '1',
    });
  });

  test('page 1 again from the last change seen, never page 2 of the same list', async () => {
    pages([...ticketsAt(0, 60), ...ticketsAt(7, 40, 200)], [...ticketsAt(7, 90, 200)]);
    await watchAll();
    expect(asked()).toEqual(['2026-11-21T09:00:00Z 1', '2026-11-21T09:00:07Z 1']);
  });

  test('the next watch begins a minute before the last change seen', async () => {
    pages(ticketsAt(30, 3));
    const connector = connectTo();
    const first = await connector.watch({ startAt: new Date('2026-11-21T09:00:00Z') });
    expect(first).toMatchObject({ more: false, reachedAt: new Date('2026-11-21T09:00:30Z') });
    await connector.watch({ cursor: first.cursor });
    expect(asked()[1]).toBe('2026-11-21T08:59:30Z 1');
  });

  test('with nothing to read it stays where it is, however often it looks', async () => {
    pages();
    const connector = connectTo();
    let page = await connector.watch({ startAt: NOW });
    expect(page).toMatchObject({ cases: [], more: false, reachedAt: null });
    for (let looks = 0; looks < 3; looks += 1) page = await connector.watch({ cursor: page.cursor });
    expect(new Set(asked())).toEqual(new Set(['2026-11-21T10:00:00Z 1']));
  });
});

describe('a second that fills pages', () => {
  test('is read to its last page and back again, then the next second', async () => {
    pages(ticketsAt(0, 100), ticketsAt(0, 100, 200), [...ticketsAt(0, 20, 300), ...ticketsAt(9, 80, 400)]);
    await watchAll();
    expect(asked()).toEqual([
      '2026-11-21T09:00:00Z 1',
      '2026-11-21T09:00:00Z 2',
      '2026-11-21T09:00:00Z 3',
      '2026-11-21T09:00:00Z 2',
      '2026-11-21T09:00:00Z 1',
      '2026-11-21T09:00:01Z 1',
    ]);
  });

  test('that is the end is overlapped by the next watch, since more may still join it', async () => {
    pages(ticketsAt(0, 100), ticketsAt(0, 5, 200), ticketsAt(0, 100));
    const connector = connectTo();
    let page = await connector.watch({ startAt: new Date('2026-11-21T09:00:00Z') });
    while (page.more) page = await connector.watch({ cursor: page.cursor });
    expect(account.calls(LIST)).toHaveLength(3);
    await connector.watch({ cursor: page.cursor });
    expect(asked().at(-1)).toBe('2026-11-21T08:59:00Z 1');
  });

  test('loses no ticket, though others leave the second between any two pages', async () => {
    const all = ticketsAt(0, 350).map((ticket) => ({ ...ticket }));
    let touched = 0;
    account.on(LIST, ({ query }) => {
      const since = String(query.updated_since);
      const listed = all
        .filter((ticket) => String(ticket.updated_at) >= since)
        .sort((one, other) => String(one.updated_at).localeCompare(String(other.updated_at)));
      const start = (Number(query.page) - 1) * 100;
      const body = listed.slice(start, start + 100);
      // The first seven of the page are updated as soon as it was read, so everything behind them shifts up.
      touched += 1;
      const movedTo = `2026-11-21T09:10:${String(touched).padStart(2, '0')}Z`;
      const copies = body.map((ticket) => ({ ...ticket }));
      if (touched < 20) for (const ticket of body.slice(0, 7)) ticket.updated_at = movedTo;
      return { body: copies };
    });
    const read = new Set(await watchAll());
    expect(all.filter(({ id }) => !read.has(String(id)))).toEqual([]);
  });

  test('no page beyond the 300th is asked for', async () => {
    account.on(LIST, { body: ticketsAt(0, 100) });
    const connector = connectTo();
    const cursor = JSON.stringify({ v: 1, since: '2026-11-21T09:00:00Z', page: 300 });
    const failure = await failureOf(connector.watch({ cursor }));
    expect(failure).toBeInstanceOf(PermanentError);
    expect(failure.message).toContain('300 pages');
  });
});

test.each([
  '',
  'nonsense',
  '{}',
  '{"v":2,"since":"2026-11-21T09:00:00Z","page":1}',
  '{"v":1,"since":"x","page":1}',
])('a cursor that is not ours fails for good: %s', async (cursor) => {
  expect(await failureOf(connectTo().watch({ cursor }))).toBeInstanceOf(PermanentError);
  expect(account.seen).toEqual([]);
});
