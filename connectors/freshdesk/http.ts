import axios, { isAxiosError } from 'axios';
import { RetryableError } from '../../src/errors.ts';
import type { Secret } from '../../src/secret.ts';

/** More than any page of 100 tickets; an answer without end must not fill the memory. */
const MOST_BYTES = 50_000_000;

/** One request, as the wire sees it. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly apiKey: Secret;
  readonly body: unknown;
  readonly timeoutMs: number;
}

/** What came back, whatever its status. Header names are in lower case. */
export interface HttpAnswer {
  /** `GET /api/v2/tickets`: names the call in messages, without its query. */
  readonly place: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Takes every status as an answer, follows nothing and parses nothing; retries are not part of axios. */
const http = axios.create({
  adapter: 'http',
  // The environment's proxy would see the API key; nothing outside the configuration decides where requests go.
  proxy: false,
  maxRedirects: 0,
  maxContentLength: MOST_BYTES,
  validateStatus: () => true,
  responseType: 'text',
  transformRequest: (data: unknown) => data,
  transformResponse: (data: unknown) => data,
});

/**
 * Sends one request once. Redirects are not followed, since the API key must not travel to another host. The time limit
 * holds for the whole of it. Throws RetryableError when no whole answer came: for a write the outcome is then unknown.
 */
export async function send(call: HttpCall): Promise<HttpAnswer> {
  const place = `${call.method} ${new URL(call.url).pathname}`;
  try {
    const response = await http.request<unknown>({
      method: call.method,
      url: call.url,
      headers: {
        // The password is not looked at, any will do: https://developers.freshdesk.com/api/#authentication (2026-11-22).
        authorization: `Basic ${Buffer.from(`${call.apiKey.reveal()}:X`).toString('base64')}`,
        accept: 'application/json',
        ...(call.body === null ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === null ? {} : { data: JSON.stringify(call.body) }),
      timeout: call.timeoutMs,
      signal: AbortSignal.timeout(call.timeoutMs),
    });
    const text = typeof response.data === 'string' ? response.data : '';
    return { place, status: response.status, headers: flatten(response.headers), text };
  } catch (error) {
    // An axios error carries the request with its API key, so it is not kept as the cause.
    throw new RetryableError(`Freshdesk ${place}: ${describe(error, call.timeoutMs)}`);
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
      `Freshdesk ${answer.place}: ${answer.status} with a body that is not JSON (${kind})`,
    );
  }
}

function describe(error: unknown, timeoutMs: number): string {
  const code = isAxiosError(error) ? (error.code ?? 'unknown') : 'unknown';
  // Whichever of the two limits struck first.
  if (code === 'ERR_CANCELED' || code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
    return `no whole answer within ${timeoutMs} ms`;
  }
  return `the connection failed (${code})`;
}

function flatten(headers: object): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return flat;
}
