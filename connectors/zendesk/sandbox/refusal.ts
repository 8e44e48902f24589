/** A request that Zendesk turns down: thrown by handlers, written out by the router. */
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

/** One line of a 422's `details`. */
export interface RefusalDetail {
  readonly description: string;
  readonly error?: string | null;
  readonly ticket_field_id?: number;
  readonly ticket_field_type?: string;
}

/** 404 for a record that does not exist. */
export const recordNotFound = (): Refusal =>
  new Refusal(404, { error: 'RecordNotFound', description: 'Not found' });

/** 404 for a path that does not exist. */
export const invalidEndpoint = (): Refusal =>
  new Refusal(404, { error: 'InvalidEndpoint', description: 'Not found' });

/** 403 for a role that may not. */
export const forbidden = (): Refusal =>
  new Refusal(403, {
    error: {
      title: 'Forbidden',
      message: 'You do not have access to this page. Please contact the account owner for further help.',
    },
  });

/** A valid token that lacks the scope. */
export const missingScope = (): Refusal =>
  new Refusal(403, { error: 'Forbidden', description: 'Missing the required scope' });

/** 401 without credentials. */
export const unauthenticated = (): Refusal => new Refusal(401, { error: "Couldn't authenticate you" });

/** 401 for a bearer token that is wrong or too old. */
export const invalidToken = (): Refusal =>
  new Refusal(401, {
    error: 'invalid_token',
    error_description:
      'The access token provided is expired, revoked, malformed or invalid for other reasons.',
  });

/** 400 for a value of a wrong type. */
export const invalidAttribute = (name: string, expected: string): Refusal =>
  new Refusal(400, {
    error: {
      title: 'Invalid attribute',
      message: `You passed an invalid value for the ${name} attribute. Invalid parameter: ${name} must be ${expected}`,
    },
  });

/** 422 with details by attribute. */
export const recordInvalid = (details: Readonly<Record<string, readonly RefusalDetail[]>>): Refusal =>
  new Refusal(422, { error: 'RecordInvalid', description: 'Record validation errors', details });

/** A 422 about one attribute. */
export const invalidValue = (attribute: string, description: string, error = 'InvalidValue'): Refusal =>
  recordInvalid({ [attribute]: [{ description, error }] });

/** 422 for any change of a closed ticket. */
export const closedTicket = (): Refusal =>
  recordInvalid({ status: [{ description: 'Status: closed prevents ticket update' }] });

/** 409 for a safe update with an outdated stamp. */
export const updateConflict = (): Refusal =>
  new Refusal(409, {
    error: 'UpdateConflict',
    description: 'Safe Update prevented the update due to outdated ticket data.',
  });

/** 400 for a batch that is too large. */
export const tooManyValues = (parameter: string, maxCount: number): Refusal =>
  new Refusal(400, {
    error: 'TooManyValues',
    description: `Parameter ${parameter} cannot specify more than ${maxCount} values`,
    max_count: maxCount,
  });

/** The webhooks API answers in a form of its own. */
export const webhookRefusal = (status: number, code: string, title: string, detail: string): Refusal =>
  new Refusal(status, { errors: [{ code, title, detail }] });
