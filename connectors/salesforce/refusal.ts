import { z } from 'zod';
import {
  AuthError,
  type CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
} from '../../src/errors.ts';
import type { HttpAnswer } from './http.ts';

/** 401: the token has ended, so the client mints one anew before it lets this through as the AuthError it is. */
export class TokenRefused extends AuthError {}

/** 403: the org or the rights of our user forbid it. */
export class Forbidden extends ConfigError {}

/** A field or an object that does not exist or that our user may not see: Salesforce does not tell which. */
export class Unseen extends ConfigError {}

/** The first error of a body: calls answer with a list, token requests with one object. */
export interface Refusal {
  readonly code: string | null;
  /** Fields the vendor names, by their API names. */
  readonly fields: readonly string[];
  /** The vendor's own words. They may quote a value, so they decide but are never shown. */
  readonly words: string;
}

const Problem = z.object({
  errorCode: z.string().nullish().catch(null),
  statusCode: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  fields: z.array(z.string()).nullish().catch(null),
  error: z.string().nullish().catch(null),
  error_description: z.string().nullish().catch(null),
});

/** 401s that a new token does not end: jsforce's list, seen in its source (3.10.26). */
const NOT_EXPIRED = [
  'Connected app is not attached to Agent',
  'This session is not valid for use with the REST API',
];

const PERMISSIONS_FIX =
  'Give the user Caseloop acts as "API Enabled", and the rights that README names: cases, tasks and the permission set "Caseloop".';

/**
 * The class for an answer that is not a success; says what to do next. `now` turns a date in Retry-After into a wait.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm (2026-11-22)
 */
export function toError(answer: HttpAnswer, now: Date): CaseloopError {
  const refusal = readRefusal(answer.text);
  const { code } = refusal;
  const where = `Salesforce ${answer.place}: ${answer.status}${code === null ? '' : ` ${code}`}`;
  const { status } = answer;
  const wait = { retryAfterMs: retryAfterMs(answer, now) };

  if (status === 401) return unauthorised(where, refusal);
  if (code === 'REQUEST_LIMIT_EXCEEDED' || status === 429) {
    return new RetryableError(`${where}, the org's API calls are used up`, { ...wait, scope: 'account' });
  }
  // 420 is Salesforce's own word for an instance in trouble.
  if (status >= 500 || [408, 409, 420].includes(status) || isPassing(code)) {
    return new RetryableError(`${where}, try later`, wait);
  }
  if (status === 403) return new Forbidden(`${where}, not allowed for our user`, { fix: PERMISSIONS_FIX });
  if (isUnseen(code)) return unseen(where, refusal);
  if (status === 404 && code !== 'NOT_FOUND' && code !== 'ENTITY_IS_DELETED') {
    return new ConfigError(`${where}, the org or the endpoint does not exist`, {
      fix: 'Check loginUrl, and that the edition of the org has the API.',
    });
  }
  if (status >= 300 && status < 400) {
    return new ConfigError(`${where}, the org answers with a redirect`, {
      fix: "Set loginUrl to the org's current My Domain; it changes when the org is renamed or moved.",
    });
  }
  return new PermanentError([where, ...fieldWords(refusal)].join(', '));
}

/** What a body says of a refusal. Anything that is not JSON says nothing: the status alone decides then. */
export function readRefusal(text: string): Refusal {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Pages from the edge, and 420 comes as either.
    return { code: null, fields: [], words: text };
  }
  const { data } = Problem.safeParse(Array.isArray(json) ? json[0] : json);
  return {
    code: plainName(data?.errorCode ?? data?.statusCode ?? data?.error),
    fields: data?.fields ?? [],
    words: data?.message ?? data?.error_description ?? '',
  };
}

/** Names of errors that pass by themselves. */
export function isPassing(code: string | null): boolean {
  return code !== null && PASSING.has(code);
}

const PASSING: ReadonlySet<string> = new Set([
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'DB_TIMEOUT',
  'PROCESSING_HALTED',
  'QUERY_TIMEOUT',
  'REQUEST_RUNNING_TOO_LONG',
  'SERVER_UNAVAILABLE',
  'UNABLE_TO_LOCK_ROW',
  'UNKNOWN_EXCEPTION',
]);

/** Names of errors about a field or an object that is missing, or hidden by field-level security. */
export function isUnseen(code: string | null): boolean {
  return code !== null && ['INVALID_FIELD', 'INVALID_FIELD_FOR_INSERT_UPDATE', 'INVALID_TYPE'].includes(code);
}

/** The error for such a name; the one thing quoted is the API name, when the words hold one. */
export function unseen(where: string, { fields, words }: Refusal): Unseen {
  const name = /No such column '([\w.]{1,80})'|sObject type '(\w{1,80})'/.exec(words);
  const names = name === null ? fields.filter(isApiName) : [name[1] ?? name[2] ?? ''];
  const what = names.length === 0 ? 'a field or an object' : names.join(', ');
  return new Unseen(`${where}, ${what} is not there or our user may not see it`, {
    fix: 'Run `caseloop provision CONNECTOR --apply`, which makes the fields and the permission set "Caseloop" and assigns it.',
  });
}

/** The fields that were refused, at most five; their names alone. */
export function fieldWords({ fields }: Refusal): readonly string[] {
  const names = fields.filter(isApiName).slice(0, 5);
  return names.length === 0 ? [] : [`about ${names.join(', ')}`];
}

/** Why a token was refused for every caller of this app, with what an admin can do. */
function unauthorised(where: string, { words }: Refusal): AuthError {
  if (NOT_EXPIRED.some((sentence) => words.includes(sentence))) {
    return new AuthError(`${where}, the app or the user may not use the REST API`, {
      fix: 'Check the External Client App: its policies, the scope "api" and the IP relaxation; a new token would not help.',
    });
  }
  return new TokenRefused(`${where}, the credentials were refused`, {
    fix: 'Check auth in the configuration, and that the External Client App and the user behind it are still active.',
  });
}

/** An error's name; anything else stays out of messages. */
function plainName(text: string | null | undefined): string | null {
  return text && /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(text) ? text : null;
}

function isApiName(text: string): boolean {
  return /^\w{1,80}$/.test(text);
}

function retryAfterMs(answer: HttpAnswer, now: Date): number | null {
  const text = answer.headers['retry-after'];
  if (text === undefined) return null;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
