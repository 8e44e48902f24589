import type { ZodType } from 'zod';
import { z } from 'zod';
import type { ConnectorContext } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import type { Config } from './config.ts';
import { createCredits } from './credits.ts';
import { type HttpAnswer, parseJson, send } from './http.ts';
import { toError } from './refusal.ts';

/** The most that a list gives at once; more is refused (2026-11-22). */
const PAGE_SIZE = 100;

/** The last page that Freshdesk gives of any list (2026-11-22). */
export const LAST_PAGE = 300;

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly hasNext: boolean;
}

export type Query = Readonly<Record<string, string>>;

/**
 * The one way to Freshdesk. Every call is one attempt with a time limit: what comes back is parsed, anything else is one of
 * our error classes. `path` is what follows `/api/v2/`.
 */
export interface FreshdeskApi {
  readonly baseUrl: string;
  get<T>(path: string, query: Query, schema: ZodType<T>): Promise<T>;
  /** Page `page` of a list, from 1. */
  page<T>(path: string, query: Query, page: number, schema: ZodType<T>): Promise<Page<T>>;
  /** All pages of a list that is short: agents, groups, notes of one ticket. */
  all<T>(path: string, query: Query, schema: ZodType<T>): Promise<readonly T[]>;
  write<T>(method: 'POST' | 'PUT', path: string, body: object, schema: ZodType<T>): Promise<T>;
}

/** Builds the seam. No I/O. */
export function createApi(config: Config, context: ConnectorContext): FreshdeskApi {
  const credits = createCredits(context.clock);

  async function ask(method: 'GET' | 'POST' | 'PUT', path: string, query: Query, body: unknown) {
    credits.require(costOf(path, query));
    const search = new URLSearchParams(query).toString();
    const answer = await send({
      method,
      url: `${config.baseUrl}/api/v2/${path}${search === '' ? '' : `?${search}`}`,
      apiKey: config.apiKey,
      body,
      timeoutMs: config.timeout,
    });
    credits.note(answer.headers);
    if (answer.status < 200 || answer.status > 299) {
      throw toError(answer, { now: context.clock.now(), isSpent: credits.isSpent() });
    }
    return answer;
  }

  async function page<T>(path: string, query: Query, number: number, schema: ZodType<T>): Promise<Page<T>> {
    const paging = { per_page: String(PAGE_SIZE), page: String(number) };
    const answer = await ask('GET', path, { ...query, ...paging }, null);
    const items = parse(z.array(schema), answer);
    // Either sign counts: one page asked for in vain costs a call, one not asked for costs a case.
    const hasNext = items.length >= PAGE_SIZE || /rel="?next"?/.test(answer.headers.link ?? '');
    return { items, hasNext: hasNext && items.length > 0 };
  }

  return {
    baseUrl: config.baseUrl,
    get: async (path, query, schema) => parse(schema, await ask('GET', path, query, null)),
    page,
    async all(path, query, schema) {
      const found = [];
      for (let number = 1; number <= LAST_PAGE; number += 1) {
        const { items, hasNext } = await page(path, query, number, schema);
        found.push(...items);
        if (!hasNext) return found;
      }
      throw new PermanentError(
        `Freshdesk GET /api/v2/${path}: the list does not end after ${LAST_PAGE} pages`,
      );
    },
    write: async (method, path, body, schema) => parse(schema, await ask(method, path, {}, body)),
  };
}

/**
 * Credits that a call costs: one, two more for each `include` on a list and one more on a single ticket.
 * https://developers.freshdesk.com/api/#embedding (2026-11-22)
 */
function costOf(path: string, query: Query): number {
  const includes = query.include === undefined ? 0 : query.include.split(',').length;
  return 1 + includes * (path === 'tickets' ? 2 : 1);
}

/**
 * Whole, valid JSON of another shape than Freshdesk documents is a PermanentError: neither time nor an admin changes it, the
 * connector must. It names the place and the key, never a value.
 */
function parse<T>(schema: ZodType<T>, answer: HttpAnswer): T {
  const result = schema.safeParse(parseJson(answer));
  if (result.success) return result.data;
  const keys = result.error.issues.slice(0, 3).map((issue) => issue.path.join('.') || 'body');
  throw new PermanentError(
    `Freshdesk ${answer.place}: the answer is not what Freshdesk documents (${keys.join(', ')})`,
  );
}
