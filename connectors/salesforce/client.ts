import { PassThrough } from 'node:stream';
import { Connection } from 'jsforce';
import { StreamPromise } from 'jsforce/lib/util/promise.js';
import { type ZodType, z } from 'zod';
import type { ConnectorContext } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import type { Token } from '../../src/token-store.ts';
import { createAuth, userIdOf } from './auth.ts';
import { type Budget, createBudget } from './budget.ts';
import type { Config } from './config.ts';
import { parseJson, send } from './http.ts';
import { TokenRefused, toError } from './refusal.ts';
import { QueryPage } from './schema.ts';

/** Summer '26 (2026-11-21). */
const API_VERSION = '67.0';

/** Stands in `Sforce-Call-Options` of every call, and so in the origin of the changes we make. */
export const CLIENT_NAME = 'caseloop';

/** Salesforce refuses longer addresses with 414 or 431; 16 KB is the least anybody reported (2026-11-22). */
const LONGEST_QUERY = 15_000;

/** Rows in the order of the query, and where the rest is. */
export interface Page<T> {
  readonly rows: readonly T[];
  /** Null at the end. */
  readonly next: string | null;
}

/**
 * The one way to Salesforce. Every call is one attempt with a time limit: what comes back is parsed, anything else is one of
 * our error classes. jsforce builds requests and reads answers; its own transport, with its retries and redirects, is
 * replaced, and it is given nothing to refresh a token with.
 */
export interface SalesforceApi {
  /** Address of the org, without a trailing slash. */
  readonly orgUrl: string;
  readonly budget: Budget;
  /** Makes calls through jsforce and parses what it gives. */
  call<T>(schema: ZodType<T>, use: (salesforce: Connection) => Promise<unknown>): Promise<T>;
  /** One page of a query. `deleted`: with rows in the recycle bin. `tooling`: of the Tooling API. */
  page<T>(row: ZodType<T>, soql: string, options?: QueryOptions): Promise<Page<T>>;
  /** Every row of a query. */
  rows<T>(row: ZodType<T>, soql: string, options?: QueryOptions): Promise<readonly T[]>;
  /** The user we act as, or null when Salesforce did not say. */
  userId(): Promise<string | null>;
  /** Makes a connection for a stream. Refused as `TokenRefused`, it is made once more with a token minted anew. */
  withConnection<T>(use: (salesforce: Connection) => Promise<T>): Promise<T>;
  /** Mints another token in place of the one this connection has. Throws AuthError when none is to be had. */
  renewTokenOf(salesforce: Connection): Promise<void>;
}

interface QueryOptions {
  readonly deleted?: boolean;
  readonly tooling?: boolean;
}

/** Builds the seam. No I/O. */
export function createApi(config: Config, context: ConnectorContext): SalesforceApi {
  const auth = createAuth(config, context);
  const budget = createBudget(config.apiBudget, context.clock);
  const tokens = new WeakMap<Connection, Token>();

  /** A connection of its own for every attempt, so that calls made at the same time share nothing. */
  function connect(token: Token, places: string[]): Connection {
    const salesforce = new Connection({
      instanceUrl: config.loginUrl,
      accessToken: token.accessToken.reveal(),
      version: API_VERSION,
      callOptions: { client: CLIENT_NAME },
    });
    salesforce._transport = {
      httpRequest: (request) =>
        StreamPromise.create(() => ({
          stream: new PassThrough().end(),
          promise: transport(request, places),
        })),
      getRequestStreamCreator: () => {
        throw new PermanentError('Salesforce: jsforce asked for a transport of its own');
      },
    };
    tokens.set(salesforce, token);
    return salesforce;
  }

  async function transport(request: JsforceRequest, places: string[]) {
    const { method, url, headers = {}, body } = request;
    if (!url.startsWith(`${config.loginUrl}/services/`)) {
      throw new PermanentError('Salesforce named an address outside the org; the token was not sent there');
    }
    if (body !== undefined && typeof body !== 'string') {
      throw new PermanentError(`Salesforce ${method}: jsforce gave a body that is no text`);
    }
    const answer = await send({ method, url, headers, body: body ?? null, timeoutMs: config.timeout });
    places.push(answer.place);
    budget.note(answer.headers['sforce-limit-info']);
    if (answer.status < 200 || answer.status > 299) throw toError(answer, context.clock.now());
    parseJson(answer);
    const known = { 'content-type': 'application/json' };
    return { statusCode: answer.text === '' ? 204 : answer.status, headers: known, body: answer.text };
  }

  /** A token may end at any moment: renewed once, the same is done again; 401 means that it had no effect. */
  async function withRenewal<T>(run: (token: Token) => Promise<T>): Promise<T> {
    const token = await auth.current();
    try {
      return await run(token);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      return run(await auth.renew(token));
    }
  }

  async function call<T>(schema: ZodType<T>, use: (salesforce: Connection) => Promise<unknown>): Promise<T> {
    return withRenewal(async (token) => {
      const places: string[] = [];
      const value = await use(connect(token, places));
      return parse(schema, value, places.at(-1) ?? 'call');
    });
  }

  async function readPage<T>(row: ZodType<T>, path: string): Promise<Page<T>> {
    const { records, done, nextRecordsUrl } = await call(QueryPage, (salesforce) =>
      salesforce.requestGet(path),
    );
    const rows = parse(z.array(row), records, 'GET query');
    return { rows, next: done ? null : (nextRecordsUrl ?? null) };
  }

  async function page<T>(
    row: ZodType<T>,
    soql: string,
    { deleted, tooling }: QueryOptions = {},
  ): Promise<Page<T>> {
    const query = `${tooling ? '/tooling' : ''}/${deleted ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`;
    if (query.length > LONGEST_QUERY) {
      throw new PermanentError(
        `Salesforce query of ${query.length} characters: at most ${LONGEST_QUERY} fit`,
      );
    }
    return readPage(row, query);
  }

  return {
    orgUrl: config.loginUrl,
    budget,
    call,
    page,
    async rows(row, soql, options) {
      const rows = [];
      let next: Page<unknown>['next'];
      let current = await page(row, soql, options);
      for (;;) {
        rows.push(...current.rows);
        next = current.next;
        if (next === null) return rows;
        current = await readPage(row, next);
      }
    },
    userId: async () => userIdOf(await auth.current()),
    withConnection: (use) => withRenewal((token) => use(connect(token, []))),
    async renewTokenOf(salesforce) {
      const token = tokens.get(salesforce);
      if (token !== undefined) await auth.renew(token);
    },
  };
}

type JsforceRequest = Parameters<Connection['_transport']['httpRequest']>[0];

/**
 * Whole, valid JSON of another shape than Salesforce documents is a PermanentError: neither time nor an admin changes it, the
 * connector must. It names the place and the key, never a value.
 */
function parse<T>(schema: ZodType<T>, json: unknown, place: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const keys = result.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'body');
  throw new PermanentError(
    `Salesforce ${place}: the answer is not what Salesforce documents (${keys.join(', ')})`,
  );
}
