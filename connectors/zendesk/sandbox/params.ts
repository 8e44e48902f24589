import { invalidAttribute } from './refusal.ts';

/** An object of parsed JSON, nothing known about its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for JSON objects, not for lists or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under `key`; Zendesk answers 400 when it is missing. */
export function readObject(body: unknown, key: string): JsonObject {
  const value = isObject(body) ? body[key] : undefined;
  if (!isObject(value)) throw invalidAttribute(key, 'an object');
  return value;
}

/** An id as a number or as digits. */
export function readId(name: string, value: unknown): number {
  const id = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) {
    throw invalidAttribute(name, 'an integer from api/v2');
  }
  return id;
}

/** As `readId`; null and the empty text mean none. */
export function readIdOrNull(name: string, value: unknown): number | null {
  return value === null || value === '' ? null : readId(name, value);
}

/** Text; numbers are written out. Throws a 400 for anything else. */
export function readString(name: string, value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw invalidAttribute(name, 'a string');
  return value;
}

/** As `readString`; null stays null. */
export function readStringOrNull(name: string, value: unknown): string | null {
  return value === null ? null : readString(name, value);
}

/** A boolean or its name. Throws a 400 for anything else. */
export function readBoolean(name: string, value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalidAttribute(name, 'a boolean');
}

/** An ISO 8601 instant or day; null and the empty text mean none. Throws a 400 for anything else. */
export function readDateOrNull(name: string, value: unknown): Date | null {
  if (value === null || value === '') return null;
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? new Date(value) : null;
  if (at === null || Number.isNaN(at.getTime())) throw invalidAttribute(name, 'a date and time');
  return at;
}

/** A list. Throws a 400 for anything else. */
export function readArray(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidAttribute(name, 'an array');
  return value;
}

/** Tags from a list or from words; lower case, blanks become underscores inside a list. */
export function readTags(name: string, value: unknown): string[] {
  if (typeof value === 'string') return normaliseTags(value.split(/[\s,]+/));
  return normaliseTags(readArray(name, value).map((tag) => readString(name, tag)));
}

/** Lower case, trimmed, without repeats, sorted. */
export function normaliseTags(tags: readonly string[]): string[] {
  const clean = tags
    .map((tag) => tag.trim().toLowerCase().replaceAll(/\s+/g, '_'))
    .filter((tag) => tag !== '');
  return [...new Set(clean)].sort();
}

/** `1,2,3` in a query, at most 100 of them. */
export function readIdList(name: string, value: string | null): number[] {
  if (value === null || value === '') throw invalidAttribute(name, 'a list of ids');
  return value.split(',').map((id) => readId(name, id.trim()));
}

/** A whole number in a query, between two limits. */
export function readCount(
  query: URLSearchParams,
  name: string,
  limits: { min: number; max: number; byDefault: number },
): number {
  const text = query.get(name);
  if (text === null) return limits.byDefault;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= limits.min && count <= limits.max)) {
    throw invalidAttribute(name, `an integer between ${limits.min} and ${limits.max}`);
  }
  return count;
}
