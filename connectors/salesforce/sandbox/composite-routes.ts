import { isObject, type JsonObject } from './json.ts';
import type { Org } from './model.ts';
import { Refusal, RowRefusal, refuse, unreadable } from './refusal.ts';
import { DATA_PATH, type RestCall, type RestReply, type RestRoute, type RestRouter } from './rest.ts';
import { begin, commit, rollback } from './transaction.ts';

const MOST_SUBREQUESTS = 25;
const MOST_HEAVY = 5;

interface Subrequest {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
}

interface Subreply {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

/** Several calls in one, each may use what an earlier one answered. `router` gives the routes that it may call. */
export function compositeRoutes(org: Org, router: () => RestRouter): readonly RestRoute[] {
  return [
    {
      method: 'POST',
      path: '/composite',
      handle(call) {
        const { requests, allOrNone } = readRequest(call.body);
        const within = allOrNone ? begin(org, call.actor) : undefined;
        const replies: Subreply[] = [];
        for (const request of requests) replies.push(answer(router(), call, request, replies, within));
        if (within === undefined) return { body: { compositeResponse: replies } };
        const failed = replies.find(({ httpStatusCode }) => httpStatusCode >= 400);
        if (failed === undefined) {
          commit(within);
          return { body: { compositeResponse: replies } };
        }
        rollback(within);
        const halted = replies.map((reply) =>
          reply === failed ? reply : haltedReply(reply.referenceId, ROLLED_BACK),
        );
        return { body: { compositeResponse: halted } };
      },
    },
  ];
}

const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.';

function answer(
  router: RestRouter,
  call: RestCall,
  request: Subrequest,
  earlier: readonly Subreply[],
  within: RestCall['within'],
): Subreply {
  const { referenceId } = request;
  const filled = fill(request, earlier);
  if (filled === null) {
    return haltedReply(referenceId, 'Invalid reference specified. No value for it was found.');
  }
  const { pathname, searchParams } = new URL(filled.url, 'http://sandbox.invalid');
  try {
    const reply: RestReply = router.dispatch(filled.method, pathname.slice(DATA_PATH.length), {
      userId: call.userId,
      actor: call.actor,
      query: searchParams,
      body: filled.body,
      header: () => undefined,
      ...(within === undefined ? {} : { within }),
    });
    const status = reply.status ?? (reply.body === undefined ? 204 : 200);
    return {
      body: reply.body ?? null,
      httpHeaders: reply.headers ?? {},
      httpStatusCode: status,
      referenceId,
    };
  } catch (error) {
    if (error instanceof Refusal) {
      return { body: error.body, httpHeaders: {}, httpStatusCode: error.status, referenceId };
    }
    if (!(error instanceof RowRefusal)) throw error;
    return { body: [error.error], httpHeaders: {}, httpStatusCode: error.status, referenceId };
  }
}

function haltedReply(referenceId: string, message: string): Subreply {
  const body = [{ errorCode: 'PROCESSING_HALTED', message }];
  return { body, httpHeaders: {}, httpStatusCode: 400, referenceId };
}

/** Puts earlier answers in for `@{ref.id}`; null when one is not there. */
function fill(request: Subrequest, earlier: readonly Subreply[]): Subrequest | null {
  let isMissing = false;
  const put = (text: string): string =>
    text.replaceAll(/@\{([^}]+)\}/g, (_all, path: string) => {
      const value = lookUp(path, earlier);
      if (value === undefined) isMissing = true;
      return String(value ?? '');
    });
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return put(value);
    if (Array.isArray(value)) return value.map(deep);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deep(inner)]));
  };
  const filled = { ...request, url: put(request.url), body: deep(request.body) };
  return isMissing ? null : filled;
}

function lookUp(path: string, earlier: readonly Subreply[]): string | number | boolean | undefined {
  const [referenceId, ...steps] = path.split(/[.[\]]/).filter((step) => step !== '');
  const reply = earlier.find((one) => one.referenceId === referenceId);
  if (reply === undefined || reply.httpStatusCode >= 400) return undefined;
  let value: unknown = reply.body;
  for (const step of steps) {
    if (Array.isArray(value)) value = value[Number(step)];
    else value = isObject(value) ? value[step] : undefined;
  }
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? (value as string | number | boolean) : undefined;
}

function readRequest(body: unknown): {
  readonly requests: readonly Subrequest[];
  readonly allOrNone: boolean;
} {
  const { compositeRequest, allOrNone = false } = isObject(body) ? body : {};
  if (!Array.isArray(compositeRequest) || compositeRequest.length === 0) {
    throw unreadable('compositeRequest must be a list of subrequests');
  }
  if (compositeRequest.length > MOST_SUBREQUESTS) {
    throw refuse(
      400,
      'LIMIT_EXCEEDED',
      `The limit is ${MOST_SUBREQUESTS} subrequests in a composite request`,
    );
  }
  const requests = compositeRequest.map(readSubrequest);
  if (new Set(requests.map(({ referenceId }) => referenceId)).size < requests.length) {
    throw refuse(400, 'INVALID_INPUT', 'Every referenceId must be used once');
  }
  const heavy = requests.filter(({ url }) => /\/(query|queryAll|composite\/sobjects)\b/.test(url)).length;
  if (heavy > MOST_HEAVY) {
    throw refuse(
      400,
      'LIMIT_EXCEEDED',
      `The limit is ${MOST_HEAVY} queries and collections in a composite request`,
    );
  }
  return { requests, allOrNone: allOrNone === true };
}

function readSubrequest(value: unknown): Subrequest {
  const { method, url, referenceId, body } = (isObject(value) ? value : {}) as JsonObject;
  const isWhole =
    typeof method === 'string' &&
    typeof url === 'string' &&
    typeof referenceId === 'string' &&
    /^[A-Za-z0-9][A-Za-z0-9_]*$/.test(referenceId);
  if (!isWhole) throw unreadable('A subrequest needs method, url and referenceId');
  if (!url.startsWith(`${DATA_PATH}/`)) throw refuse(400, 'INVALID_INPUT', `Invalid url: ${url}`);
  return { method, url, referenceId, body };
}
