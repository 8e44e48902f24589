import nodeZendesk, { type ZendeskClient, type ZendeskClientOptions } from 'node-zendesk';
import type { ZodType } from 'zod';
import type { ConnectorContext } from '../../src/connector.ts';
import { PermanentError, RetryableError } from '../../src/errors.ts';
import { type Auth, type Credentials, createAuth } from './auth.ts';
import type { Config } from './config.ts';
import { type HttpAnswer, parseJson, send } from './http.ts';
import { limitOf, TokenRefused, toError } from './refusal.ts';

/**
 * The one way to Zendesk. Every call is one attempt with a time limit: what comes back is parsed, anything else is one of
 * our error classes. node-zendesk builds requests and follows pages; its own retries and throttle are off.
 */
export interface ZendeskApi {
  readonly baseUrl: string;
  /** Reads `/api/v2/<path>`; `path` carries its `.json`. */
  read<T>(path: string, query: Readonly<Record<string, string>>, schema: ZodType<T>): Promise<T>;
  /** Makes one call through node-zendesk and parses the whole body, side-loads included. */
  call<T>(schema: ZodType<T>, use: (zendesk: ZendeskClient) => Promise<unknown>): Promise<T>;
  /** Lists through node-zendesk, all pages. */
  list<T>(schema: ZodType<T>, use: (zendesk: ZendeskClient) => Promise<unknown>): Promise<readonly T[]>;
  /** Throws RetryableError (scope endpoint) while the last answer said that nothing of this limit is left. */
  requireLimit(name: 'incremental-exports'): void;
  /** What Zendesk says it granted, null for API tokens and when it does not say. */
  grantedScope(): Promise<string | null>;
}

/** Builds the seam. No I/O. */
export function createApi(config: Config, context: ConnectorContext): ZendeskApi {
  const auth = createAuth(config, context);
  const api = `${config.baseUrl}/api/v2`;
  let exportsBackAt = 0;

  async function transport(url: string, options: TransportOptions): Promise<Body> {
    if (!url.startsWith(`${api}/`)) {
      throw new PermanentError(
        'Zendesk named a next page outside the account; the credentials were not sent there',
      );
    }
    const answer = await send({
      method: options.method,
      url,
      headers: options.headers,
      body: options.body ?? null,
      timeoutMs: config.timeout,
    });
    noteExportLimit(answer);
    warnOfIgnoredKeys(answer);
    if (answer.status < 200 || answer.status > 299) throw toError(answer, context.clock.now());
    return { place: answer.place, json: parseJson(answer) };
  }

  function noteExportLimit(answer: HttpAnswer): void {
    const limit = limitOf(answer.headers, 'incremental-exports');
    if (limit === null) return;
    exportsBackAt = limit.remaining > 0 ? 0 : context.clock.now().getTime() + limit.resetsMs;
  }

  function warnOfIgnoredKeys(answer: HttpAnswer): void {
    const keys = /unpermitted_keys=>\[([^\]]*)\]/.exec(answer.headers['x-zendesk-api-warn'] ?? '')?.[1];
    if (keys !== undefined)
      context.log.warn({ place: answer.place, keys }, 'Zendesk ignored part of a request');
  }

  /** Runs `use` with a client of its own, so that answers of calls made at the same time cannot mix. */
  async function attempt(use: (zendesk: ZendeskClient) => Promise<unknown>): Promise<Attempt> {
    const run = async (credentials: Credentials): Promise<Attempt> => {
      const bodies: Body[] = [];
      const zendesk = nodeZendesk.createClient({
        ...clientAuth(credentials),
        endpointUri: api,
        throttle: false,
        throwOriginalException: true,
        transportConfig: {
          transportFn: async (url: string, options: TransportOptions) => {
            const body = await transport(url, options);
            bodies.push(body);
            return body;
          },
          responseAdapter: adapt,
        },
      });
      const value = await use(zendesk);
      const last = bodies.at(-1);
      if (last === undefined) throw new PermanentError('Zendesk was not asked: the call made no request');
      return { value, last };
    };
    return withRenewal(auth, run);
  }

  return {
    baseUrl: config.baseUrl,
    async read(path, query, schema) {
      const search = new URLSearchParams(query).toString();
      const url = `${api}/${path}${search === '' ? '' : `?${search}`}`;
      // A whole address is taken as it stands; from parts, node-zendesk would put its own page size over ours.
      const { last } = await attempt((zendesk) => zendesk.jobstatuses.request('GET', url));
      return parse(schema, last.json, last.place);
    },
    async call(schema, use) {
      const { last } = await attempt(use);
      return parse(schema, last.json, last.place);
    },
    async list(schema, use) {
      const { value, last } = await attempt(use);
      if (!Array.isArray(value)) throw new PermanentError(`Zendesk ${last.place}: the answer is not a list`);
      return value.map((item) => parse(schema, item, last.place));
    },
    requireLimit() {
      const waitMs = exportsBackAt - context.clock.now().getTime();
      if (waitMs > 0) {
        throw new RetryableError('Zendesk: the limit of incremental exports is used up for this minute', {
          retryAfterMs: waitMs,
          scope: 'endpoint',
        });
      }
    },
    async grantedScope() {
      const credentials = await auth.current();
      return credentials.kind === 'bearer' ? credentials.token.scope : null;
    },
  };
}

interface TransportOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

interface Body {
  readonly place: string;
  readonly json: unknown;
}

interface Attempt {
  readonly value: unknown;
  readonly last: Body;
}

/** A token may end or be revoked at any moment: renewed once, the same call is made again; 401 means it had no effect. */
async function withRenewal<T>(auth: Auth, run: (credentials: Credentials) => Promise<T>): Promise<T> {
  const credentials = await auth.current();
  try {
    return await run(credentials);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    const renewed = await auth.renew(credentials);
    if (renewed === null) throw error;
    return run(renewed);
  }
}

function clientAuth(credentials: Credentials): ZendeskClientOptions {
  return credentials.kind === 'bearer'
    ? { useOAuth: true, token: credentials.token.accessToken.reveal() }
    : { username: credentials.email, token: credentials.apiToken.reveal() };
}

/** What node-zendesk wants to see of an answer. Refusals have been thrown before, so to it every answer is a success. */
function adapt(body: Body) {
  return {
    json: () => body.json,
    status: 200,
    statusText: 'OK',
    headers: { get: (name: string) => (name.toLowerCase() === 'content-type' ? 'application/json' : null) },
  };
}

/**
 * Whole, valid JSON of another shape than Zendesk documents is a PermanentError: neither time nor an admin changes it, the
 * connector must. It names the place and the key, never a value.
 */
function parse<T>(schema: ZodType<T>, json: unknown, place: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const keys = result.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'body');
  throw new PermanentError(`Zendesk ${place}: the answer is not what Zendesk documents (${keys.join(', ')})`);
}
