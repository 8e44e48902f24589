import { EventEmitter } from 'node:events';
import type { PGlite, Results, Transaction } from '@electric-sql/pglite';
import type { PgPool, PgPoolClient, PgQueryable, PgQueryResult } from 'bullmq';

/**
 * Offers PGlite to BullMQ as if it were a `pg.Pool`. All its clients share PGlite's one session: `search_path` must be
 * set on it once, and a transaction must be PGlite's own, because the statements of a raw BEGIN ... COMMIT would mix
 * with everybody else's. BullMQ's queue operations are single statements; only its migrations open a transaction, and
 * those go through `transactionSession`.
 */
export function embeddedPool(pglite: PGlite): PgPool {
  return new EmbeddedPool(pglite);
}

/** A session inside a PGlite transaction for code that brings its own BEGIN and COMMIT: those two become nothing. */
export function transactionSession(transaction: Transaction): PgQueryable {
  return {
    async query<R>(text: string, parameters?: readonly unknown[]) {
      // ROLLBACK is followed by the error that caused it, and that makes PGlite roll back.
      if (OPENS_TRANSACTION.test(text) || ENDS_TRANSACTION.test(text)) return { rows: [], rowCount: 0 };
      return run<R>(transaction, text, parameters);
    },
  };
}

const OPENS_TRANSACTION = /^\s*(begin|start\s+transaction)\b/i;
const ENDS_TRANSACTION = /^\s*(commit|rollback)\b/i;

class EmbeddedPool extends EventEmitter implements PgPool {
  /** Read by BullMQ: a connection inside the process cannot drop unseen, so an idle worker need not poll. */
  readonly options = { keepAlive: true };
  readonly #pglite: PGlite;
  readonly #clients = new Set<EmbeddedClient>();

  constructor(pglite: PGlite) {
    super();
    // Every queue and worker adds its error listener to the pool.
    this.setMaxListeners(0);
    this.#pglite = pglite;
    pglite.onNotification((channel, payload) => {
      for (const client of this.#clients) client.emit('notification', { channel, payload });
    });
  }

  query<R>(text: string, parameters?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return query<R>(this.#pglite, text, parameters);
  }

  async connect(): Promise<PgPoolClient> {
    const client = new EmbeddedClient(this.#pglite, () => this.#clients.delete(client));
    this.#clients.add(client);
    return client;
  }

  /** Does nothing: the database is closed by who opened it. */
  async end(): Promise<void> {
    this.#clients.clear();
  }
}

class EmbeddedClient extends EventEmitter implements PgPoolClient {
  readonly #pglite: PGlite;
  readonly #onRelease: () => void;

  constructor(pglite: PGlite, onRelease: () => void) {
    super();
    this.#pglite = pglite;
    this.#onRelease = onRelease;
  }

  query<R>(text: string, parameters?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return query<R>(this.#pglite, text, parameters);
  }

  release(): void {
    this.removeAllListeners();
    this.#onRelease();
  }
}

async function query<R>(
  pglite: PGlite,
  text: string,
  parameters?: readonly unknown[],
): Promise<PgQueryResult<R>> {
  if (OPENS_TRANSACTION.test(text)) {
    throw new Error(
      'embedded database: a transaction on the shared session must go through transactionSession()',
    );
  }
  return run<R>(pglite, text, parameters);
}

/** Like node-postgres: without parameters the text may hold several statements, and the last one's result counts. */
async function run<R>(
  session: Pick<PGlite, 'query' | 'exec'>,
  text: string,
  parameters?: readonly unknown[],
): Promise<PgQueryResult<R>> {
  const result: Results<R> | undefined =
    parameters === undefined
      ? ((await session.exec(text)).at(-1) as Results<R> | undefined)
      : await session.query<R>(text, [...parameters]);
  return { rows: result?.rows ?? [], rowCount: result?.rowCount ?? result?.affectedRows ?? 0 };
}
