import {
  type FieldError,
  type FieldErrorCode,
  invalidValue,
  unknownField,
  validationFailed,
} from './refusal.ts';

/** An object of parsed JSON, nothing known about its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for JSON objects, not for lists or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a body key by key and gathers every wrong one, since Freshdesk names them all at once. A key that nobody asked
 * for is wrong too.
 */
export interface BodyReader {
  has(key: string): boolean;
  text(
    key: string,
    limits?: { readonly longest?: number; readonly isRequired?: boolean },
  ): string | undefined;
  integer(key: string): number | undefined;
  integerOrNull(key: string): number | null | undefined;
  boolean(key: string): boolean | undefined;
  instant(key: string): Date | undefined;
  texts(key: string): readonly string[] | undefined;
  raw(key: string): unknown;
  complain(field: string, message: string, code?: FieldErrorCode): void;
  /** Throws a 400 when anything was wrong. */
  done(): void;
}

/** A reader of a JSON object. Throws a 400 for any other body. */
export function readBody(body: unknown): BodyReader {
  if (!isObject(body)) throw invalidValue('body', 'It should be a JSON object', 'datatype_mismatch');
  const asked = new Set<string>();
  const errors: FieldError[] = [];
  const complain = (field: string, message: string, code: FieldErrorCode = 'invalid_value'): void => {
    errors.push({ field, message, code });
  };
  const take = (key: string): unknown => {
    asked.add(key);
    return body[key];
  };
  const mismatch = (key: string, value: unknown, wanted: string): undefined => {
    const kind = Array.isArray(value) ? 'Array' : value === null ? 'Null' : typeNameOf(value);
    complain(key, `Value set is of type ${kind}.It should be a/an ${wanted}`, 'datatype_mismatch');
    return undefined;
  };
  const integer = (key: string): number | undefined => {
    const value = take(key);
    if (value === undefined) return undefined;
    return Number.isSafeInteger(value) ? Number(value) : mismatch(key, value, 'Integer');
  };
  return {
    has: (key) => body[key] !== undefined,
    text(key, { longest, isRequired = false } = {}) {
      const value = take(key);
      if (isRequired && (value === undefined || value === '')) {
        complain(key, 'It should not be blank as this is a mandatory field', 'missing_field');
        return undefined;
      }
      if (value === undefined) return undefined;
      if (typeof value !== 'string') return mismatch(key, value, 'String');
      if (longest !== undefined && [...value].length > longest) {
        complain(key, `Has ${[...value].length} characters, it can have maximum of ${longest} characters`);
        return undefined;
      }
      return value;
    },
    integer,
    integerOrNull(key) {
      if (body[key] !== null) return integer(key);
      asked.add(key);
      return null;
    },
    boolean(key) {
      const value = take(key);
      if (value === undefined || typeof value === 'boolean') return value;
      return mismatch(key, value, 'Boolean');
    },
    instant(key) {
      const value = take(key);
      if (value === undefined) return undefined;
      const at = parseInstant(value);
      if (at === null) complain(key, "It should be in the 'combined date and time ISO8601' format");
      return at ?? undefined;
    },
    texts(key) {
      const value = take(key);
      if (value === undefined) return undefined;
      if (!Array.isArray(value)) return mismatch(key, value, 'Array');
      const wrong = value.find((one) => typeof one !== 'string');
      return wrong === undefined ? value.map(String) : mismatch(key, wrong, 'String');
    },
    raw: take,
    complain,
    done() {
      for (const key of Object.keys(body)) if (!asked.has(key)) errors.push(unknownField(key));
      if (errors.length > 0) throw validationFailed(errors);
    },
  };
}

function typeNameOf(value: unknown): string {
  if (typeof value === 'string') return 'String';
  if (typeof value === 'boolean') return 'Boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Float';
  return 'Hash';
}

/** ISO 8601 with a zone; null for anything else. */
function parseInstant(value: unknown): Date | null {
  const isIso =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/.test(value);
  const at = isIso ? new Date(value) : null;
  return at === null || Number.isNaN(at.getTime()) ? null : at;
}

/** Throws a 400 for every query parameter that is not among the names. */
export function allowOnly(query: URLSearchParams, names: readonly string[]): void {
  const unknown = [...new Set(query.keys())].filter((name) => !names.includes(name));
  if (unknown.length > 0) throw validationFailed(unknown.map(unknownField));
}

/** A whole number above zero in a query. Throws a 400 for anything else. */
export function readPositive(
  query: URLSearchParams,
  name: string,
  limits: { readonly most?: number; readonly byDefault: number },
): number {
  const text = query.get(name);
  if (text === null) return limits.byDefault;
  const value = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= (limits.most ?? Number.MAX_SAFE_INTEGER))) {
    const most = limits.most === undefined ? '' : ` less than or equal to ${limits.most}`;
    throw invalidValue(name, `It should be a Positive Integer${most}`);
  }
  return value;
}

/** An id in a query; undefined when it is not there. Throws a 400 for anything else. */
export function readIdParam(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw invalidValue(name, 'It should be a/an Positive Integer', 'datatype_mismatch');
  return Number(text);
}

/** An instant, or the beginning of a day, in a query; undefined when it is not there. Throws a 400 for anything else. */
export function readInstantParam(query: URLSearchParams, name: string): Date | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const at = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === null) throw invalidValue(name, "It should be in the 'combined date and time ISO8601' format");
  return at;
}

/** One word of some, in a query. Throws a 400 for any other. */
export function readChoice<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = query.get(name);
  const found = allowed.find((one) => one === text);
  if (text !== null && found === undefined) throw notAmong(name, allowed);
  return found;
}

/** Words of some, separated by commas, in a query. Throws a 400 for any other. */
export function readChoices<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly T[],
): ReadonlySet<T> {
  const text = query.get(name);
  if (text === null) return new Set();
  return new Set(
    text.split(',').map((word) => {
      const found = allowed.find((one) => one === word.trim());
      if (found === undefined) throw notAmong(name, allowed);
      return found;
    }),
  );
}

function notAmong(name: string, allowed: readonly string[]): Error {
  return invalidValue(name, `It should be one of these values: '${allowed.join(',')}'`);
}
