/**
 * The class of an error says who must act and what happens next; nothing is decided from its text.
 *
 * | class            | who acts      | what the worker does                                          |
 * |------------------|---------------|---------------------------------------------------------------|
 * | `ConfigError`    | the admin     | parks the row until the configuration changes                 |
 * | `AuthError`      | the admin     | pauses that connector's queue until `check()` passes           |
 * | `SignatureError` | the caller    | nothing: the request is answered 401 and counted              |
 * | `RetryableError` | nobody        | tries again later; the scope says what must wait              |
 * | `PermanentError` | a human, maybe | marks the row failed with this message                       |
 *
 * A message names the place, what happened, the value and what is allowed; `fix` is an imperative sentence.
 * Never put response bodies, tokens, addresses or comments into either.
 */
export class CaseloopError extends Error {
  readonly fix: string | null;

  constructor(message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.fix = options.fix ?? null;
  }
}

/** An admin must edit the configuration or provision the CRM; trying again changes nothing. */
export class ConfigError extends CaseloopError {}

/** The CRM refused our credentials: the connector is paused and says so once. */
export class AuthError extends CaseloopError {}

/** A caller's proof was refused: answered 401, counted, pauses nothing. */
export class SignatureError extends CaseloopError {}

/** This one item can never succeed: its row is marked failed with this message. */
export class PermanentError extends CaseloopError {}

/** What must wait: the whole `account` (the queue's rate limit) or only calls to one `endpoint` (this job alone). */
export type RetryScope = 'account' | 'endpoint';

/** The same attempt may succeed later, not before `retryAfterMs` when the vendor named a time. */
export class RetryableError extends CaseloopError {
  readonly retryAfterMs: number | null;
  readonly scope: RetryScope;

  constructor(
    message: string,
    options: { fix?: string; cause?: unknown; retryAfterMs?: number | null; scope?: RetryScope } = {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.scope = options.scope ?? 'endpoint';
  }
}
