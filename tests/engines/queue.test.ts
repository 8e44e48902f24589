import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Handlers, startWorkers, type Workers } from '../../jobs/worker.ts';
import { AuthError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { createQueues, MAIL_QUEUE, type Queues, UPKEEP_QUEUE } from '../../src/queue.ts';
import { linkQueue } from '../../src/queue-backend.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { handlersThat } from '../support/handlers.ts';
import { recordLog } from '../support/record-log.ts';

describeEngines('queue', (engine) => {
  let open: OpenEngine;
  let connector: string;
  let queues: Queues;
  const started: Workers[] = [];
  const authErrors: string[] = [];
  const record = recordLog();
  let nth = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterAll(() => open?.close());

  beforeEach(() => {
    // A queue of its own for each test: what one leaves behind is not seen by the next.
    nth += 1;
    connector = `desk-${nth}`;
    queues = createQueues({ backend: open.backend, connectors: [connector], log: silentLog });
    authErrors.length = 0;
    record.lines.length = 0;
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((workers) => workers.close({ graceMs: 0 })));
    const link = linkQueue(open.backend, 'work', silentLog);
    for (const name of [MAIL_QUEUE, UPKEEP_QUEUE]) {
      const queue = link.openQueue(name);
      await queue.obliterate({ force: true });
      await queue.close();
    }
    await link.close();
    await queues.close();
  });

  async function work(handlers: Partial<Handlers>): Promise<Workers> {
    const workers = await startWorkers({
      backend: open.backend,
      connectors: [connector],
      handlers: handlersThat(handlers),
      concurrency: { connector: 4, mail: 4, upkeep: 2 },
      queues,
      log: record.log,
      onAuthError: async (name) => void authErrors.push(name),
    });
    started.push(workers);
    return workers;
  }

  /** A handler that waits until the test lets each of its runs end. */
  function gate() {
    const runs: { end: (error?: unknown) => void }[] = [];
    return {
      runs,
      handle: () =>
        new Promise<void>((resolve, reject) => {
          runs.push({ end: (error) => (error === undefined ? resolve() : reject(error)) });
        }),
    };
  }

  const idle = async () => {
    const counts = await queues.counts();
    return Object.values(counts).every((count) => count.waiting + count.active + count.delayed === 0);
  };

  const TOPICAL = [
    'fetch-cases',
    'watch-cases',
    'write-back',
    'follow-up',
    'sweep',
    'check-connector',
  ] as const;

  test.for(TOPICAL)('rings of %s while it waits become one run', async (name) => {
    for (let ring = 0; ring < 5; ring += 1)
      await queues.addMany([name === 'sweep' ? { name, payload: {} } : { name, payload: { connector } }]);
    const held = gate();
    await work({ [name]: held.handle });
    await expect.poll(() => held.runs.length).toBe(1);
    held.runs[0]?.end();
    await expect.poll(idle).toBe(true);
    expect(held.runs).toHaveLength(1);
  });

  test('rings while it runs make it run exactly once more', async () => {
    const held = gate();
    await work({ 'fetch-cases': held.handle });
    await queues.add('fetch-cases', { connector });
    await expect.poll(() => held.runs.length).toBe(1);
    for (let ring = 0; ring < 5; ring += 1) await queues.add('fetch-cases', { connector });
    await queues.addMany([
      { name: 'fetch-cases', payload: { connector } },
      { name: 'fetch-cases', payload: { connector } },
    ]);
    expect(held.runs).toHaveLength(1);
    held.runs[0]?.end();
    await expect.poll(() => held.runs.length).toBe(2);
    held.runs[1]?.end();
    await expect.poll(idle).toBe(true);
    expect(held.runs).toHaveLength(2);
  });

  test('a delayed ring of the job itself waits after its run', async () => {
    const held = gate();
    await work({ 'fetch-cases': held.handle });
    await queues.add('fetch-cases', { connector });
    await expect.poll(() => held.runs.length).toBe(1);
    await queues.add('fetch-cases', { connector }, { delayMs: 60_000 });
    held.runs[0]?.end();
    await expect
      .poll(async () => (await queues.counts())[`connector-${connector}`])
      .toMatchObject({ waiting: 0, active: 0, delayed: 1 });
    await queues.add('fetch-cases', { connector });
    await delay(300);
    expect(held.runs).toHaveLength(1);
  });

  test.for([
    ['succeeds at the second attempt', new Error('once')],
    ['gives up', new PermanentError('never')],
    [
      'was held back with its account',
      new RetryableError('slow down', { scope: 'account', retryAfterMs: 300 }),
    ],
    [
      'was delayed with its endpoint',
      new RetryableError('slow down', { scope: 'endpoint', retryAfterMs: 300 }),
    ],
  ] as const)('a ring during a run that %s is not lost', async ([, error]) => {
    const held = gate();
    await work({ 'write-back': held.handle });
    await queues.add('write-back', { connector });
    await expect.poll(() => held.runs.length).toBe(1);
    await queues.add('write-back', { connector });
    held.runs[0]?.end(error);
    await expect.poll(() => held.runs.length, { timeout: 10_000 }).toBe(2);
    if (!(error instanceof PermanentError)) {
      held.runs[1]?.end();
      await expect.poll(() => held.runs.length, { timeout: 10_000 }).toBe(3);
    }
    held.runs.at(-1)?.end();
    await expect.poll(idle).toBe(true);
    expect(held.runs).toHaveLength(error instanceof PermanentError ? 2 : 3);
  });

  test('a job that failed for good can be rung again', async () => {
    const held = gate();
    await work({ 'send-survey': held.handle });
    for (const run of [0, 1]) {
      await queues.add('send-survey', { surveyId: '4711' });
      await expect.poll(() => held.runs.length).toBe(run + 1);
      held.runs[run]?.end(new PermanentError('no address'));
      await expect.poll(idle).toBe(true);
    }
  });

  test('different surveys and handles are different jobs', async () => {
    const seen: string[] = [];
    await work({
      'send-survey': async ({ surveyId }) => void seen.push(surveyId),
      settle: async ({ kind, handleId }) => void seen.push(`${kind} ${handleId}`),
    });
    await queues.addMany([
      { name: 'send-survey', payload: { surveyId: '1' } },
      { name: 'send-survey', payload: { surveyId: '2' } },
      { name: 'settle', payload: { connector, kind: 'write-back', handleId: '1' } },
      { name: 'settle', payload: { connector, kind: 'follow-up', handleId: '1' }, delayMs: 10 },
    ]);
    await expect.poll(() => seen.toSorted()).toEqual(['1', '2', 'follow-up 1', 'write-back 1']);
  });

  test('an account limit holds the whole queue', async () => {
    const limited = gate();
    let others = 0;
    await work({
      'write-back': limited.handle,
      'follow-up': async () => {
        others += 1;
      },
    });
    await queues.add('write-back', { connector });
    await expect.poll(() => limited.runs.length).toBe(1);
    limited.runs[0]?.end(new RetryableError('slow down', { scope: 'account', retryAfterMs: 60_000 }));
    await expect.poll(async () => (await queues.counts())[`connector-${connector}`]?.waiting).toBe(1);
    await queues.add('follow-up', { connector });
    await delay(300);
    expect(others).toBe(0);
    expect((await queues.counts())[`connector-${connector}`]?.waiting).toBe(2);
  });

  test('an account limit counts no attempt', async () => {
    const attempts: number[] = [];
    await work({
      'write-back': async (_payload, { attempt }) => {
        attempts.push(attempt);
        if (attempts.length < 3) throw new RetryableError('slow down', { scope: 'account', retryAfterMs: 1 });
      },
    });
    await queues.add('write-back', { connector });
    await expect.poll(() => attempts, { timeout: 10_000 }).toEqual([1, 1, 1]);
  });

  test('an endpoint limit delays that job alone', async () => {
    const limited = gate();
    let others = 0;
    await work({
      'watch-cases': limited.handle,
      'write-back': async () => {
        others += 1;
      },
    });
    await queues.add('watch-cases', { connector });
    await expect.poll(() => limited.runs.length).toBe(1);
    limited.runs[0]?.end(new RetryableError('ten a minute', { scope: 'endpoint', retryAfterMs: 60_000 }));
    await expect.poll(async () => (await queues.counts())[`connector-${connector}`]?.delayed).toBe(1);
    await queues.add('write-back', { connector });
    await expect.poll(() => others).toBe(1);
    expect(limited.runs).toHaveLength(1);
  });

  test('refused credentials pause the queue, over restarts, and nothing is lost or counted', async () => {
    const attempts: number[] = [];
    let refuse = true;
    const handlers: Partial<Handlers> = {
      'write-back': async (_payload, { attempt }) => {
        attempts.push(attempt);
        if (refuse) throw new AuthError('401');
      },
    };
    const first = await work(handlers);
    await queues.add('write-back', { connector });
    await expect.poll(() => authErrors).toEqual([connector]);
    await expect
      .poll(async () => (await queues.counts())[`connector-${connector}`])
      .toMatchObject({ active: 0, waiting: 1 });
    await first.close({ graceMs: 0 });

    await work(handlers);
    expect(await queues.isPaused(connector)).toBe(true);
    refuse = false;
    await queues.resume(connector);
    await expect.poll(() => attempts).toEqual([1, 1]);
    await expect.poll(idle).toBe(true);
    expect(authErrors).toEqual([connector]);
  });

  test('a check that is refused pauses the connector, not upkeep', async () => {
    let sweeps = 0;
    await work({
      'check-connector': async () => {
        throw new AuthError('401');
      },
      sweep: async () => {
        sweeps += 1;
      },
    });
    await queues.add('check-connector', { connector });
    await expect.poll(() => authErrors).toEqual([connector]);
    expect(await queues.isPaused(connector)).toBe(true);
    await queues.add('sweep', {});
    await expect.poll(() => sweeps).toBe(1);
    await queues.resume(connector);
  });

  test.for([new ConfigError('no such field', { fix: 'Run provision.' }), new PermanentError('merged away')])(
    '%s is not tried again, and says what to do',
    async (error) => {
      let runs = 0;
      await work({
        'write-back': async () => {
          runs += 1;
          throw error;
        },
      });
      await queues.add('write-back', { connector });
      await expect.poll(async () => (await queues.counts())[`connector-${connector}`]?.failed).toBe(1);
      expect(runs).toBe(1);
      expect(record.lines).toContainEqual(expect.objectContaining({ reason: error.message, fix: error.fix }));
    },
  );

  test('jobs and schedules of another version are dropped, payloads that do not parse fail', async () => {
    const link = linkQueue(open.backend, 'work', silentLog);
    const queue = link.openQueue(MAIL_QUEUE);
    await work({});
    await queue.add('send-fax', {});
    await queue.add('tick', { name: 'send-fax', payload: {} });
    await queue.add('send-survey', { surveyId: 7, address: 'x' }, { attempts: 8 });
    await expect
      .poll(async () => (await queues.counts())[MAIL_QUEUE])
      .toMatchObject({ failed: 1, waiting: 0, active: 0 });
    await expect
      .poll(() => record.lines.map((line) => line.msg).toSorted())
      .toEqual(['job failed', 'job of another version dropped', 'schedule of another version dropped']);
    await queue.close();
    await link.close();
  });

  test('schedules ring again and again, however often they are asserted, and outlive an emptied queue', async () => {
    let runs = 0;
    await work({
      'watch-cases': async () => {
        runs += 1;
      },
    });
    const assert = () =>
      queues.assertSchedules([{ name: 'watch-cases', payload: { connector }, everyMs: 400 }]);
    const before = Date.now();
    while (runs < 4) {
      await assert();
      await delay(50);
      if (Date.now() - before > 15_000) break;
    }
    expect(runs).toBeGreaterThanOrEqual(4);

    const link = linkQueue(open.backend, 'work', silentLog);
    const queue = link.openQueue(`connector-${connector}`);
    await queue.obliterate({ force: true });
    await queue.resume();
    await queue.close();
    await link.close();
    const seen = runs;
    await assert();
    await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThan(seen + 1);
  });

  test('a changed interval replaces the old one', async () => {
    const at = (everyMs: number) =>
      queues.assertSchedules([{ name: 'watch-cases', payload: { connector }, everyMs }]);
    let runs = 0;
    await at(3_600_000);
    await work({
      'watch-cases': async () => {
        runs += 1;
      },
    });
    await expect.poll(() => runs).toBe(1);
    await at(300);
    await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThan(2);
  });

  test('a scheduled run and a rung one are never two at once', async () => {
    const held = gate();
    await work({ 'watch-cases': held.handle });
    await queues.add('watch-cases', { connector });
    await expect.poll(() => held.runs.length).toBe(1);
    await queues.assertSchedules([{ name: 'watch-cases', payload: { connector }, everyMs: 100 }]);
    await delay(500);
    expect(held.runs).toHaveLength(1);
    held.runs[0]?.end();
    await expect.poll(() => held.runs.length).toBe(2);
    held.runs[1]?.end();
  });

  test('closing waits for what is in flight', async () => {
    const held = gate();
    const workers = await work({ 'write-back': held.handle });
    await queues.add('write-back', { connector });
    await expect.poll(() => held.runs.length).toBe(1);
    const closed = workers.close({ graceMs: 20_000 });
    held.runs[0]?.end();
    await closed;
    expect(await idle()).toBe(true);
  });

  test('closing hands back what does not end in time, without counting an attempt', async () => {
    const held = gate();
    const attempts: number[] = [];
    const workers = await work({ 'write-back': held.handle });
    await queues.add('write-back', { connector });
    await expect.poll(() => held.runs.length).toBe(1);
    await workers.close({ graceMs: 50 });
    expect(await queues.counts()).toMatchObject({
      [`connector-${connector}`]: { waiting: 1, active: 0, failed: 0 },
    });
    await work({ 'write-back': async (_payload, { attempt }) => void attempts.push(attempt) });
    await expect.poll(() => attempts).toEqual([1]);
  });

  test('a job that stops at the signal goes back', async () => {
    const attempts: number[] = [];
    let running = false;
    const workers = await work({
      'write-back': async (_payload, { signal }) => {
        running = true;
        while (true) {
          signal.throwIfAborted();
          await delay(10);
        }
      },
    });
    await queues.add('write-back', { connector });
    await expect.poll(() => running).toBe(true);
    await workers.close({ graceMs: 20_000 });
    await work({ 'write-back': async (_payload, { attempt }) => void attempts.push(attempt) });
    await expect.poll(() => attempts).toEqual([1]);
  });
});
