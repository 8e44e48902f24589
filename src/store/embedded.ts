import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { runMigrations } from 'bullmq';
import { Kysely, PGliteDialect } from 'kysely';
import { codeOf } from '../error-facts.ts';
import { ConfigError } from '../errors.ts';
import { parseBigint } from './column-types.ts';
import type { Database } from './database.ts';
import { embeddedPool, transactionSession } from './embedded-pool.ts';
import type { Tables } from './tables.ts';

/**
 * Opens PGlite in `<dataDir>/db`, or in memory for `memory://`. Making a new one takes seconds, reopening half a second.
 * Throws ConfigError when the folder cannot be used.
 */
export async function openEmbedded(options: { dataDir: string }): Promise<Database> {
  const pglite = await start(options.dataDir);
  try {
    await pglite.transaction((transaction) => runMigrations(transactionSession(transaction)));
    // One session for all: set once, so that BullMQ's unqualified names are found.
    await pglite.exec('set search_path to bullmq');
  } catch (error) {
    await pglite.close();
    throw error;
  }
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  let closing: Promise<void> | undefined;
  return {
    engine: 'embedded',
    db,
    pool: embeddedPool(pglite),
    close() {
      // Not `db.destroy()`, which leaves PGlite open when no query went through Kysely.
      closing ??= pglite.close();
      return closing;
    },
  };
}

async function start(dataDir: string): Promise<PGlite> {
  const folder = dataDir === 'memory://' ? dataDir : join(dataDir, 'db');
  try {
    if (folder !== 'memory://') {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
    }
    return await PGlite.create({
      dataDir: folder,
      parsers: { [types.INT8]: parseBigint, [types.DATE]: (text) => text },
    });
  } catch (error) {
    throw new ConfigError(`dataDir: the embedded database in ${folder} cannot be opened (${codeOf(error)})`, {
      fix: 'Make the folder writable for this user; if it is damaged, restore a copy of it or move it away to start afresh.',
      cause: error,
    });
  }
}
