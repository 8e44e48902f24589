import express, {
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type Response,
  type Router,
} from 'express';
import type { Clock } from '../../../src/clock.ts';
import type { FaultKind, SandboxRequest } from '../../../src/sandbox.ts';
import { authorise, type Caller, type Credentials } from './auth.ts';
import { createFaultSwitch, type FaultSwitch, refusalOf } from './faults.ts';
import type { User } from './model.ts';
import type { RateLimits } from './rate-limits.ts';
import { invalidEndpoint, Refusal, unauthenticated } from './refusal.ts';

/** A request as a handler sees it. */
export interface ApiCall {
  readonly user: User;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The account's address without a trailing slash. */
  readonly url: string;
  header(name: string): string | undefined;
}

/** An answer; `body` undefined sends none. */
export interface ApiReply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One endpoint. */
export interface ApiRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api/v2, without `.json`; both spellings reach it. */
  readonly path: string;
  /** Which scope covers it: `tickets` means tickets:read or tickets:write. */
  readonly resource: string;
  readonly adminOnly?: boolean;
  handle(call: ApiCall): ApiReply | Promise<ApiReply>;
}

/** A request as recorded: `path` without its query. Status 0 means that nothing was answered. */
export interface RecordedRequest extends SandboxRequest {
  readonly query: string;
}

/** What the API is made of. */
export interface ApiOptions {
  readonly clock: Clock;
  readonly url: () => string;
  readonly credentials: Credentials;
  readonly rateLimits: RateLimits;
  readonly routes: readonly ApiRoute[];
  /** Answers `users/me`, which never refuses. */
  readonly whoAmI: (user: User | null) => unknown;
  /** Told of errors that are the sandbox's own. */
  readonly onError: (error: unknown) => void;
}

/** The mounted API, what it recorded, and its fault switch. */
export interface Api {
  readonly router: Router;
  readonly requests: readonly RecordedRequest[];
  readonly faults: FaultSwitch;
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly record: { status: number };
  readonly fault: FaultKind | null;
}

/** The vendor's API: records, faults, credentials, limits, routes and the error envelopes, in that order. */
export function createApi(options: ApiOptions): Api {
  const requests: (RecordedRequest & { status: number })[] = [];
  const faults = createFaultSwitch();
  const router = express.Router();
  const exchanges = new WeakMap<Request, Exchange>();

  router.use(['/api/v2', '/oauth'], (req, res, next) => {
    const { pathname, search, searchParams } = new URL(req.originalUrl, 'http://sandbox.invalid');
    const path = pathname.replace(/\.json$/, '');
    const record = { method: req.method, path: pathname, query: search, status: 0, at: options.clock.now() };
    requests.push(record);
    const fault = faults.take(req.method, pathname);
    exchanges.set(req, { method: req.method, path, query: searchParams, record, fault });
    req.url = req.url.replace(/\.json(?=$|\?)/, '');
    // Never answered: the request ends when the caller goes away.
    if (fault === 'hang') return;
    if (fault !== null && fault !== 'cut json' && fault !== 'reply lost') {
      send(res, record, null, replyOf(refusalOf(fault)));
      return;
    }
    next();
  });
  router.use(express.json({ limit: '2mb' }));

  const answer = (
    req: Request,
    res: Response,
    next: NextFunction,
    work: (exchange: Exchange) => Promise<ApiReply>,
  ): void => {
    const exchange = exchanges.get(req);
    if (exchange === undefined) throw new Error('the sandbox met a request it did not record');
    work(exchange).then(
      (reply) => send(res, exchange.record, exchange.fault, reply),
      (error: unknown) => {
        if (error instanceof Refusal) send(res, exchange.record, exchange.fault, replyOf(error));
        else next(error);
      },
    );
  };

  router.post('/oauth/tokens', (req, res, next) => {
    answer(req, res, next, async () => ({ body: options.credentials.exchange(req.body) }));
  });

  router.get('/api/v2/users/me', (req, res, next) => {
    answer(req, res, next, async () => ({
      body: options.whoAmI(identifyOrNobody(options.credentials, req)),
    }));
  });

  for (const route of options.routes) {
    router[route.method](`/api/v2${route.path}`, (req, res, next) => {
      answer(req, res, next, async ({ method, path, query }) => {
        const caller = options.credentials.identify(req.get('authorization'));
        const headers = spend(options.rateLimits, method, path, caller);
        const access = method === 'GET' ? 'read' : 'write';
        const demand = { resource: route.resource, access, adminOnly: route.adminOnly ?? false } as const;
        const user = authorise(caller, demand);
        const params = Object.fromEntries(
          Object.entries(req.params).map(([key, value]) => [key, String(value)]),
        );
        const body: unknown = req.body;
        const call = {
          user,
          params,
          query,
          body,
          url: options.url(),
          header: (name: string) => req.get(name),
        };
        const reply = await route.handle(call);
        return { ...reply, headers: { ...headers, ...reply.headers } };
      });
    });
  }

  router.use(['/api', '/oauth'], (req, res, next) => {
    answer(req, res, next, async () => {
      throw invalidEndpoint();
    });
  });

  const onError: ErrorRequestHandler = (error, req, res, next) => {
    const exchange = exchanges.get(req);
    if (exchange === undefined || !(error instanceof SyntaxError)) {
      options.onError(error);
      next(error);
      return;
    }
    const body = { error: 'Unprocessable Entity', message: 'Server could not parse JSON' };
    send(res, exchange.record, exchange.fault, { status: 422, body });
  };
  router.use(onError);

  return { router, requests, faults };
}

function identifyOrNobody(credentials: Credentials, req: Request): User | null {
  try {
    return credentials.identify(req.get('authorization'))?.user ?? null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function spend(
  limits: RateLimits,
  method: string,
  path: string,
  caller: Caller | null,
): Record<string, string> {
  if (caller === null) throw unauthenticated();
  return limits.spend({ method, path, userId: caller.user.id });
}

function replyOf(refusal: Refusal): ApiReply {
  return { status: refusal.status, body: refusal.body, headers: refusal.headers };
}

/** Writes the answer, or what a fault leaves of it. */
function send(res: Response, record: { status: number }, fault: FaultKind | null, reply: ApiReply): void {
  if (fault === 'reply lost') {
    res.socket?.destroy();
    return;
  }
  record.status = reply.status ?? 200;
  res.status(record.status).set({ ...reply.headers });
  if (reply.body === undefined) {
    res.end();
    return;
  }
  const isText = typeof reply.body === 'string';
  if (!res.get('content-type')) res.type(isText ? 'text/plain' : 'application/json');
  const text = isText ? String(reply.body) : JSON.stringify(reply.body);
  res.end(fault === 'cut json' ? text.slice(0, Math.floor(text.length / 2)) : text);
}
