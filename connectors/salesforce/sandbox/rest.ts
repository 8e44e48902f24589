import { methodNotAllowed, notFound } from './refusal.ts';
import type { Actor, Transaction } from './transaction.ts';

/** The one version that is played: Summer '26. */
export const API_VERSION = '67.0';
export const DATA_PATH = `/services/data/v${API_VERSION}`;

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A request as a handler sees it. */
export interface RestCall {
  readonly userId: string;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  header(name: string): string | undefined;
  /** The transaction of a composite request that is all or none; else each call has its own. */
  readonly within?: Transaction;
}

/** An answer; `body` undefined sends none. */
export interface RestReply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One endpoint below the data path. */
export interface RestRoute {
  readonly method: Method;
  /** `/sobjects/:type/:id`. */
  readonly path: string;
  handle(call: RestCall): RestReply;
}

/** Finds the route of a request, also for those inside a composite one. */
export interface RestRouter {
  /** Throws a Refusal for a path or a verb that is not there. */
  dispatch(method: string, path: string, call: Omit<RestCall, 'params'>): RestReply;
}

/** A router over these routes; earlier ones win. A trailing slash makes no difference. */
export function createRestRouter(routes: readonly RestRoute[]): RestRouter {
  const compiled = routes.map((route) => ({
    route,
    pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`),
  }));
  return {
    dispatch(method, path, call) {
      const matching = compiled.flatMap(({ route, pattern }) => {
        const match = pattern.exec(path);
        return match === null ? [] : [{ route, groups: match.groups ?? {} }];
      });
      const [first] = matching;
      if (first === undefined) throw notFound();
      // A fixed path stands before one with parameters, and alone says which verbs there are.
      const same = matching.filter(({ route }) => route.path === first.route.path);
      const found = same.find(({ route }) => route.method === method);
      if (found === undefined)
        throw methodNotAllowed(
          method,
          same.map(({ route }) => route.method),
        );
      const params = Object.fromEntries(
        Object.entries(found.groups).map(([name, value]) => [name, decodeURIComponent(value)]),
      );
      return found.route.handle({ ...call, params });
    },
  };
}
