import { SECOND_MS } from '../../../src/clock.ts';
import { normaliseId } from './ids.ts';
import type { FieldDef, Value } from './model.ts';
import { RowRefusal, unreadable } from './refusal.ts';

/** `2026-11-21T16:00:00.000+0000`: Salesforce writes no colon into the offset. */
export function formatInstant(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+0000');
}

/** A stored value as REST answers have it. */
export function presentValue(field: FieldDef, value: unknown): unknown {
  return field.type === 'datetime' && typeof value === 'number' ? formatInstant(value) : value;
}

/** An instant with its offset in any spelling that Salesforce reads, cut to the second; null for anything else. */
export function readInstant(text: string): number | null {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.exec(text);
  if (parts === null) return null;
  const offset = (parts[3] ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const atMs = Date.parse(`${parts[1]}${offset}`);
  return Number.isNaN(atMs) ? null : Math.floor(atMs / SECOND_MS) * SECOND_MS;
}

/** A day that exists, as `2026-11-24`. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().slice(0, 10) === text;
}

/**
 * What a request's value becomes when it is stored. Throws a Refusal for JSON of a wrong kind, which makes the whole request
 * unreadable, and a RowRefusal for a value that does not fit.
 */
export function readValue(field: FieldDef, value: unknown): Value {
  if (value === null || value === undefined) return field.type === 'boolean' ? false : null;
  switch (field.type) {
    case 'boolean':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw wrongKind('boolean', value);
    case 'int':
    case 'double':
      return readNumber(field, value);
    case 'datetime': {
      const atMs = typeof value === 'string' ? readInstant(value) : null;
      if (atMs === null) throw wrongKind('datetime', value);
      return atMs;
    }
    case 'date':
      if (typeof value === 'string' && isDay(value.slice(0, 10))) return value.slice(0, 10);
      throw wrongKind('date', value);
    case 'id':
    case 'reference': {
      if (typeof value !== 'string') throw wrongKind('reference', value);
      if (value === '') return null;
      const id = normaliseId(value);
      if (id === null) {
        const message = `${field.label}: id value of incorrect type: ${value}`;
        throw new RowRefusal('MALFORMED_ID', message, [field.name]);
      }
      return id;
    }
    case 'complex':
      throw wrongKind('complexvalue', value);
    default:
      return readText(field, value);
  }
}

function readNumber(field: FieldDef, value: unknown): Value {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrongKind(field.type, value);
  if (field.type === 'int' && !Number.isInteger(number)) throw wrongKind('int', value);
  const scale = field.scale ?? 0;
  const whole = Math.trunc(Math.abs(number)).toString().length;
  if (field.precision !== undefined && whole > field.precision - scale) {
    const message = `${field.label}: value outside of valid range on numeric field: ${value}`;
    throw new RowRefusal('NUMBER_OUTSIDE_VALID_RANGE', message, [field.name]);
  }
  return field.precision === undefined ? number : Number(number.toFixed(scale));
}

function readText(field: FieldDef, value: unknown): Value {
  if (typeof value === 'object') throw wrongKind('string', value);
  // Salesforce is written in Java: its trim takes everything up to the blank, and no wider space.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is trimmed
  const text = String(value).replaceAll(/^[\u0000- ]+|[\u0000- ]+$/g, '');
  if (text === '') return null;
  if (field.length !== undefined && text.length > field.length) {
    const message = `${field.label}: data value too large: ${text} (max length=${field.length})`;
    throw new RowRefusal('STRING_TOO_LONG', message, [field.name]);
  }
  if (field.type === 'email' && !/^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(text)) {
    const message = `${field.label}: invalid email address: ${text}`;
    throw new RowRefusal('INVALID_EMAIL_ADDRESS', message, [field.name]);
  }
  const isListed = (one: string): boolean => field.values?.includes(one) ?? true;
  const entries = field.type === 'multipicklist' ? text.split(';') : [text];
  if (field.restricted === true && !entries.every(isListed)) {
    const message = `${field.label}: bad value for restricted picklist field: ${text}`;
    throw new RowRefusal('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, [field.name]);
  }
  return text;
}

function wrongKind(type: string, value: unknown): Error {
  const kind = Array.isArray(value) ? 'START_ARRAY' : `VALUE_${typeof value}`.toUpperCase();
  return unreadable(
    `Cannot deserialize instance of ${type} from ${kind} value ${JSON.stringify(value)} or request may be missing a required field at [line:1, column:2]`,
  );
}
