import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';

/** The servers the benchmark may use, by address; null when one does not answer. */
export interface Servers {
  readonly postgresqlUrl: string | null;
  readonly redisUrl: string | null;
}

const POSTGRESQL_URL = process.env.BENCH_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
/** A database of its own on that Redis; it must be empty, and is emptied afterwards. */
const REDIS_URL = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379/11';
const OUR_MARK = 'caseloop-bench';

/** Looks for the servers and takes the Redis database. Throws when that one holds what is not ours. */
export async function findServers(): Promise<Servers> {
  return {
    postgresqlUrl: (await answersPostgresql()) ? POSTGRESQL_URL : null,
    redisUrl: (await takeRedis()) ? REDIS_URL : null,
  };
}

async function answersPostgresql(): Promise<boolean> {
  try {
    await administer('select 1');
    return true;
  } catch {
    return false;
  }
}

async function takeRedis(): Promise<boolean> {
  const redis = new Redis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
  } catch {
    return false;
  }
  try {
    const isOurs = (await redis.exists(OUR_MARK)) === 1;
    if (!isOurs && (await redis.dbsize()) > 0) {
      throw new Error(
        'BENCH_REDIS_URL: this Redis database is not empty; name another one, such as redis://127.0.0.1:6379/12.',
      );
    }
    await redis.flushdb();
    await redis.set(OUR_MARK, '1');
    return true;
  } finally {
    redis.disconnect();
  }
}

/** Empties the Redis database again. */
export async function leaveRedis(): Promise<void> {
  const redis = new Redis(REDIS_URL);
  await redis.flushdb();
  redis.disconnect();
}

/** A database of one pipeline's own, gone after `drop`. */
export interface BenchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<BenchDatabase> {
  const name = `caseloop_bench_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name}`);
  const url = new URL(POSTGRESQL_URL);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRESQL_URL, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
