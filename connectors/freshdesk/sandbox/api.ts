import express, { type Request, type Response, type Router } from 'express';
import type { Clock } from '../../../src/clock.ts';
import type { FaultKind, SandboxRequest } from '../../../src/sandbox.ts';
import type { Credentials } from './auth.ts';
import { createFaultSwitch, type FaultSwitch, refusalOf } from './faults.ts';
import type { Agent } from './model.ts';
import type { LimitedEndpoint, RateLimits } from './rate-limits.ts';
import {
  accessDenied,
  invalidJson,
  methodNotAllowed,
  notAcceptable,
  notFound,
  Refusal,
  unsupportedMediaType,
} from './refusal.ts';

/** A request as a handler sees it. */
export interface ApiCall {
  readonly agent: Agent;
  /** The number in the path; 0 where there is none. */
  readonly id: number;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The account's address without a trailing slash. */
  readonly url: string;
  readonly path: string;
}

/** An answer; `body` undefined sends none. */
export interface ApiReply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One endpoint. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below /api/v2; `:id` stands for digits. */
  readonly path: string;
  readonly adminOnly?: boolean;
  /** Whose limit it counts towards, beside the account's. */
  readonly endpoint?: LimitedEndpoint;
  /** What each word of `include` costs on top of the one credit of the call. */
  readonly creditsPerInclude?: number;
  handle(call: ApiCall): ApiReply;
}

/** A request as recorded: `path` without its query, and what it cost. Status 0 means that nothing was answered. */
export interface RecordedRequest extends SandboxRequest {
  readonly query: string;
  readonly credits: number;
}

/** What the API is made of. */
export interface ApiOptions {
  readonly clock: Clock;
  readonly url: () => string;
  readonly credentials: Credentials;
  readonly rateLimits: RateLimits;
  readonly routes: readonly ApiRoute[];
  /** Told of errors that are the sandbox's own. */
  readonly onError: (error: unknown) => void;
}

/** The mounted API, what it recorded, and its fault switch. */
export interface Api {
  readonly router: Router;
  readonly requests: readonly RecordedRequest[];
  readonly faults: FaultSwitch;
}

type Recording = RecordedRequest & { status: number; credits: number };

const VERSION = { 'X-Freshdesk-API-Version': 'latest=v2; requested=v2' };

/** The vendor's API: records, faults, credentials, limits, routes, in that order. */
export function createApi(options: ApiOptions): Api {
  const requests: Recording[] = [];
  const faults = createFaultSwitch();
  const routes = options.routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  const router = express.Router();

  const handle = (req: Request, record: Recording): ApiReply => {
    const agent = options.credentials.identify(req.get('authorization'));
    const matching = routes.filter(({ pattern }) => pattern.test(record.path));
    const match = matching.find(({ route }) => route.method === req.method);
    const query = new URLSearchParams(record.query);
    record.credits = match === undefined ? 1 : creditsOf(match.route, query);
    const headers = options.rateLimits.spend({
      credits: record.credits,
      endpoint: match?.route.endpoint ?? null,
    });
    const respond = (): ApiReply => {
      if (matching.length === 0) throw notFound();
      if (match === undefined) throw methodNotAllowed(matching.map(({ route }) => route.method));
      if (req.accepts('json') === false) throw notAcceptable();
      if (match.route.adminOnly && agent.role !== 'admin') throw accessDenied();
      const id = Number(match.pattern.exec(record.path)?.[1] ?? 0);
      const body = match.route.method === 'GET' ? undefined : readJson(req);
      return match.route.handle({ agent, id, query, body, url: options.url(), path: record.path });
    };
    const reply = orRefusal(respond);
    return { ...reply, headers: { ...headers, ...reply.headers } };
  };

  router.use('/api', (req, res, next) => {
    const { pathname, search } = new URL(req.originalUrl, 'http://sandbox.invalid');
    const record: Recording = {
      method: req.method,
      path: pathname,
      query: search,
      status: 0,
      credits: 0,
      at: options.clock.now(),
    };
    requests.push(record);
    const fault = faults.take(req.method, pathname);
    // Never answered: the request ends when the caller goes away.
    if (fault === 'hang') return;
    if (fault !== null && fault !== 'cut json' && fault !== 'reply lost') {
      send(res, record, null, replyOf(refusalOf(fault)));
      return;
    }
    readRaw(req, res, (error: unknown) => {
      if (error !== undefined) return next(error);
      try {
        send(
          res,
          record,
          fault,
          orRefusal(() => handle(req, record)),
        );
      } catch (thrown) {
        options.onError(thrown);
        next(thrown);
      }
    });
  });
  return { router, requests, faults };
}

const readRaw = express.raw({ type: () => true, limit: '20mb' });

function patternOf(path: string): RegExp {
  return new RegExp(`^/api/v2${path.replaceAll(':id', '(\\d{1,15})')}$`);
}

function creditsOf({ creditsPerInclude = 0 }: ApiRoute, query: URLSearchParams): number {
  const words = new Set((query.get('include') ?? '').split(',').filter((word) => word !== ''));
  return 1 + creditsPerInclude * words.size;
}

function readJson(req: Request): unknown {
  if (!req.is('application/json')) throw unsupportedMediaType();
  try {
    return JSON.parse(Buffer.isBuffer(req.body) ? req.body.toString('utf8') : '');
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidJson();
    throw error;
  }
}

function orRefusal(work: () => ApiReply): ApiReply {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return replyOf(error);
    throw error;
  }
}

function replyOf(refusal: Refusal): ApiReply {
  return { status: refusal.status, body: refusal.body, headers: refusal.headers };
}

/** Writes the answer, or what a fault leaves of it. */
function send(res: Response, record: Recording, fault: FaultKind | null, reply: ApiReply): void {
  if (fault === 'reply lost') {
    res.socket?.destroy();
    return;
  }
  record.status = reply.status ?? 200;
  res.status(record.status).set({ ...VERSION, ...reply.headers });
  if (reply.body === undefined) {
    res.end();
    return;
  }
  const isText = typeof reply.body === 'string';
  if (!res.get('content-type')) res.type(isText ? 'text/plain' : 'application/json');
  const text = isText ? String(reply.body) : JSON.stringify(reply.body);
  res.end(fault === 'cut json' ? text.slice(0, Math.floor(text.length / 2)) : text);
}
