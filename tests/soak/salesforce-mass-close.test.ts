import { afterEach, beforeEach, expect, test } from 'vitest';
import { salesforce } from '../../connectors/salesforce/index.ts';
import { startSalesforceSandbox } from '../../connectors/salesforce/sandbox/sandbox.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type { Connector, StreamBell, WatchFrom } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { silentLog } from '../../src/log.ts';
import { recordTokens } from '../contract/recorded-tokens.ts';
import { createStandingClock, type StandingClock } from '../contract/standing-clock.ts';
import { eventually } from '../support/eventually.ts';

const CASES = 2_000;
/** More pages than any reading here may take. */
const MOST_PAGES = 10;

let clock: StandingClock;
let crm: Awaited<ReturnType<typeof startSalesforceSandbox>>;
let connector: Connector;

beforeEach(async () => {
  clock = createStandingClock(new Date('2026-11-21T10:00:00Z'));
  crm = await startSalesforceSandbox({ clock });
  connector = salesforce.connect(salesforce.Config.parse(crm.settings), {
    name: 'sf',
    webhookUrl: 'https://survey.acme.example/webhooks/sf',
    optOutUrl: 'https://survey.acme.example/u/',
    clock,
    log: silentLog,
    tokens: recordTokens(),
    needs: { publicReply: false },
    pushedAt: async () => null,
  });
  await connector.provision('apply');
});
afterEach(() => crm.close());

test(`${CASES} cases closed in one transaction are all named, between gaps and an overflow`, async () => {
  const heard = await listen();
  const [gaps, mass, overflow] = [await openCases(300), await openCases(CASES), await openCases(700)];

  crm.tellNextAs('gap');
  await crm.massClose(gaps);
  await crm.massClose(mass);
  crm.tellNextAs('overflow');
  await crm.massClose(overflow);
  const after = await openCases(1);
  await crm.massClose(after);

  // What is told in order is complete when the last of it is there.
  await eventually('the last closing', () => heard.named.has(after[0] ?? ''));
  await heard.stop();
  const [rescanFrom, ...others] = heard.rescans;
  if (rescanFrom === undefined) return expect.fail('the overflow asked for no watch');
  expect(others).toEqual([]);
  const rescanned = await readAll({ startAt: rescanFrom });

  const all = [...gaps, ...mass, ...overflow, ...after];
  const known = new Set([...heard.named, ...rescanned.closed]);
  expect(all.filter((caseId) => !known.has(caseId))).toEqual([]);
  expect([...gaps, ...mass].filter((caseId) => !heard.named.has(caseId))).toEqual([]);

  const snapshots: CaseSnapshot[] = [];
  for (let start = 0; start < mass.length; start += connector.batchSize)
    snapshots.push(...(await connector.fetch(mass.slice(start, start + connector.batchSize))));
  expect(new Set(snapshots.map(({ changedAt }) => changedAt.getTime())).size).toBe(1);
  expect(snapshots.filter(({ state }) => state !== 'closed')).toEqual([]);
}, 120_000);

test(`${CASES} cases that share one instant end a watch, and do not repeat for ever`, async () => {
  const startAt = clock.now();
  const mass = await openCases(CASES + 500);
  clock.advance(MINUTE_MS);
  await crm.massClose(mass);
  clock.advance(MINUTE_MS);

  const first = await readAll({ startAt });
  expect(mass.filter((caseId) => !first.closed.has(caseId))).toEqual([]);
  expect(first.rows).toBe(mass.length);

  // The overlap: read again, once more whole, and then no more.
  clock.advance(5 * MINUTE_MS);
  const second = await readAll(first.next);
  expect(second.rows).toBe(mass.length);
  clock.advance(15 * MINUTE_MS);
  const third = await readAll(second.next);
  const fourth = await readAll(third.next);
  expect(fourth).toMatchObject({ pages: 1, rows: 0 });

  await crm.reopenCase(mass[0] ?? '');
  clock.advance(MINUTE_MS);
  expect((await readAll(fourth.next)).rows).toBeGreaterThan(0);
}, 120_000);

async function openCases(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const requester = { name: 'Customer', email: `mass-${nth}@customer.example` };
    ids.push(await crm.openCase({ subject: 'Outage', requester }));
  }
  return ids;
}

/** Every page from there to the end. */
async function readAll(start: WatchFrom) {
  const closed = new Set<string>();
  let rows = 0;
  let next = start;
  for (let pages = 1; ; pages += 1) {
    if (pages > MOST_PAGES) return expect.fail(`the watch has no end after ${MOST_PAGES} pages`);
    const page = await connector.watch(next);
    rows += page.cases.length;
    for (const { caseId, state } of page.cases) if (state === 'closed') closed.add(caseId);
    next = { cursor: page.cursor };
    if (!page.more) return { pages, rows, closed, next };
  }
}

/** What the stream tells from now on. */
async function listen() {
  const named = new Set<string>();
  const rescans: Date[] = [];
  const stopping = new AbortController();
  const push = async (bell: StreamBell): Promise<void> => {
    if ('rescanFrom' in bell) rescans.push(bell.rescanFrom);
    else for (const caseId of bell.ids) named.add(caseId);
  };
  const ended = connector.stream?.(null, push, stopping.signal);
  await eventually('a subscription', () => crm.subscriptions === 1);
  return {
    named,
    rescans,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
