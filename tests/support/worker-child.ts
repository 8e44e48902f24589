import { startWorkers } from '../../jobs/worker.ts';
import { silentLog } from '../../src/log.ts';
import { createQueues } from '../../src/queue.ts';
import type { QueueBackend } from '../../src/queue-backend.ts';
import { Secret } from '../../src/secret.ts';
import { openDatabase } from '../../src/store/database.ts';
import { handlersThat } from './handlers.ts';

/** A process that takes up a write-back of the connector `desk` and never ends it. argv[2] says where, as JSON. */
export interface Where {
  readonly database: string | null;
  readonly dataDir: string;
  readonly queue: string | null;
  readonly prefix: string;
}

const where = JSON.parse(process.argv[2] ?? '') as Where;
const database = await openDatabase({
  url: where.database === null ? null : new Secret(where.database),
  dataDir: where.dataDir,
  log: silentLog,
});
const backend: QueueBackend =
  where.queue === null
    ? { kind: 'database', database }
    : { kind: 'redis', url: new Secret(where.queue), prefix: where.prefix };
const queues = createQueues({ backend, connectors: ['desk'], log: silentLog });
await startWorkers({
  backend,
  connectors: ['desk'],
  handlers: handlersThat({
    'write-back': () => {
      process.stdout.write('taken\n');
      return new Promise(() => undefined);
    },
  }),
  concurrency: { connector: 1, mail: 1, upkeep: 1 },
  queues,
  log: silentLog,
  onAuthError: async () => undefined,
});
await queues.add('write-back', { connector: 'desk' });
