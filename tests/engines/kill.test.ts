import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startWorkers } from '../../jobs/worker.ts';
import { silentLog } from '../../src/log.ts';
import { createQueues } from '../../src/queue.ts';
import type { QueueBackend } from '../../src/queue-backend.ts';
import { openDatabase } from '../../src/store/database.ts';
import { describeEngines, type Engine } from '../support/engines.ts';
import { handlersThat } from '../support/handlers.ts';
import type { Where } from '../support/worker-child.ts';

const CHILD = join(import.meta.dirname, '../support/worker-child.ts');

describeEngines('a killed worker', (engine) => {
  test('has its job taken up by the next process, as the same attempt', async () => {
    const place = await prepare(engine);
    const child = spawn(process.execPath, [CHILD, JSON.stringify(place.where)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const end = once(child, 'exit');
    child.kill('SIGKILL');
    await end;

    const { backend, close } = await place.reopen();
    const attempts: number[] = [];
    const queues = createQueues({ backend, connectors: ['desk'], log: silentLog });
    const workers = await startWorkers({
      backend,
      connectors: ['desk'],
      handlers: handlersThat({ 'write-back': async (_payload, { attempt }) => void attempts.push(attempt) }),
      concurrency: { connector: 1, mail: 1, upkeep: 1 },
      queues,
      log: silentLog,
      onAuthError: async () => undefined,
    });
    await expect.poll(() => attempts, { timeout: 20_000 }).toEqual([1]);
    await workers.close({ graceMs: 0 });
    await queues.close();
    await close();
  }, 60_000);
});

interface Place {
  readonly where: Where;
  reopen(): Promise<{ backend: QueueBackend; close: () => Promise<void> }>;
}

/** The embedded engine must be a folder here, and opened by one process at a time. */
async function prepare(engine: Engine): Promise<Place> {
  if (engine.name !== 'PGlite') {
    const open = await engine.open();
    const prefix = open.backend.kind === 'redis' ? (open.backend.prefix ?? '') : '';
    return { where: { ...open.urls, dataDir: '', prefix }, reopen: async () => open };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'caseloop-'));
  return {
    where: { database: null, queue: null, dataDir, prefix: '' },
    async reopen() {
      const database = await openDatabase({ url: null, dataDir, log: silentLog });
      return {
        backend: { kind: 'database', database },
        async close() {
          await database.close();
          await rm(dataDir, { recursive: true });
        },
      };
    },
  };
}
