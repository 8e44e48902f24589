import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import type { QueueBackend } from '../../src/queue-backend.ts';
import { Secret } from '../../src/secret.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';

/** The three ways to run, for `describeEngines`. A server is found by its TEST_ variable or at its usual port on loopback. */
export interface Engine {
  /** `PGlite`, `PostgreSQL` (store and queue), or `Redis` (store in PostgreSQL, queue in Redis). */
  readonly name: 'PGlite' | 'PostgreSQL' | 'Redis';
  readonly available: boolean;
  /** Why not, and what would change it; empty when available. */
  readonly why: string;
  /** A database and a queue that nobody else uses, without the store's tables; gone after `close()`. */
  open(): Promise<OpenEngine>;
}

export interface OpenEngine {
  readonly database: Database;
  readonly backend: QueueBackend;
  /** For a second process: the config keys `database.url` and `queue.url`, null where embedded. */
  readonly urls: { readonly database: string | null; readonly queue: string | null };
  close(): Promise<void>;
}

const databaseUrl = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

const [hasPostgresql, hasRedis] = await Promise.all([answersPostgresql(), answersRedis()]);
const noPostgresql = hasPostgresql ? '' : 'no PostgreSQL (set TEST_DATABASE_URL)';
const noRedis = hasRedis ? '' : 'no Redis (set TEST_REDIS_URL)';

export const engines: readonly Engine[] = [
  { name: 'PGlite', available: true, why: '', open: openPglite },
  { name: 'PostgreSQL', available: hasPostgresql, why: noPostgresql, open: openPostgresql },
  { name: 'Redis', available: hasPostgresql && hasRedis, why: noRedis || noPostgresql, open: openRedis },
];

/**
 * `describe` once per engine. One that is missing is skipped with its reason in the title; with CI=true it fails, so
 * that a green run there has really run on all three. With `stores`, only on those whose stores differ: for what no queue
 * takes part in.
 */
export function describeEngines(
  title: string,
  define: (engine: Engine) => void,
  { stores = false }: { stores?: boolean } = {},
): void {
  for (const engine of stores ? engines.filter(({ name }) => name !== 'Redis') : engines) {
    if (engine.available) {
      describe(`${title} on ${engine.name}`, () => define(engine));
    } else if (process.env.CI === 'true') {
      test(`${title} on ${engine.name}`, () => expect.fail(engine.why));
    } else {
      describe.skip(`${title} on ${engine.name} - skipped: ${engine.why}`, () => define(engine));
    }
  }
}

/** A store that opens fast where there is one: for tests that need some store and look at something else. */
export function openQuickStore(): Promise<OpenEngine> {
  return hasPostgresql ? openPostgresql() : openPglite();
}

async function openPglite(): Promise<OpenEngine> {
  const database = await openDatabase({ url: null, dataDir: 'memory://', log: silentLog });
  return {
    database,
    backend: { kind: 'database', database },
    urls: { database: null, queue: null },
    close: () => database.close(),
  };
}

async function openPostgresql(): Promise<OpenEngine> {
  const { database, url, drop } = await freshDatabase();
  return {
    database,
    backend: { kind: 'database', database },
    urls: { database: url, queue: null },
    close: drop,
  };
}

async function openRedis(): Promise<OpenEngine> {
  const { database, url, drop } = await freshDatabase();
  const prefix = `caseloop-test-${randomBytes(6).toString('hex')}`;
  return {
    database,
    backend: { kind: 'redis', url: new Secret(redisUrl), prefix },
    urls: { database: url, queue: redisUrl },
    async close() {
      await drop();
      await deleteKeys(`${prefix}:*`);
    },
  };
}

async function freshDatabase(): Promise<{ database: Database; url: string; drop: () => Promise<void> }> {
  const name = `caseloop_test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name}`);
  const address = new URL(databaseUrl);
  address.pathname = `/${name}`;
  const url = address.href;
  const database = await openDatabase({ url: new Secret(url), dataDir: '', log: silentLog });
  return {
    database,
    url,
    async drop() {
      await database.close();
      await administer(`drop database ${name} with (force)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function deleteKeys(pattern: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for await (const keys of redis.scanStream({ match: pattern, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } finally {
    redis.disconnect();
  }
}

async function answersPostgresql(): Promise<boolean> {
  return administer('select 1').then(
    () => true,
    () => false,
  );
}

async function answersRedis(): Promise<boolean> {
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
