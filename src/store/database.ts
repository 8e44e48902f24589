import type { PgPool } from 'bullmq';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { ConfigError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import { openEmbedded } from './embedded.ts';
import { openPostgresql } from './postgresql.ts';

import type { Tables } from './tables.ts';

/**
 * The one database of an installation, for the store and, unless Redis is configured, for the queue.
 *
 * Both engines give a query the same results: `bigint` and `count(*)` are numbers, `timestamptz` is a Date, `date` is
 * text (`2026-11-21`), `numeric` is text, `jsonb` is parsed. A `jsonb` parameter goes in through `jsonb()`.
 * Embedded, there is one session: a transaction shuts every other query out, so a query inside a transaction must use
 * the transaction, never the outer `db`, or it waits for itself.
 */
export interface Database {
  readonly engine: 'embedded' | 'postgresql';
  readonly db: Kysely<Tables>;
  /** What BullMQ takes as its `pg.Pool`; unqualified names are found in the schema `bullmq`. */
  readonly pool: PgPool;
  /** Finishes also when a connection is still in use. Close queues and workers first. Safe to repeat. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://...`; null is the embedded engine. */
  readonly url: Secret | null;
  /** The embedded engine's folder is `<dataDir>/db`; `memory://` keeps everything in memory (tests). */
  readonly dataDir: string;
  /**
   * Connections for the store, as many again for the queue, and one more for each queue this process works on. Default
   * 10. The embedded engine has one session.
   */
  readonly maxConnections?: number;
  readonly log: Log;
  /**
   * Called when the embedded database has ended by itself, for a full disk above all: no query is taken any more, and the
   * process should end. A server of its own comes back by itself.
   */
  readonly onEnd?: (error: ConfigError) => void;
}

/**
 * Opens the database and brings BullMQ's own tables (schema `bullmq`) to this version; the store's tables are
 * `migrate()`'s. Only the owner of the data directory may open the embedded engine (see `enterDoor`): a second process
 * corrupts it. Throws ConfigError when the database cannot be opened; no message shows the URL.
 */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url === null
    ? openEmbedded({ dataDir: options.dataDir, onEnd: options.onEnd ?? (() => undefined) })
    : openPostgresql({
        url: options.url,
        maxConnections: options.maxConnections ?? 10,
        log: options.log,
      });
}

/**
 * A value for a `jsonb` column. Needed because node-postgres would send an array as a PostgreSQL array, and text as it is.
 */
export function jsonb<T>(value: T): RawBuilder<T> {
  return sql`${JSON.stringify(value)}::jsonb`;
}
