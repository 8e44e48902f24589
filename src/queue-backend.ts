import {
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type JobProgress,
  type PgPool,
  type Processor,
  Queue,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { SECOND_MS } from './clock.ts';
import { codeOf } from './error-facts.ts';
import { ConfigError } from './errors.ts';
import type { Log } from './log.ts';
import type { Secret } from './secret.ts';

/** Where the queue lives. */
export type QueueBackend =
  | {
      readonly kind: 'redis';
      /** `redis://` or `rediss://`. */
      readonly url: Secret;
      /** Begins every key, so that several installations can share one Redis. Default `caseloop`. */
      readonly prefix?: string;
    }
  | { readonly kind: 'database'; readonly database: { readonly pool: PgPool } };

export type BullQueue = Queue<unknown, void, string, unknown, void, string, IQueueBackend, unknown>;
export type BullWorker = Worker<unknown, void, string, IQueueBackend, JobProgress, unknown>;

/** Makes BullMQ's objects on either backend; one connection is shared by all that do not block. */
export interface QueueLink {
  openQueue(name: string): BullQueue;
  openWorker(name: string, process: Processor<unknown, void>, options: WorkerSettings): BullWorker;
  /** Throws ConfigError when the queue's server cannot be reached. */
  ready(): Promise<void>;
  /** Close queues and workers first. */
  close(): Promise<void>;
}

export type WorkerSettings = Omit<WorkerOptions, 'connection' | 'prefix'>;

/**
 * @param use `add` gives up on an unreachable Redis within 3 s, so that a web request is not held (what was to be rung is
 * found by the sweep); `work` waits for it without end.
 */
export function linkQueue(backend: QueueBackend, use: 'add' | 'work', log: Log): QueueLink {
  return backend.kind === 'redis' ? linkRedis(backend, use, log) : linkDatabase(backend.database.pool);
}

function linkDatabase(connection: PgPool): QueueLink {
  return {
    openQueue: (name) => new Queue(name, { connection }, createPostgresBackend) as BullQueue,
    openWorker(name, process, options) {
      // BullMQ keeps a connection of the pool listening for each worker; the pool grows, so that they cannot use it up.
      if (connection instanceof pg.Pool) connection.options.max += 1;
      return new Worker(name, process, { ...options, connection }, createPostgresBackend) as BullWorker;
    },
    ready: async () => undefined,
    close: async () => undefined,
  };
}

/** An `add` fails when Redis has refused this many connections, or has not answered for this long. */
const ADD_LIMITS = { maxRetriesPerRequest: 3, commandTimeout: 3 * SECOND_MS };
const WORK_LIMITS = { maxRetriesPerRequest: null };

function linkRedis(backend: { url: Secret; prefix?: string }, use: 'add' | 'work', log: Log): QueueLink {
  const connection = new Redis(checkUrl(backend.url), {
    ...(use === 'add' ? ADD_LIMITS : WORK_LIMITS),
    retryStrategy: (times) => Math.min(times * 100, 2 * SECOND_MS),
  });
  let reason = 'no connection';
  connection.on('error', (error: unknown) => {
    reason = reasonOf(error);
    log.warn({ reason }, 'Redis connection lost');
  });
  const prefix = backend.prefix ?? 'caseloop';
  return {
    openQueue: (name) => new Queue(name, { connection, prefix }, createRedisBackend) as BullQueue,
    openWorker: (name, process, options) =>
      new Worker(name, process, { ...options, connection, prefix }, createRedisBackend) as BullWorker,
    async ready() {
      try {
        await connection.ping();
      } catch {
        throw new ConfigError(`queue.url: Redis does not answer (${reason})`, {
          fix: 'Start Redis, or correct host, port and password; leave queue.url out to use the database.',
        });
      }
    },
    async close() {
      connection.disconnect();
    },
  };
}

/** Redis begins its refusals with a word in capitals (`WRONGPASS`); the rest may name the user. */
function reasonOf(error: unknown): string {
  const refusal =
    error instanceof Error && error.name === 'ReplyError' ? /^[A-Z]+/.exec(error.message) : null;
  return refusal?.[0] ?? codeOf(error);
}

function checkUrl(url: Secret): string {
  const text = url.reveal();
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed === null || !['redis:', 'rediss:'].includes(parsed.protocol)) {
    throw new ConfigError('queue.url: this is not a Redis address', {
      fix: 'Write it as redis://user:password@host:6379/0 (rediss:// for TLS), with special characters percent-encoded.',
    });
  }
  return text;
}
