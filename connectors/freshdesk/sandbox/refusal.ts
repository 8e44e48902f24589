/** A request that Freshdesk turns down: thrown by handlers, written out by the router. */
export class Refusal extends Error {
  readonly status: number;
  /** Undefined sends no body at all. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`the sandbox refuses with ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** What a validation error can be called. */
export type FieldErrorCode =
  | 'missing_field'
  | 'invalid_value'
  | 'duplicate_value'
  | 'datatype_mismatch'
  | 'invalid_field'
  | 'readonly_field'
  | 'inconsistent_state';

/** One line of the errors of a refused request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code: FieldErrorCode;
}

const envelope = (errors: readonly FieldError[]): unknown => ({ description: 'Validation failed', errors });

/** 400 with one line for every wrong field. */
export const validationFailed = (errors: readonly FieldError[]): Refusal =>
  new Refusal(400, envelope(errors));

/** A 400 about one field. */
export const invalidValue = (
  field: string,
  message: string,
  code: FieldErrorCode = 'invalid_value',
): Refusal => validationFailed([{ field, message, code }]);

/** The line for a key that the API does not know. */
export const unknownField = (field: string): FieldError => ({
  field,
  message: 'Unexpected/invalid field in request',
  code: 'invalid_field',
});

/** 409: there is one like it already, or the record is not in a state for it. */
export const conflict = (error: FieldError): Refusal => new Refusal(409, envelope([error]));

/** 400 for a body that cannot be read. */
export const invalidJson = (): Refusal =>
  new Refusal(400, { code: 'invalid_json', message: 'Request body has invalid json format' });

/** 401 without credentials, or with wrong ones. */
export const invalidCredentials = (): Refusal =>
  new Refusal(401, {
    code: 'invalid_credentials',
    message: 'You have to be logged in to perform this action.',
  });

/** 403 after wrong credentials again and again. */
export const passwordLockout = (): Refusal =>
  new Refusal(403, {
    code: 'password_lockout',
    message: 'You have exceeded the number of permissible attempts. Please try again later.',
  });

/** 403 for an agent who may not. */
export const accessDenied = (): Refusal =>
  new Refusal(403, { code: 'access_denied', message: 'You are not authorized to perform this action.' });

/** 403 for what the account's plan does not have. */
export const requireFeature = (feature: string): Refusal =>
  new Refusal(403, {
    code: 'require_feature',
    message: `The ${feature} feature(s) is/are not supported in your plan. Please upgrade your account to use it.`,
  });

/** 404 has no body. */
export const notFound = (): Refusal => new Refusal(404);

/** 405 names the verbs that there are. */
export const methodNotAllowed = (verbs: readonly string[]): Refusal =>
  new Refusal(405, undefined, { Allow: verbs.join(', ') });

/** 406 for a caller who wants no JSON. */
export const notAcceptable = (): Refusal => new Refusal(406);

/** 415 for a body that is no JSON. */
export const unsupportedMediaType = (): Refusal => new Refusal(415);
