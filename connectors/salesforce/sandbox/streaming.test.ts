import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'jsforce';
import { StreamingExtension } from 'jsforce/lib/api/streaming.js';
import { afterEach, expect, test, vi } from 'vitest';
import { HOUR_MS } from '../../../src/clock.ts';
import { ANA_CASE, startTestOrg, type TestOrg } from './test-org.ts';

const CHANNEL = '/data/CaseChangeEvent';

/** What a subscriber sees of an event. */
interface Told {
  readonly payload: {
    readonly ChangeEventHeader: {
      readonly changeType: string;
      readonly recordIds: readonly string[];
      readonly changeOrigin: string;
    };
    readonly [field: string]: unknown;
  };
  readonly event: { readonly replayId: number };
}

/** Waits for what a busy machine may take long to show. */
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

const open: unknown[] = [];
afterEach(() => {
  // The library's types forget that its clients can be ended.
  for (const client of open.splice(0) as { disconnect(): void }[]) client.disconnect();
});

/** Listens with the vendor's client library; resolves when the subscription stands or was refused. */
async function listen(
  org: TestOrg,
  replay: number,
  onMeta: (message: Record<string, unknown>) => void = () => undefined,
): Promise<{ readonly told: Told[]; readonly error: string | null; readonly connection: Connection }> {
  const connection = await org.connect();
  const meta = {
    incoming(message: Record<string, unknown>, next: (message: unknown) => void) {
      if (String(message.channel).startsWith('/meta/')) onMeta(message);
      next(message);
    },
  };
  const client = connection.streaming.createClient([new StreamingExtension.Replay(CHANNEL, replay), meta]);
  open.push(client);
  const told: Told[] = [];
  const subscription = client.subscribe(CHANNEL, (event: Told) => told.push(event));
  const error = await subscription.then(
    () => null,
    (refused: { message: string }) => refused.message,
  );
  return { told, error, connection };
}

const types = (told: readonly Told[]): readonly string[] =>
  told.map(({ payload }) => payload.ChangeEventHeader.changeType);

test('the vendor’s client library hears of changes and goes on from a replay id', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const { told } = await listen(org, -1);
  const caseId = await org.sandbox.openCase(ANA_CASE);
  await org.sandbox.closeCase(caseId);
  await until(() => expect(types(told)).toEqual(['CREATE', 'UPDATE']));
  expect(told[1]?.payload).toMatchObject({
    ChangeEventHeader: { entityName: 'Case', recordIds: [caseId] },
    Status: 'Closed',
    ClosedDate: '2026-11-21T10:00:00.000Z',
  });
  expect(told[1]?.payload).not.toHaveProperty('Subject');
  expect(told[0]?.payload).not.toHaveProperty('SystemModstamp');

  const [first] = told;
  if (first === undefined) return expect.fail('nothing was told');
  const again = await listen(org, first.event.replayId);
  await until(() => expect(again.told).toEqual([told[1]]));
  const everything = await listen(org, -2);
  await until(() => expect(everything.told).toEqual(told));
});

test('our own writes are told with the name of the client', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const field = await org.makeScoreField();
  const caseId = await org.sandbox.openCase(ANA_CASE);
  const { told, connection } = await listen(org, -1);
  await connection.sobject('Case').update({ Id: caseId, [field]: 2 });
  await until(() => expect(told).toHaveLength(1));
  expect(told[0]?.payload).toMatchObject({
    ChangeEventHeader: { changeOrigin: 'com/salesforce/api/rest/67.0;client=csat' },
    [field]: 2,
  });
});

test('a field that the user may not see is not told', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const field = await org.makeScoreField();
  const caseId = await org.sandbox.openCase(ANA_CASE);
  const connection = await org.connect();
  const { told } = await listen(org, -1);
  await connection.sobject('Case').update({ Id: caseId, [field]: 2 });
  const assignment = await connection.query<{ Id: string }>('SELECT Id FROM PermissionSetAssignment');
  await connection.sobject('PermissionSetAssignment').destroy(assignment.records[0]?.Id ?? '');
  await org.sandbox.closeCase(caseId);
  await until(() => expect(told).toHaveLength(2));
  expect(told.map(({ payload }) => payload[field])).toEqual([2, undefined]);
  expect((await org.query(`SELECT ${field} FROM Case`)).status).toBe(400);
});

test('a composite request of all or none is told once, and not at all when it failed', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const ids = [await org.sandbox.openCase(ANA_CASE), await org.sandbox.openCase(ANA_CASE)];
  const { told } = await listen(org, -1);
  const composite = (Priority: unknown) =>
    org.call('POST', '/composite', {
      allOrNone: true,
      compositeRequest: ids.map((id, at) => ({
        method: 'PATCH',
        url: `/services/data/v67.0/sobjects/Case/${id}`,
        referenceId: `r${at}`,
        body: at === 0 ? { Priority: 'High' } : { Priority },
      })),
    });
  await composite({ wrong: true });
  await composite('High');
  await org.sandbox.closeCase(ids[0] ?? '');
  await until(() => expect(told).toHaveLength(2));
  expect(told[0]?.payload).toMatchObject({ ChangeEventHeader: { recordIds: ids }, Priority: 'High' });
});

test('a mass close is few events of many ids and one stamp; replay ids leave holes', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const ids: string[] = [];
  for (let made = 0; made < 2_000; made += 1) ids.push(await org.sandbox.openCase(ANA_CASE));
  const { told } = await listen(org, -1);
  await org.sandbox.massClose(ids);
  await until(() => expect(told).toHaveLength(10));
  expect(told.flatMap(({ payload }) => payload.ChangeEventHeader.recordIds)).toEqual(ids);
  const replayIds = told.map(({ event }) => event.replayId);
  expect(replayIds).toEqual([...replayIds].sort((a, b) => a - b));
  expect(replayIds.some((id, at) => at > 0 && id - (replayIds[at - 1] ?? 0) > 1)).toBe(true);
  const stamps = await org.query(
    'SELECT COUNT() FROM Case WHERE IsClosed = true AND SystemModstamp = 2026-11-21T10:00:00Z',
  );
  expect(stamps.body.totalSize).toBe(2_000);
});

test('gaps have headers only, an overflow no ids, and some transactions are not told at all', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const [first, second] = [await org.sandbox.openCase(ANA_CASE), await org.sandbox.openCase(ANA_CASE)];
  const { told } = await listen(org, -1);
  for (const how of ['gap', 'overflow', 'nothing'] as const) org.sandbox.tellNextAs(how);
  await org.sandbox.massClose([first, second]);
  await org.sandbox.reopenCase(first);
  await org.sandbox.reopenCase(second);
  await org.sandbox.deleteCase(first);
  await until(() => expect(types(told)).toEqual(['GAP_UPDATE', 'GAP_OVERFLOW', 'DELETE']));
  expect(told.map(({ payload }) => Object.keys(payload))).toEqual(
    told.map(() => expect.arrayContaining(['ChangeEventHeader'])),
  );
  expect(told[0]?.payload.ChangeEventHeader.recordIds).toEqual([first, second]);
  expect(told[1]?.payload.ChangeEventHeader.recordIds).toEqual([]);
  expect(told[0]?.payload).not.toHaveProperty('Status');
});

test('a replay id of the day before yesterday is refused, and events are kept for 72 hours', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const { told } = await listen(org, -1);
  await org.sandbox.openCase(ANA_CASE);
  await until(() => expect(told).toHaveLength(1));
  const replayId = told[0]?.event.replayId ?? 0;
  org.clock.advance(71 * HOUR_MS);
  expect((await listen(org, replayId)).error).toBeNull();
  org.clock.advance(HOUR_MS);
  const errors: unknown[] = [];
  const late = await listen(org, replayId, ({ error }) => errors.push(error));
  expect(errors).toContain(
    `400::The replayId {${replayId}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
  );
  expect(late.error).toContain('The replayId');
  const everything = await listen(org, -2);
  await pause(50);
  expect(everything.told).toEqual([]);
});

test('nothing comes before an admin chose cases, and nothing of other objects', async () => {
  const org = await startTestOrg({ pollMs: 500 });
  const { told, error } = await listen(org, -1);
  expect(error).toBeNull();
  const caseId = await org.sandbox.openCase(ANA_CASE);
  const member = {
    FullName: 'ChangeEvents_CaseChangeEvent',
    Metadata: { eventChannel: 'ChangeEvents', selectedEntity: 'CaseChangeEvent' },
  };
  expect((await org.call('POST', '/tooling/sobjects/PlatformEventChannelMember', member)).status).toBe(201);
  await org.sandbox.comment(caseId, 'a note');
  await org.sandbox.closeCase(caseId);
  await until(() => expect(types(told)).toEqual(['UPDATE']));
});

test('a forgotten client shakes hands again and goes on', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const errors: unknown[] = [];
  const { told } = await listen(org, -1, ({ error }) => errors.push(error));
  const caseId = await org.sandbox.openCase(ANA_CASE);
  await until(() => expect(told).toHaveLength(1));
  org.sandbox.forgetStreams();
  await until(() => expect(org.sandbox.subscriptions).toBe(1));
  await org.sandbox.closeCase(caseId);
  await until(() => expect(types(told)).toEqual(['CREATE', 'UPDATE']));
  expect(errors).toContain('403::Unknown client');
});

test('an ended session is told once and for all; an old one may go on listening', async () => {
  const org = await startTestOrg({ changeEvents: true, pollMs: 500 });
  const messages: Record<string, unknown>[] = [];
  const { told } = await listen(org, -1, (message) => messages.push(message));
  org.sandbox.expireSessions();
  await org.sandbox.openCase(ANA_CASE);
  await until(() => expect(told).toHaveLength(1));
  org.sandbox.revokeSessions();
  await until(() =>
    expect(messages.at(-1)).toMatchObject({
      channel: '/meta/connect',
      error: '401::Authentication invalid',
      advice: { reconnect: 'none' },
    }),
  );
  expect(org.sandbox.subscriptions).toBe(0);
});

test.each(['no events', 'no answers'] as const)(
  'a stream with %s is silent until it is made anew',
  async (how) => {
    const org = await startTestOrg({ changeEvents: true, pollMs: 50 });
    let connects = 0;
    const { told } = await listen(org, -1, ({ channel }) => {
      if (channel === '/meta/connect') connects += 1;
    });
    await until(() => expect(connects).toBeGreaterThan(0));
    org.sandbox.silenceStreams(how);
    await org.sandbox.openCase(ANA_CASE);
    const before = connects;
    if (how === 'no events') await until(() => expect(connects).toBeGreaterThan(before + 1));
    else await pause(200);
    if (how === 'no answers') expect(connects).toBeLessThanOrEqual(before + 1);
    expect(told).toEqual([]);
    const fresh = await listen(org, -2);
    await until(() => expect(fresh.told).toHaveLength(1));
  },
);
