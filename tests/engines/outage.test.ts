import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { startWorkers } from '../../jobs/worker.ts';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { createQueues } from '../../src/queue.ts';
import { Secret } from '../../src/secret.ts';
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
    expect(error).toMatchObject({ message: expect.stringMatching(/^queue\.url: Redis does not answer/) });
    await expect(queues.add('sweep', {})).rejects.toThrow();
    await queues.close();
    expect(JSON.stringify([lines, (error as Error).message])).not.toContain('hunter2');
  });

  test.for(['http://127.0.0.1', 'hunter2'])('%s is no address', (url) => {
    const open = () =>
      createQueues({ backend: { kind: 'redis', url: new Secret(url) }, connectors: [], log: silentLog });
    expect(open).toThrow(new ConfigError('queue.url: this is not a Redis address'));
  });
});

const postgresql = engines.find((engine) => engine.name === 'PostgreSQL');
const missing = postgresql?.available !== true && process.env.CI !== 'true';
const title = `PostgreSQL cuts all connections${missing ? ` (skipped: ${postgresql?.why})` : ''}`;

test.skipIf(missing)(`${title}: jobs go on as soon as it takes new ones`, async () => {
  const open = await postgresql?.open();
  if (open === undefined) throw new Error('no PostgreSQL');
  const queues = createQueues({ backend: open.backend, connectors: ['desk'], log: silentLog });
  let runs = 0;
  const workers = await startWorkers({
    backend: open.backend,
    connectors: ['desk'],
    handlers: handlersThat({
      'fetch-cases': async () => {
        runs += 1;
      },
    }),
    concurrency: { connector: 1, mail: 1, upkeep: 1 },
    queues,
    log: silentLog,
    onAuthError: async () => undefined,
  });
  await queues.add('fetch-cases', { connector: 'desk' });
  await expect.poll(() => runs).toBe(1);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(open.database.db);
  await expect.poll(() => queues.add('fetch-cases', { connector: 'desk' }).then(() => 'added')).toBe('added');
  await expect.poll(() => runs, { timeout: 20_000 }).toBe(2);
  await workers.close({ graceMs: 0 });
  await queues.close();
  await open.close();
});
