import { chmod, mkdir, statfs } from 'node:fs/promises';
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
export async function openEmbedded(options: {
  dataDir: string;
  onEnd: (error: ConfigError) => void;
}): Promise<Database> {
  const pglite = await start(options.dataDir);
  stopAtPanic(pglite, options.onEnd);
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

/** Whole numbers as numbers and days as `YYYY-MM-DD`, as the other engine reads them. */
export const EMBEDDED_PARSERS = { [types.INT8]: parseBigint, [types.DATE]: (text: string) => text };

async function start(dataDir: string): Promise<PGlite> {
  const folder = dataDir === 'memory://' ? dataDir : join(dataDir, 'db');
  try {
    if (folder !== 'memory://') {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
    }
    return await PGlite.create({
      dataDir: folder,
      parsers: EMBEDDED_PARSERS,
    });
  } catch (error) {
    throw new ConfigError(`dataDir: the embedded database in ${folder} cannot be opened (${codeOf(error)})`, {
      fix: (await isFull(folder))
        ? FREE_SPACE
        : 'Make the folder writable for this user; if it is damaged, restore a copy of it or move it away to start afresh.',
      cause: error,
    });
  }
}

const FREE_SPACE =
  'Free some space on the disk that holds dataDir, then start again: nothing that was stored is lost.';

/** One more file of PostgreSQL's write-ahead log must fit. */
const SPACE_NEEDED_BYTES = 16 * 1024 * 1024;

async function isFull(folder: string): Promise<boolean> {
  if (folder === 'memory://') return false;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < SPACE_NEEDED_BYTES;
  } catch {
    // The folder itself cannot be used, which is what is being reported.
    return false;
  }
}

/**
 * PostgreSQL panics when it cannot write its log, for a full disk above all: a server then starts itself anew. PGlite 0.5.16
 * stays and blocks the whole process for ever at the next query (tried, 2026-11-21), so it is given none.
 */
function stopAtPanic(pglite: PGlite, onEnd: (error: ConfigError) => void): void {
  let end: ConfigError | null = null;
  const watch = <A extends unknown[], R>(run: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (end !== null) throw end;
      try {
        return await run(...args);
      } catch (error) {
        if (error instanceof Error && 'severity' in error && error.severity === 'PANIC') {
          end = new ConfigError(`dataDir: the embedded database cannot go on (${codeOf(error)})`, {
            fix:
              codeOf(error) === DISK_FULL
                ? FREE_SPACE
                : 'Start again; if it ends again, restore a copy of dataDir.',
          });
          onEnd(end);
        }
        throw error;
      }
    };
  };
  pglite.execProtocol = watch(pglite.execProtocol.bind(pglite));
  pglite.execProtocolStream = watch(pglite.execProtocolStream.bind(pglite));
}

/** https://www.postgresql.org/docs/18/errcodes-appendix.html (2026-11-21) */
const DISK_FULL = '53100';
