import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import {
  noOwnPostgresql,
  noOwnRedis,
  type OwnServer,
  startOwnPostgresql,
  startOwnRedis,
} from './soak-servers.ts';

/** An engine on servers of its own, so that a run may stop and empty them. */
export interface SoakEngine {
  readonly name: EngineName;
  readonly urls: { readonly database: string | null; readonly queue: string | null };
  readonly postgresql: OwnServer | null;
  readonly redis: OwnServer | null;
  /** Throws away every job, schedule and mark of the queue, as an operator might by mistake. */
  emptyQueue(): Promise<void>;
  close(): Promise<void>;
}

export type EngineName = 'PGlite' | 'PostgreSQL' | 'Redis';

const ENGINES: Readonly<Record<EngineName, string>> = {
  PGlite: '',
  PostgreSQL: noOwnPostgresql,
  Redis: noOwnPostgresql || noOwnRedis,
};

/**
 * `describe` once for each of these engines. One whose servers are not installed is skipped with its reason in the
 * title; with CI=true it fails.
 */
export function describeSoak(
  title: string,
  names: readonly EngineName[],
  define: (name: EngineName) => void,
): void {
  for (const name of names) {
    const why = ENGINES[name];
    if (why === '') describe(`${title} on ${name}`, () => define(name));
    else if (process.env.CI === 'true') test(`${title} on ${name}`, () => expect.fail(why));
    else describe.skip(`${title} on ${name} - skipped: ${why}`, () => define(name));
  }
}

export async function openSoakEngine(name: EngineName): Promise<SoakEngine> {
  const postgresql = name === 'PGlite' ? null : await startOwnPostgresql();
  const redis = name === 'Redis' ? await startOwnRedis() : null;
  return {
    name,
    urls: { database: postgresql?.url ?? null, queue: redis?.url ?? null },
    postgresql,
    redis,
    async emptyQueue() {
      if (redis !== null) await flush(redis.url);
      else if (postgresql !== null) await truncateQueue(postgresql.url);
      else throw new Error('the embedded queue is inside its process');
    },
    async close() {
      await redis?.close();
      await postgresql?.close();
    },
  };
}

async function flush(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}

async function truncateQueue(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Jobs and what hangs on them. What only points at them, such as deduplication marks, is left dangling on purpose.
    await client.query('truncate bullmq.job cascade');
  } finally {
    await client.end();
  }
}
