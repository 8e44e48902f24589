import { z } from 'zod';
import {
  AuthError,
  type CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
} from '../../src/errors.ts';
import type { HttpAnswer } from './http.ts';

/** 429, or no credit left: the call had no effect. */
export class RateLimited extends RetryableError {}

/** 403 for our agent's role or the account's plan. */
export class Forbidden extends ConfigError {}

/** 404 or 405 on one record: it does not exist, or is archived, or was deleted. */
export class RecordGone extends PermanentError {}

/** 400: what was sent is not taken. `refused` names the fields, never their values. */
export class Invalid extends PermanentError {
  readonly refused: readonly Refused[];

  constructor(message: string, refused: readonly Refused[]) {
    super(message);
    this.refused = refused;
  }
}

interface Refused {
  readonly field: string;
  readonly code: string;
}

const Text = z.string().nullish().catch(null);

/** Both envelopes that Freshdesk puts its errors in, as one. https://developers.freshdesk.com/api/#error (2026-11-22) */
const Refusal = z.object({
  code: Text,
  errors: z
    .array(z.object({ field: Text, code: Text }))
    .nullish()
    .catch(null),
});

/** Codes of a 403 that end everything until an admin has acted. */
const ACCOUNT_CODES: ReadonlySet<string> = new Set([
  'account_suspended',
  'password_lockout',
  'password_expired',
  'invalid_credentials',
]);

/** What the client knows beside the answer. */
export interface Around {
  readonly now: Date;
  /** True when the last answer said that no credit is left for this minute. */
  readonly isSpent: boolean;
}

/** The class for an answer that is not a success; says what to do next. */
export function toError(answer: HttpAnswer, around: Around): CaseloopError {
  const refusal = readRefusal(answer.text);
  const code = plainName(refusal.code) ?? refusal.refused[0]?.code ?? null;
  const { place, status } = answer;
  const where = `Freshdesk ${place}: ${status}${code === null ? '' : ` ${code}`}`;
  const retryAfterMs = waitOf(answer.headers['retry-after'], around.now);

  if (status === 429) {
    return new RateLimited(`${where}, the rate limit is used up`, {
      retryAfterMs,
      scope: !around.isSpent && hasLimitOfItsOwn(place) ? 'endpoint' : 'account',
    });
  }
  if (status === 409 || status >= 500) return new RetryableError(`${where}, try later`, { retryAfterMs });
  if (status === 401 || (status === 403 && code !== null && ACCOUNT_CODES.has(code))) {
    return new AuthError(`${where}, the credentials were refused`, {
      fix: 'Check apiKey and baseUrl in the configuration, and in Freshdesk that the agent behind the key is active and not locked.',
    });
  }
  if (status === 403) {
    return new Forbidden(`${where}, not allowed for our agent`, {
      fix: 'Make the agent behind apiKey an administrator who sees all tickets, and check that the plan includes this part of Freshdesk.',
    });
  }
  if ((status === 404 || status === 405) && isOneRecord(place)) {
    return new RecordGone(`${where}, there is no such record`);
  }
  if (status === 404) {
    return new ConfigError(`${where}, the account or this part of it does not exist`, {
      fix: 'Check baseUrl: the name must be spelled as in https://NAME.freshdesk.com. If it is right, the plan lacks this part.',
    });
  }
  if (status >= 300 && status < 400) {
    return new ConfigError(`${where}, the account answers with a redirect`, {
      fix: "Set baseUrl to the account's own address, https://NAME.freshdesk.com, not to a domain of your own.",
    });
  }
  const words = refusal.refused.map((one) => `${one.field}: ${one.code}`);
  return new Invalid([where, ...words].join(', '), refusal.refused);
}

/**
 * Calls that have a limit a minute beside the account's: creating, updating and listing tickets, and listing contacts.
 * https://developers.freshdesk.com/api/#ratelimit (2026-11-22)
 */
function hasLimitOfItsOwn(place: string): boolean {
  return /^(POST|GET) \/api\/v2\/tickets$|^PUT \/api\/v2\/tickets\/\d+$|^GET \/api\/v2\/contacts$/.test(
    place,
  );
}

function isOneRecord(place: string): boolean {
  return /\/(tickets|archived|contacts)\/\d+(\/|$)/.test(place);
}

function readRefusal(text: string): { readonly code: string | null; readonly refused: readonly Refused[] } {
  let parsed: z.output<typeof Refusal> | undefined;
  try {
    parsed = Refusal.safeParse(JSON.parse(text)).data;
  } catch {
    // A 404 has no body, and errors may be a page from the edge (2026-11-22): the status alone decides then.
  }
  const refused = (parsed?.errors ?? []).slice(0, 5).flatMap((one) => {
    const field = plainName(one.field);
    return field === null ? [] : [{ field, code: plainName(one.code) ?? 'refused' }];
  });
  return { code: parsed?.code ?? null, refused };
}

/** Freshdesk's own names; anything else could be somebody's words and stays out of messages. */
function plainName(text: string | null | undefined): string | null {
  return text && /^[a-z][a-z0-9_.]{0,79}$/i.test(text) ? text : null;
}

function waitOf(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null;
  // Read leniently: numbers arrive as "100.0" in places.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text)) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
