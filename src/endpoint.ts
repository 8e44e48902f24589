import { Webhook } from 'standardwebhooks';
import { errors, request } from 'undici';
import { HOUR_MS, SECOND_MS } from './clock.ts';
import { codeOf } from './error-facts.ts';
import type { Secret } from './secret.ts';

/** The whole of one attempt, connection and answer included. */
const TIMEOUT_MS = 10 * SECOND_MS;

/** Where signed events go. */
export interface Endpoint {
  readonly url: Secret;
  /** `whsec_` and base64. Every event is signed with each, so that a receiver can change over at its own time. */
  readonly secrets: readonly Secret[];
}

/** What an endpoint made of an event. `reason` holds nothing of what it answered beyond the status. */
export type Delivery =
  | { readonly result: 'taken' }
  | { readonly result: 'refused'; readonly reason: string; readonly retryAfterMs: number | null }
  /** Too much at the moment: whatever else waits for it must wait, too. */
  | { readonly result: 'limited'; readonly reason: string; readonly retryAfterMs: number | null }
  /** It wants no more events, ever. */
  | { readonly result: 'gone'; readonly reason: string };

/**
 * Posts one event in the form of Standard Webhooks, once. Redirects are not followed: what is signed goes to the address in
 * the config file or nowhere. Never throws.
 */
export async function postEvent(
  endpoint: Endpoint,
  event: { id: string; body: string; at: Date },
): Promise<Delivery> {
  return judge(await send(endpoint.url, 'POST', event.body, signatureOf(endpoint, event)), event.at);
}

/** Posts unsigned JSON to an address that is a secret by itself, once. Never throws. */
export async function postJson(url: Secret, message: { body: string; at: Date }): Promise<Delivery> {
  return judge(await send(url, 'POST', message.body), message.at);
}

function judge(answer: Answer, at: Date): Delivery {
  if ('failure' in answer) return { result: 'refused', reason: answer.failure, retryAfterMs: null };
  const { status } = answer;
  if (status >= 200 && status < 300) return { result: 'taken' };
  const reason = `the endpoint answered ${status}`;
  const retryAfterMs = readRetryAfter(answer.retryAfter, at);
  if (status === 410) return { result: 'gone', reason };
  if (status === 429 || (status === 503 && retryAfterMs !== null)) {
    return { result: 'limited', reason, retryAfterMs };
  }
  if (status >= 300 && status < 400)
    return { result: 'refused', reason: `${reason}, a redirect`, retryAfterMs };
  return { result: 'refused', reason, retryAfterMs };
}

/** Asks whether an endpoint answers at all, without an event. Null when no HTTP answer came, and why. */
export async function tryEndpoint(
  endpoint: Endpoint,
): Promise<{ readonly status: number } | { readonly failure: string }> {
  return send(endpoint.url, 'HEAD', null);
}

type Answer = { readonly status: number; readonly retryAfter: string | null } | { readonly failure: string };

async function send(
  url: Secret,
  method: 'POST' | 'HEAD',
  body: string | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const type = body === null ? {} : { 'content-type': 'application/json' };
  try {
    const response = await request(url.reveal(), {
      method,
      headers: { 'user-agent': 'Caseloop', ...type, ...headers },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    // The status is the answer; what else it says is nobody's business here.
    await response.body.dump().catch(() => undefined);
    const { 'retry-after': asked } = response.headers;
    return { status: response.statusCode, retryAfter: typeof asked === 'string' ? asked : null };
  } catch (error) {
    return { failure: describe(error) };
  }
}

/** Headers of Standard Webhooks 1.0: one signature per secret, by spaces. The timestamp is that of the attempt. */
function signatureOf(
  { secrets }: Endpoint,
  { id, body, at }: { id: string; body: string; at: Date },
): Readonly<Record<string, string>> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / SECOND_MS)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret.reveal()).sign(id, at, body)).join(' '),
  };
}

/** A receiver may ask for a longer wait, but not for one that nobody would notice the end of. */
const LONGEST_ASKED_MS = HOUR_MS;

/** Seconds or a date (RFC 9110, 10.2.3). */
function readRetryAfter(value: string | null, now: Date): number | null {
  if (value === null) return null;
  const waitMs = /^\d+$/.test(value) ? Number(value) * SECOND_MS : Date.parse(value) - now.getTime();
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(0, waitMs), LONGEST_ASKED_MS);
}

function describe(error: unknown): string {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError ||
    (error instanceof Error && error.name === 'TimeoutError');
  if (timedOut) return `the endpoint gave no answer within ${TIMEOUT_MS / SECOND_MS} s`;
  return `the connection to the endpoint failed (${codeOf(error)})`;
}
