import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { codeOf } from '../error-facts.ts';

/** Statements kept prepared on each connection; each takes some memory there. */
const MOST = 150;
/** From this use on a statement is prepared, so that those made for one list of a certain length do not fill the room. */
const PREPARED_FROM = 3;

/** https://www.postgresql.org/docs/18/errcodes-appendix.html (2026-11-22) */
const FEATURE_NOT_SUPPORTED = '0A000';

/**
 * A pool whose statements are parsed and planned once per connection instead of at each use, which is a third of what a short
 * one costs. A table that is altered meanwhile spoils the plans of `select *`: the connection that notices is replaced, and
 * whoever asked tries again.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const uses = new Map<string, number>();
  const names = new Map<string, string>();
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();

  function nameOf(text: string): string | undefined {
    const name = names.get(text);
    if (name !== undefined || names.size === MOST) return name;
    const count = (uses.get(text) ?? 0) + 1;
    uses.set(text, count);
    if (count === PREPARED_FROM) {
      uses.delete(text);
      names.set(text, `caseloop_${names.size}`);
    }
    return names.get(text);
  }

  function wrap(client: pg.PoolClient): PostgresPoolClient {
    let isStale = false;
    const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
      const name = values.length === 0 ? undefined : nameOf(text);
      try {
        return await client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
      } catch (error) {
        isStale ||= name !== undefined && codeOf(error) === FEATURE_NOT_SUPPORTED;
        throw error;
      }
    };
    return {
      // Cursors, the other thing that a client may be given, are not used here.
      query: query as PostgresPoolClient['query'],
      release: (destroy) => client.release(destroy === true || isStale),
    };
  }

  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client) ?? wrap(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}
