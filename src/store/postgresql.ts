import { type PgPool, runMigrations } from 'bullmq';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { SECOND_MS } from '../clock.ts';
import { codeOf } from '../error-facts.ts';
import { ConfigError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import { parseBigint } from './column-types.ts';
import type { Database } from './database.ts';
import { preparing } from './prepared-statements.ts';
import type { Tables } from './tables.ts';

const CONNECT_TIMEOUT_MS = 10 * SECOND_MS;
const CLOSE_TIMEOUT_MS = 5 * SECOND_MS;
/** A process that hangs in the middle of a transaction must not keep its locks from the others. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10 * SECOND_MS;

/**
 * Opens two pools on one PostgreSQL: the store's, and one for BullMQ whose connections find its schema by themselves.
 * Throws ConfigError when the server cannot be reached or refuses us.
 */
export async function openPostgresql(options: {
  url: Secret;
  maxConnections: number;
  log: Log;
}): Promise<Database> {
  const base: pg.PoolConfig = {
    connectionString: checkUrl(options.url),
    application_name: 'caseloop',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
  const store = new pg.Pool({
    ...base,
    max: options.maxConnections,
    types: columnTypes,
    // Nearly every statement looks rows up by their keys. As for a disk that turns, which the default is for, the planner
    // would read whole tables instead, and a plan that is kept would go on doing so while they grow.
    options: '-c random_page_cost=1.1',
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  const queue = new pg.Pool({
    ...base,
    max: options.maxConnections,
    options: '-c search_path=bullmq',
  });
  // Every queue and worker adds its error listener to the pool.
  queue.setMaxListeners(0);
  const ends = [store, queue].map((pool) => endable(pool, options.log));
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= Promise.all(ends.map((end) => end())).then(() => undefined);
    return closing;
  };
  try {
    await migrateQueue(queue);
  } catch (error) {
    await close();
    throw explain(error);
  }
  return {
    engine: 'postgresql',
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparing(store) }) }),
    // BullMQ documents that a pg.Pool is one of these; only the overloads of `connect` hide it from the compiler.
    pool: queue as unknown as PgPool,
    close,
  };
}

/** The advisory lock and the transaction of the migrations need one session. */
async function migrateQueue(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}

const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === pg.types.builtins.INT8) return parseBigint;
    if (oid === pg.types.builtins.DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format ?? 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** How to end a pool within a time limit: `pool.end()` alone waits for ever when a connection is never given back. */
function endable(pool: pg.Pool, log: Log): () => Promise<void> {
  const lent = new Set<pg.PoolClient>();
  pool.on('acquire', (client) => lent.add(client));
  pool.on('release', (_error, client) => lent.delete(client));
  // A connection that drops is replaced at the next query. Unheard, its event would end the process; the pool hears it only
  // while the connection is idle.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ code: codeOf(error) }, 'database connection lost'));
  });
  // The same event a second time.
  pool.on('error', () => undefined);
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([pool.end(), timeout]);
    clearTimeout(timer);
    for (const client of lent) client.release(true);
  };
}

function checkUrl(url: Secret): string {
  const text = url.reveal();
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    throw new ConfigError('database.url: this is not a PostgreSQL address', {
      fix: 'Write it as postgres://user:password@host:5432/database, with special characters percent-encoded.',
    });
  }
  return text;
}

const START_IT = 'Start PostgreSQL, or correct host and port.';
const REASONS: Readonly<Record<string, readonly [happened: string, fix: string]>> = {
  ECONNREFUSED: ['nothing listens there', START_IT],
  ENOTFOUND: ['the host name is unknown', START_IT],
  EAI_AGAIN: ['the host name is unknown', START_IT],
  ETIMEDOUT: ['the server does not answer', START_IT],
  '28P01': ['the password was refused', 'Correct user and password.'],
  '28000': ['the user was refused', 'Correct the user, or allow it in pg_hba.conf.'],
  '3D000': ['this database does not exist', 'Make it with createdb, or correct its name.'],
  '42501': ['the user may not create schemas', 'Grant CREATE on the database to the user.'],
  '53300': ['the server has no connection left', 'Raise max_connections, or run fewer processes.'],
};

/** Without `cause`: an error of the driver can carry the address and the user. */
function explain(error: unknown): ConfigError {
  const code = codeOf(error);
  const [happened, fix] = REASONS[code] ?? [
    'the database cannot be used',
    'Look the code up in the PostgreSQL manual.',
  ];
  return new ConfigError(`database.url: ${happened} (${code})`, { fix });
}
