/** One error as Salesforce lists it. Bodies are arrays of them. */
export interface ApiError {
  readonly errorCode: string;
  readonly message: string;
  readonly fields?: readonly string[];
}

/** A request that Salesforce turns down: thrown by handlers, written out by the router. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`the sandbox refuses with ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** A record that Salesforce does not take: the whole answer of a single write, one row of a collection's. */
export class RowRefusal extends Error {
  readonly error: ApiError;
  readonly status: number;

  constructor(errorCode: string, message: string, fields?: readonly string[], status = 400) {
    super(`the sandbox refuses a record with ${errorCode}`);
    this.name = 'RowRefusal';
    this.error = { errorCode, message, ...(fields === undefined ? {} : { fields }) };
    this.status = status;
  }
}

/** A refusal with one error. */
export const refuse = (status: number, errorCode: string, message: string): Refusal =>
  new Refusal(status, [{ message, errorCode }]);

/** 401 for a token that is unknown, expired or revoked. */
export const invalidSession = (): Refusal => refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

/** 404 for a path or a record that is not there. */
export const notFound = (): Refusal => refuse(404, 'NOT_FOUND', 'The requested resource does not exist');

/** 400 for a body that cannot be read into the record. */
export const unreadable = (message: string): Refusal => refuse(400, 'JSON_PARSER_ERROR', message);

/** 405 for a verb that the path does not know. */
export const methodNotAllowed = (method: string, allowed: readonly string[]): Refusal =>
  refuse(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',').toUpperCase()}`,
  );

/** 403 for a user who may not. */
export const insufficientAccess = (): Refusal =>
  refuse(
    403,
    'INSUFFICIENT_ACCESS',
    'You do not have the level of access necessary to perform the operation you requested. Please contact the owner of the record or your administrator if access is necessary.',
  );

/** 403 when the allowance of the day is used up. */
export const limitExceeded = (): Refusal =>
  refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
