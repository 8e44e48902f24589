import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startWorkers } from '../../jobs/worker.ts';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { createQueues } from '../../src/queue.ts';
import type { QueueBackend } from '../../src/queue-backend.ts';
import { Secret } from '../../src/secret.ts';
import { openDatabase } from '../../src/store/database.ts';
import { engines } from '../support/engines.ts';
import { handlersThat } from '../support/handlers.ts';
import { recordLog } from '../support/record-log.ts';

describe('a Redis that cannot be used', () => {
  test('is a ConfigError, holds no caller and lets go', async () => {
    const { log, lines } = recordLog();
    const queues = createQueues({
      backend: { kind: 'redis', url: new Secret('redis://ann:hunter2@127.0.0.1:1') },
      connectors: ['desk'],
      log,
    });
    const error = await queues.ready().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ message: 'queue.url: Redis does not answer (ECONNREFUSED)' });
    await expect(queues.add('sweep', {})).rejects.toThrow();
    await queues.close();
    expect(JSON.stringify([lines, (error as Error).message])).not.toContain('hunter2');
  });

  test.for(['http://127.0.0.1', 'hunter2'])('%s is no address', (url) => {
    const open = () =>
      createQueues({ backend: { kind: 'redis', url: new Secret(url) }, connectors: [], log: silentLog });
    expect(open).toThrow(ConfigError);
    expect(open).toThrow('queue.url: this is not a Redis address');
  });
});

for (const name of ['PostgreSQL', 'Redis'] as const) {
  const engine = engines.find((candidate) => candidate.name === name);
  const missing = engine?.available !== true && process.env.CI !== 'true';
  const title = `${name} goes away and comes back${missing ? ` - skipped: ${engine?.why}` : ''}`;

  test.skipIf(missing)(
    `${title}: jobs cannot be added meanwhile, and go on afterwards`,
    async () => {
      const open = await engine?.open();
      if (open === undefined || !engine?.available) throw new Error(engine?.why);
      const address = new URL(open.urls.queue ?? open.urls.database ?? '');
      const cable = await plugIn(address);
      const { log } = recordLog();
      const database =
        name === 'PostgreSQL' ? await openDatabase({ url: new Secret(cable.url), dataDir: '', log }) : null;
      const backend: QueueBackend =
        database === null
          ? { ...open.backend, kind: 'redis', url: new Secret(cable.url) }
          : { kind: 'database', database };
      const queues = createQueues({ backend, connectors: ['desk'], log });
      let runs = 0;
      await queues.ready();
      const workers = await startWorkers({
        backend,
        connectors: ['desk'],
        handlers: handlersThat({
          'fetch-cases': async () => {
            runs += 1;
          },
        }),
        concurrency: { connector: 1, mail: 1, upkeep: 1 },
        queues,
        log,
        onAuthError: async () => undefined,
      });
      const ring = () => queues.add('fetch-cases', { connector: 'desk' });
      await ring();
      await expect.poll(() => runs).toBe(1);
      cable.cut();
      await expect(ring()).rejects.toThrow();
      cable.mend();
      await expect.poll(() => ring().then(() => 'added'), { timeout: 10_000 }).toBe('added');
      await expect.poll(() => runs, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);

      cable.cut();
      await workers.close({ graceMs: 0 });
      await queues.close();
      await database?.close();
      await cable.close();
      await open.close();
    },
    60_000,
  );
}

/** A way to a server that can be interrupted without touching the server. */
async function plugIn(address: URL) {
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(Number(address.port), address.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const here = server.address();
  const url = new URL(address);
  url.hostname = '127.0.0.1';
  url.port = String(typeof here === 'object' ? here?.port : here);
  return {
    url: url.href,
    cut() {
      whole = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      whole = true;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
