import { z } from 'zod';
import {
  AuthError,
  type CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
} from '../../src/errors.ts';
import type { HttpAnswer } from './http.ts';

/** 401: the token may have expired, so the client mints one anew before it lets this through as the AuthError it is. */
export class TokenRefused extends AuthError {}

const Problem = z.object({
  title: z.string().nullish(),
  message: z.string().nullish(),
  code: z.string().nullish(),
});

/** 403 that names no scope: our user's role or the account's plan, or a scope that Zendesk granted without knowing it. */
export class Forbidden extends ConfigError {}

/** 404 for one record: it does not exist, or not any more. */
export class RecordGone extends PermanentError {}

/** 422 because the ticket is closed for good. */
export class TicketClosed extends PermanentError {}

/** The four envelopes that Zendesk puts its errors in, as one. */
const Refusal = z.object({
  error: z.union([z.string(), Problem]).nullish().catch(null),
  description: z.string().nullish().catch(null),
  errors: z.array(Problem).nullish().catch(null),
  details: z.unknown().optional(),
});

const NO_REFUSAL: z.output<typeof Refusal> = { error: null, description: null, errors: null, details: null };

/** The class for an answer that is not a success; says what to do next. `now` turns a date in Retry-After into a wait. */
export function toError(answer: HttpAnswer, now: Date): CaseloopError {
  const refusal = readRefusal(answer.text);
  const code = codeOf(refusal);
  const where = `Zendesk ${answer.place}: ${answer.status}${code === null ? '' : ` ${code}`}`;
  const { status } = answer;

  if (code === 'TooManyJobs') {
    return new RetryableError(`${where}, 30 bulk jobs are waiting already`, {
      retryAfterMs: retryAfterMs(answer, now) ?? limitOf(answer.headers, 'inflight-jobs')?.resetsMs ?? null,
    });
  }
  if (status === 429) {
    return new RetryableError(`${where}, the rate limit is used up`, {
      retryAfterMs: retryAfterMs(answer, now),
      scope: isEndpointLimit(answer) ? 'endpoint' : 'account',
    });
  }
  if (status === 409 || status >= 500) {
    return new RetryableError(`${where}, try later`, { retryAfterMs: retryAfterMs(answer, now) });
  }
  if (status === 401) {
    return new TokenRefused(`${where}, the credentials were refused`, {
      fix: 'Check auth in the configuration, and that the OAuth client (or API token) is still active in the Zendesk Admin Center.',
    });
  }
  if (status === 403) return forbidden(where, refusal);
  if (status === 404 && code === 'RecordNotFound') return new RecordGone(`${where}, there is no such record`);
  if (status === 404) {
    return new ConfigError(`${where}, the account or the endpoint does not exist`, {
      fix: 'Check baseUrl, and that the plan of the Zendesk account includes this part of the API.',
    });
  }
  if (status >= 300 && status < 400) {
    return new ConfigError(`${where}, the account answers with a redirect`, {
      fix: "Set baseUrl to the account's own address, https://SUBDOMAIN.zendesk.com.",
    });
  }
  const words = [where, ...fieldWords(refusal.details)].join(', ');
  return status === 422 && saysClosed(words) ? new TicketClosed(words) : new PermanentError(words);
}

/** Scope, role or plan. A missing scope makes the whole connector useless; the rest is one thing an admin must allow. */
function forbidden(where: string, refusal: z.output<typeof Refusal>): CaseloopError {
  const scopes = /required scopes?:\s*([a-z_:, ]+)/i.exec(refusal.description ?? '')?.[1]?.trim();
  if (scopes !== undefined) {
    return new AuthError(`${where}, the token lacks a scope: ${scopes}`, {
      fix: `Allow the scopes "read write" on the OAuth client; this call needs: ${scopes}.`,
    });
  }
  return new Forbidden(`${where}, not allowed for our user`, {
    fix: 'Make the user behind the OAuth client (or API token) an administrator with the scopes "read write", and check that the plan includes this part of Zendesk.',
  });
}

function readRefusal(text: string): z.output<typeof Refusal> {
  try {
    return Refusal.safeParse(JSON.parse(text)).data ?? NO_REFUSAL;
  } catch {
    // Errors may be plain text or a page from the edge (2026-11-21): the status alone decides then.
    return NO_REFUSAL;
  }
}

/** The vendor's name for the error, such as RecordInvalid. Anything that is not a plain name stays out of messages. */
function codeOf(refusal: z.output<typeof Refusal>): string | null {
  const { error } = refusal;
  const raw = typeof error === 'string' ? error : (error?.title ?? refusal.errors?.[0]?.code);
  return raw && /^[A-Za-z_][A-Za-z_ ]{0,59}$/.test(raw) ? raw : null;
}

/** Zendesk has several names for this error and one sentence (2026-11-21). */
export function saysClosed(words: string): boolean {
  return words.includes('closed prevents ticket update') || words.includes('ClosedTicket');
}

/** What Zendesk says about single fields: its own words, at most five of them, addresses taken out. */
export function fieldWords(details: unknown): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (found.length >= 5) return;
    if (typeof value === 'string') found.push(clean(value));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value !== null && typeof value === 'object') {
      if ('description' in value && typeof value.description === 'string')
        found.push(clean(value.description));
      else Object.values(value).forEach(walk);
    }
  };
  walk(details);
  return found;
}

function clean(words: string): string {
  return words.replaceAll(/\S+@\S+/g, '[address]').slice(0, 200);
}

/** A counter of one endpoint: `zendesk-ratelimit-incremental-exports: total=10; remaining=9; resets=2`. */
export interface Limit {
  readonly remaining: number;
  readonly resetsMs: number;
}

/** Reads one endpoint's counter. Captures of 2023 spell it `zendesk-rate-limit-`, later ones `zendesk-ratelimit-`. */
export function limitOf(headers: Readonly<Record<string, string>>, name: string): Limit | null {
  const text = headers[`zendesk-ratelimit-${name}`] ?? headers[`zendesk-rate-limit-${name}`];
  return text === undefined ? null : readLimit(text);
}

function readLimit(text: string): Limit | null {
  const remaining = /remaining=(\d+)/.exec(text)?.[1];
  const resets = /resets=(\d+)/.exec(text)?.[1];
  if (remaining === undefined || resets === undefined) return null;
  return { remaining: Number(remaining), resetsMs: Number(resets) * 1_000 };
}

/** One endpoint's own limit must not stop the calls to the others. */
function isEndpointLimit(answer: HttpAnswer): boolean {
  if (/\/incremental\/|\/webhooks/.test(answer.place)) return true;
  return Object.entries(answer.headers).some(
    ([name, value]) => /^zendesk-rate-?limit-/.test(name) && readLimit(value)?.remaining === 0,
  );
}

function retryAfterMs(answer: HttpAnswer, now: Date): number | null {
  const text = answer.headers['retry-after'];
  if (text === undefined) return null;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
