import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/clock.ts';
import type { WatchFrom, WatchPage } from '../../src/connector.ts';
import { PermanentError, type RetryableError } from '../../src/errors.ts';
import { caseRow, connectTo, NOW, rows, type ScriptedOrg, startScriptedOrg } from './scripted-org.ts';

const START: WatchFrom = { startAt: new Date('2026-11-21T08:00:00Z') };
const id = (n: number): string => `500xx0000${String(n).padStart(6, '0')}AAA`;
const at = (time: string): string => `2026-11-21T${time}.000+0000`;

/** A clock that a test moves. */
function movableClock() {
  let nowMs = NOW.getTime();
  return {
    now: () => new Date(nowMs),
    advance: (byMs: number) => {
      nowMs += byMs;
    },
  };
}

/** An org that answers the watch's query as Salesforce would: rows behind a place, in order, 2,000 at most. */
function serveCases(org: ScriptedOrg, cases: readonly (readonly [number, string])[]): void {
  const all = cases
    .map(([n, time]) => ({ id: id(n), at: at(time) }))
    .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
  org.on('GET ~/queryAll', ({ query }) => {
    const soql = query.get('q') ?? '';
    const instants = [...soql.matchAll(/SystemModstamp [>=]+ (\S+Z)/g)].map(([, text]) =>
      Date.parse(text ?? ''),
    );
    const from = instants[0] ?? Number.NaN;
    const afterId = /Id > '(\w+)'/.exec(soql)?.[1] ?? null;
    const behind = all.filter((one) => {
      const ms = Date.parse(one.at.replace('+0000', 'Z'));
      return afterId === null ? ms >= from : ms > from || (ms === from && one.id > afterId);
    });
    return rows(behind.slice(0, 2_000).map((one) => caseRow({ Id: one.id, SystemModstamp: one.at })));
  });
}

async function readAll(watch: (from: WatchFrom) => Promise<WatchPage>, start: WatchFrom) {
  const pages: WatchPage[] = [];
  for (let from = start; ; ) {
    if (pages.length > 20) expect.fail('the watch has no end');
    const page = await watch(from);
    pages.push(page);
    from = { cursor: page.cursor };
    if (!page.more)
      return { pages, ids: pages.flatMap(({ cases }) => cases.map(({ caseId }) => caseId)), from };
  }
}

test('asks for all cases that changed, deleted ones too, in the order of change and id', async () => {
  await using org = await startScriptedOrg();
  await connectTo(org).watch(START);
  const [asked] = org.calls('GET ~/queryAll');
  expect(asked?.query.get('q')).toMatch(
    /FROM Case WHERE SystemModstamp >= 2026-11-21T08:00:00\.000Z ORDER BY SystemModstamp, Id LIMIT 2000$/,
  );
});

test('thousands of rows of one instant are read once each, page by page', async () => {
  await using org = await startScriptedOrg();
  serveCases(
    org,
    Array.from({ length: 4_500 }, (_, n) => [n, '09:00:00'] as const),
  );
  const { pages, ids } = await readAll(connectTo(org).watch, START);
  expect(pages.map(({ cases }) => cases.length)).toEqual([2_000, 2_000, 500]);
  expect(new Set(ids).size).toBe(4_500);
});

describe('the overlap', () => {
  test('rows repeat for a quarter of an hour, and then no more', async () => {
    await using org = await startScriptedOrg();
    const clock = movableClock();
    const { watch } = connectTo(org, {}, { clock });
    serveCases(org, [
      [1, '09:40:00'],
      [2, '09:50:00'],
      [3, '09:58:00'],
    ]);
    const first = await readAll(watch, START);
    expect(first.ids).toEqual([id(1), id(2), id(3)]);
    clock.advance(5 * MINUTE_MS);
    const again = await readAll(watch, first.from);
    expect(again.ids).toEqual([id(2), id(3)]);
    clock.advance(11 * MINUTE_MS);
    const settling = await readAll(watch, again.from);
    expect(settling.ids).toEqual([id(2), id(3)]);
    for (let polls = 0; polls < 3; polls += 1) {
      clock.advance(5 * MINUTE_MS);
      expect((await readAll(watch, settling.from)).ids).toEqual([]);
    }
  });

  test('a row that commits late with an earlier instant is found', async () => {
    await using org = await startScriptedOrg();
    const clock = movableClock();
    const { watch } = connectTo(org, {}, { clock });
    serveCases(org, [[2, '09:58:00']]);
    const first = await readAll(watch, START);
    clock.advance(14 * MINUTE_MS);
    serveCases(org, [
      [1, '09:44:00'],
      [2, '09:58:00'],
    ]);
    expect((await readAll(watch, first.from)).ids).toEqual([id(1), id(2)]);
  });

  test('thousands of rows of one instant do not repeat for ever', async () => {
    await using org = await startScriptedOrg();
    const clock = movableClock();
    const { watch } = connectTo(org, {}, { clock });
    serveCases(
      org,
      Array.from({ length: 2_500 }, (_, n) => [n, '09:58:00'] as const),
    );
    let { from } = await readAll(watch, START);
    clock.advance(16 * MINUTE_MS);
    ({ from } = await readAll(watch, from));
    const idle = await readAll(watch, from);
    expect(idle.pages.map(({ cases }) => cases.length)).toEqual([0]);
  });

  test('a reading that began before the quarter of an hour was over does not end it', async () => {
    await using org = await startScriptedOrg();
    const clock = movableClock();
    const { watch } = connectTo(org, {}, { clock });
    serveCases(
      org,
      Array.from({ length: 2_500 }, (_, n) => [n, '09:58:00'] as const),
    );
    const first = await readAll(watch, START);
    clock.advance(14 * MINUTE_MS);
    const page = await watch(first.from);
    clock.advance(2 * MINUTE_MS);
    const last = await watch({ cursor: page.cursor });
    expect(last.more).toBe(false);
    expect((await watch({ cursor: last.cursor })).cases).toHaveLength(2_000);
  });
});

test('reachedAt is the highest instant that was read, and never goes back', async () => {
  await using org = await startScriptedOrg();
  const { watch } = connectTo(org);
  expect((await watch(START)).reachedAt).toBeNull();
  serveCases(org, [
    [1, '09:40:00'],
    [2, '09:50:00'],
  ]);
  const page = await watch(START);
  expect(page.reachedAt).toEqual(new Date('2026-11-21T09:50:00Z'));
  expect((await watch({ cursor: page.cursor })).reachedAt).toEqual(page.reachedAt);
});

test('a page that Salesforce made smaller than asked for is not the last', async () => {
  await using org = await startScriptedOrg();
  org.on('GET ~/queryAll', rows([caseRow()], '/services/data/v67.0/query/01g-500'));
  expect((await connectTo(org).watch(START)).more).toBe(true);
  expect(org.calls('GET ~/query/01g-500')).toEqual([]);
});

test.each(['', 'after:1', '{}', '{"v":2}'])('the cursor %j is not one of ours', async (cursor) => {
  await using org = await startScriptedOrg();
  await expect(connectTo(org).watch({ cursor })).rejects.toBeInstanceOf(PermanentError);
  expect(org.seen).toEqual([]);
});

describe('the API budget', () => {
  async function watchAt(used: number, settings: Record<string, unknown> = {}) {
    const org = await startScriptedOrg();
    const clock = movableClock();
    org.on('GET ~/queryAll', { ...rows([]), headers: { 'sforce-limit-info': `api-usage=${used}/1000` } });
    return { org, clock, watch: connectTo(org, settings, { clock }).watch };
  }
  const refused = (watch: Promise<WatchPage>) =>
    watch.then(
      () => expect.fail('the watch was not held up'),
      (error: unknown) => error as RetryableError,
    );

  test('below it nothing waits', async () => {
    const { org, watch } = await watchAt(499);
    await using _ = org;
    for (let polls = 0; polls < 3; polls += 1) await watch(START);
  });

  test('at it a page is read every five minutes, near the end every hour, and only the watch waits', async () => {
    for (const [used, waitMinutes] of [
      [500, 5],
      [1_000, 60],
      [2_000, 60],
    ] as const) {
      const { org, clock, watch } = await watchAt(used);
      await using _ = org;
      await watch(START);
      const error = await refused(watch(START));
      expect(error).toMatchObject({ scope: 'endpoint', retryAfterMs: waitMinutes * MINUTE_MS });
      clock.advance(waitMinutes * MINUTE_MS);
      await watch(START);
      expect(org.calls('GET ~/queryAll')).toHaveLength(2);
    }
  });

  test('the share is the configured one', async () => {
    const { org, watch } = await watchAt(600, { apiBudget: '80%' });
    await using _ = org;
    await watch(START);
    await watch(START);
  });
});
