import { errors, request } from 'undici';
import { RetryableError } from '../../src/errors.ts';

/** One request, as the wire sees it. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
}

/** What came back, whatever its status. Header names are in lower case. */
export interface HttpAnswer {
  /** `GET /services/data/v67.0/query`: names the call in messages, without its query. */
  readonly place: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Sends one request once. Redirects are not followed, since the credentials must not travel to another host.
 * The time limit holds for the whole of it. Throws RetryableError when no whole answer came: for a write the outcome is
 * then unknown.
 */
export async function send(call: HttpCall): Promise<HttpAnswer> {
  const place = `${call.method} ${new URL(call.url).pathname}`;
  try {
    const response = await request(call.url, {
      method: call.method,
      headers: call.headers,
      body: call.body,
      signal: AbortSignal.timeout(call.timeoutMs),
      headersTimeout: call.timeoutMs,
      bodyTimeout: call.timeoutMs,
    });
    const text = await response.body.text();
    return { place, status: response.statusCode, headers: flatten(response.headers), text };
  } catch (error) {
    throw new RetryableError(`Salesforce ${place}: ${describe(error, call.timeoutMs)}`, { cause: error });
  }
}

/** The body of a success; nothing is an empty object. Throws RetryableError when it is not whole JSON. */
export function parseJson(answer: HttpAnswer): unknown {
  if (answer.status === 204 || answer.text === '') return {};
  try {
    return JSON.parse(answer.text);
  } catch {
    // A page from the edge or a cut body under a success status passes by itself. The parser's own error quotes the body,
    // so it is not kept as the cause.
    const kind = answer.headers['content-type']?.split(';')[0] ?? 'no content type';
    throw new RetryableError(
      `Salesforce ${answer.place}: ${answer.status} with a body that is not JSON (${kind})`,
    );
  }
}

function describe(error: unknown, timeoutMs: number): string {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    (error instanceof Error && error.name === 'TimeoutError');
  if (timedOut) return `no whole answer within ${timeoutMs} ms`;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return `the connection failed (${code})`;
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
