import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { SandboxRequest } from '../../../src/sandbox.ts';
import type { Credentials } from './auth.ts';
import {
  createFaultSwitch,
  type FaultSwitch,
  refusalOf,
  type SalesforceFaultKind,
  type SpoilingFault,
  tokenRefusalOf,
} from './faults.ts';
import { identityOf, userInfoOf } from './identity.ts';
import { soapFault } from './metadata-soap.ts';
import type { Org } from './model.ts';
import { invalidSession, notFound, Refusal, RowRefusal, refuse, unreadable } from './refusal.ts';
import { API_VERSION, DATA_PATH, type RestReply, type RestRouter } from './rest.ts';
import type { Usage } from './usage.ts';

/** A request as recorded: `path` without its query. Status 0 means that nothing was answered. */
export interface RecordedRequest extends SandboxRequest {
  readonly query: string;
}

/** What the API is made of. */
export interface ApiOptions {
  readonly org: Org;
  readonly credentials: Credentials;
  readonly usage: Usage;
  readonly rest: RestRouter;
  /** Answers the Metadata API; gets the envelope, gives one. */
  readonly soap: (envelope: string) => RestReply;
  /** Answers Bayeux messages; resolves when there is something to say, with null when nothing ever is. */
  readonly stream: (request: Request, body: string) => Promise<RestReply | null>;
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
  readonly path: string;
  readonly query: URLSearchParams;
  readonly record: { status: number };
  readonly fault: SalesforceFaultKind | null;
}

const TOKEN_PATH = '/services/oauth2/token';
/** Salesforce counts the request line and the headers together. */
const LONGEST_REQUEST_BYTES = 16_384;
export const MOST_HEADER_BYTES = 4 * LONGEST_REQUEST_BYTES;

/** The vendor's API: records, faults, sessions, limits, routes and the error envelopes, in that order. */
export function createApi(options: ApiOptions): Api {
  const { org, credentials, usage, rest } = options;
  const requests: (RecordedRequest & { status: number })[] = [];
  const faults = createFaultSwitch();
  const router = express.Router();
  const exchanges = new WeakMap<Request, Exchange>();

  router.use(['/services', '/cometd', '/id'], (req, res, next) => {
    const { pathname, search, searchParams } = new URL(req.originalUrl, 'http://sandbox.invalid');
    const record = { method: req.method, path: pathname, query: search, status: 0, at: org.now() };
    requests.push(record);
    const fault = faults.take(req.method, pathname);
    exchanges.set(req, { path: pathname, query: searchParams, record, fault });
    // Never answered: the request ends when the caller goes away.
    if (fault === 'hang') return;
    if (fault !== null && fault !== 'cut json' && fault !== 'reply lost') {
      send(res, record, null, spoiledReply(pathname, fault));
      return;
    }
    next();
  });
  router.use(express.text({ type: () => true, limit: '20mb' }));

  type Work = (exchange: Exchange, req: Request) => RestReply | Promise<RestReply | null>;
  const on = (work: Work) => (req: Request, res: Response, next: NextFunction) => {
    const exchange = exchanges.get(req);
    if (exchange === undefined) throw new Error('the sandbox met a request it did not record');
    Promise.resolve()
      .then(() => work(exchange, req))
      .then((reply) => {
        if (reply !== null) send(res, exchange.record, exchange.fault, reply);
      })
      .catch((error: unknown) => {
        const refusal = toRefusal(error);
        if (refusal === null) {
          options.onError(error);
          next(error);
        } else send(res, exchange.record, exchange.fault, replyOf(refusal));
      });
  };

  router.post(
    TOKEN_PATH,
    on((_exchange, req) => ({
      body: credentials.exchange(readForm(req), req.get('authorization')),
      headers: { 'Cache-Control': 'no-cache, no-store' },
    })),
  );
  router.post(
    '/services/oauth2/revoke',
    on(({ query }, req) => {
      credentials.revoke(readForm(req).get('token') ?? query.get('token'));
      return { status: 200 };
    }),
  );
  router.get(
    '/services/oauth2/userinfo',
    on(({ query }, req) => ({ body: userInfoOf(org, readIdentity(credentials, query, req)) })),
  );
  router.get(
    '/id/:org/:user',
    on(({ query }, req) => ({ body: identityOf(org, readIdentity(credentials, query, req)) })),
  );
  router.get(
    '/services/data',
    on(() => ({ body: [{ label: "Summer '26", url: DATA_PATH, version: API_VERSION }] })),
  );
  router.post(
    `/services/Soap/m/${API_VERSION}`,
    on((_exchange, req) => {
      usage.spend();
      return options.soap(bodyText(req));
    }),
  );
  router.post(
    '/cometd/:version',
    on((_exchange, req) => options.stream(req, bodyText(req))),
  );

  const handleRest: Work = ({ path, query }, req) => {
    refuseLongRequest(req);
    const userId = credentials.identify(req.get('authorization'));
    if (userId === null) throw invalidSession();
    if (org.missingRights.has('api enabled')) {
      throw refuse(403, 'API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner');
    }
    usage.spend();
    const headers = { 'Sforce-Limit-Info': usage.header() };
    try {
      const reply = rest.dispatch(req.method, path.slice(DATA_PATH.length), {
        userId,
        actor: { userId, origin: originOf(req), isApi: true },
        query,
        body: readBody(req),
        header: (name) => req.get(name),
      });
      return { ...reply, headers: { ...headers, ...reply.headers } };
    } catch (error) {
      const refusal = toRefusal(error);
      if (refusal === null) throw error;
      return replyOf(new Refusal(refusal.status, refusal.body, { ...headers, ...refusal.headers }));
    }
  };
  router.use(DATA_PATH, on(handleRest));
  router.use(
    ['/services', '/cometd', '/id'],
    on(() => {
      throw notFound();
    }),
  );
  return { router, requests, faults };
}

/** Which client wrote, as change events name it. */
function originOf(req: Request): string {
  const client = /(?:^|[,;]\s*)client=([^,;]+)/.exec(req.get('sforce-call-options') ?? '')?.[1];
  return `com/salesforce/api/rest/${API_VERSION}${client === undefined ? '' : `;client=${client.trim()}`}`;
}

function refuseLongRequest(req: Request): void {
  const headers = req.rawHeaders.reduce((bytes, text) => bytes + text.length + 2, 0);
  if (req.originalUrl.length + headers <= LONGEST_REQUEST_BYTES) return;
  throw new Refusal(431, '', { 'Content-Type': 'text/html; charset=utf-8' });
}

function bodyText(req: Request): string {
  return typeof req.body === 'string' ? req.body : '';
}

function readForm(req: Request): URLSearchParams {
  const isForm = req.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  return new URLSearchParams(isForm ? bodyText(req) : '');
}

function readBody(req: Request): unknown {
  const text = bodyText(req);
  if (text === '') return undefined;
  if (!/^application\/json\b/i.test(req.get('content-type') ?? '')) {
    throw refuse(415, 'UNSUPPORTED_MEDIA_TYPE', `Content-Type must be application/json`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('Unexpected character at [line:1, column:2]');
    throw error;
  }
}

/** Identity services have their own way to refuse. */
function readIdentity(credentials: Credentials, query: URLSearchParams, req: Request): string {
  const inQuery = query.get('oauth_token');
  const header = req.get('authorization') ?? (inQuery === null ? undefined : `Bearer ${inQuery}`);
  if (header === undefined) throw new Refusal(403, 'Missing_OAuth_Token');
  const userId = credentials.identify(header);
  if (userId === null) throw new Refusal(403, 'Bad_OAuth_Token');
  return userId;
}

function toRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  return error instanceof RowRefusal ? new Refusal(error.status, [error.error]) : null;
}

/** What a fault answers in place of a handler, in the words of the service that was called. */
function spoiledReply(path: string, fault: SpoilingFault): RestReply {
  if (path === TOKEN_PATH) return replyOf(tokenRefusalOf(fault));
  const refusal = refusalOf(fault);
  if (!path.startsWith('/services/Soap/') || !Array.isArray(refusal.body)) return replyOf(refusal);
  const [{ errorCode, message }] = refusal.body;
  return soapFault(`sf:${errorCode}`, `${errorCode}: ${message}`);
}

function replyOf(refusal: Refusal): RestReply {
  return { status: refusal.status, body: refusal.body, headers: refusal.headers };
}

/** Writes the answer, or what a fault leaves of it. */
function send(
  res: Response,
  record: { status: number },
  fault: SalesforceFaultKind | null,
  reply: RestReply,
): void {
  const isEmpty = reply.body === undefined;
  if (fault === 'reply lost' || (fault === 'cut json' && isEmpty)) {
    res.socket?.destroy();
    return;
  }
  record.status = reply.status ?? (isEmpty ? 204 : 200);
  res.status(record.status).set({ ...reply.headers });
  if (isEmpty) {
    res.end();
    return;
  }
  const isText = typeof reply.body === 'string';
  if (!res.get('content-type'))
    res.set('Content-Type', isText ? 'text/plain;charset=UTF-8' : 'application/json;charset=UTF-8');
  const text = isText ? String(reply.body) : JSON.stringify(reply.body);
  res.end(fault === 'cut json' ? text.slice(0, Math.floor(text.length / 2)) : text);
}
