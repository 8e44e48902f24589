import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createStreams, type Streams } from '../../jobs/stream-cases.ts';
import { watchCases } from '../../jobs/watch-cases.ts';
import type { Work } from '../../jobs/work.ts';
import type { Connector, StreamBell, WatchFrom } from '../../src/connector.ts';
import { AuthError, RetryableError } from '../../src/errors.ts';
import type { Queues } from '../../src/queue.ts';
import { readConnector, registerConnector } from '../../src/store/connectors.ts';
import { dueDoorbells } from '../../src/store/doorbells.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { createMovableClock } from '../support/movable-clock.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

/** A stream that is open, in the test's hands. */
interface Listening {
  readonly worker: string;
  readonly cursor: string | null;
  readonly signal: AbortSignal;
  push(bell: StreamBell, cursor: string): Promise<void>;
  lose(error: Error): void;
}

describeEngines('streams', (engine) => {
  let open: OpenEngine;
  const clock = createMovableClock();
  let listening: Listening[];
  let watched: WatchFrom[];
  let opened: Streams[];

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
  });
  beforeEach(async () => {
    const s = open.database.db.withSchema(SCHEMA);
    for (const table of ['connectors', 'doorbells', 'leases'] as const) await s.deleteFrom(table).execute();
    await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: clock.now() });
    listening = [];
    watched = [];
    opened = [];
  });
  afterEach(async () => {
    for (const streams of opened) await streams.close();
  });
  afterAll(() => open.close());

  async function process(workerId: string) {
    const rings: string[] = [];
    const refused: string[] = [];
    const connector = {
      batchSize: 100,
      watch: async (from: WatchFrom) => {
        watched.push(from);
        return { cases: [], cursor: `read ${watched.length}`, more: false, reachedAt: null };
      },
      stream: (cursor: string | null, push: Listening['push'], signal: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          const one = { worker: workerId, cursor, signal, push, lose: reject };
          listening.push(one);
          signal.addEventListener('abort', () => {
            listening.splice(listening.indexOf(one), 1);
            resolve();
          });
        }),
    } as unknown as Connector;
    const queues = {
      add: async (name: string) => void rings.push(name),
      addMany: async () => undefined,
      pause: async (name: string) => void rings.push(`pause ${name}`),
    } as unknown as Queues;
    const base = await storeWork(open.database, { workerId, clock, send: async () => undefined });
    const work: Work = { ...base, queues, connectors: new Map([[CONNECTOR, connector]]) };
    const streams = createStreams(work, async (name) => void refused.push(name));
    opened.push(streams);
    return { streams, work, rings, refused };
  }

  const stored = () => readConnector(open.database.db, CONNECTOR);
  const only = (): Listening => {
    expect(listening).toHaveLength(1);
    const [one] = listening;
    if (one === undefined) throw new Error('nobody listens');
    return one;
  };

  test('ring for the cases that they name, and keep where they stand', async () => {
    const { streams, rings } = await process('one');
    await streams.look();
    expect(only().cursor).toBeNull();
    await only().push({ ids: ['7', '8'] }, 'after 8');
    const bells = await dueDoorbells(open.database.db, CONNECTOR, 10);
    expect(bells.map(({ caseId }) => caseId).sort()).toEqual(['7', '8']);
    expect(await stored()).toMatchObject({
      stream_cursor: 'after 8',
      streamed_at: expect.any(Date),
      rescan_from: null,
    });
    expect(rings).toEqual(['fetch-cases']);
  });

  test('have what they lost looked for by a watch, from the earliest instant on, and then no more', async () => {
    const { streams, rings, work } = await process('one');
    await streams.look();
    await only().push({ rescanFrom: new Date('2026-11-22T09:00:00Z') }, 'a');
    await only().push({ rescanFrom: new Date('2026-11-22T08:00:00Z') }, 'b');
    await only().push({ rescanFrom: new Date('2026-11-22T08:30:00Z') }, 'c');
    expect(rings).toEqual(['watch-cases', 'watch-cases', 'watch-cases']);
    const { started_at } = (await stored()) ?? {};
    await watchCases(work, { connector: CONNECTOR });
    expect(watched).toEqual([{ startAt: new Date('2026-11-22T08:00:00Z') }, { startAt: started_at }]);
    await watchCases(work, { connector: CONNECTOR });
    expect(watched.slice(2)).toEqual([{ cursor: 'read 2' }]);
  });

  test('are open in one process at a time, and in another one when that stops', async () => {
    const one = await process('one');
    const other = await process('other');
    await one.streams.look();
    await other.streams.look();
    expect(only().worker).toBe('one');
    await only().push({ ids: ['7'] }, 'after 7');
    await one.streams.close();
    await other.streams.look();
    expect(only()).toMatchObject({ worker: 'other', cursor: 'after 7' });
  });

  test('go to another process when theirs is silent for too long, which then ends its own', async () => {
    const one = await process('one');
    const other = await process('other');
    await one.streams.look();
    clock.advance(31_000);
    await other.streams.look();
    await one.streams.look();
    expect(only().worker).toBe('other');
  });

  test('that are lost are opened again at the next look, from where they stood', async () => {
    const { streams } = await process('one');
    await streams.look();
    await only().push({ ids: ['7'] }, 'after 7');
    const [lost] = listening.splice(0);
    lost?.lose(new RetryableError('the connection broke'));
    await expect
      .poll(async () => {
        await streams.look();
        return listening.length;
      })
      .toBe(1);
    expect(only().cursor).toBe('after 7');
  });

  test('whose credentials are refused pause their connector and stay closed until it is resumed', async () => {
    const { streams, rings, refused } = await process('one');
    await streams.look();
    const [lost] = listening.splice(0);
    const s = open.database.db.withSchema(SCHEMA);
    await s.updateTable('connectors').set({ paused_at: clock.now() }).execute();
    lost?.lose(new AuthError('refused'));
    await expect.poll(() => refused).toEqual([CONNECTOR]);
    expect(rings).toEqual([`pause ${CONNECTOR}`]);
    await streams.look();
    expect(listening).toHaveLength(0);
    await s.updateTable('connectors').set({ paused_at: null }).execute();
    await streams.look();
    expect(listening).toHaveLength(1);
  });
});
