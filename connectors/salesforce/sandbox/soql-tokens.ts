import { type Refusal, refuse } from './refusal.ts';
import { isDay, readInstant } from './values.ts';

/** A word, sign or literal of a query; `at` is its place, from 0. */
export interface Token {
  readonly kind: 'word' | 'sign' | 'text' | 'number' | 'instant' | 'day' | 'end';
  readonly text: string;
  readonly value: string | number | null;
  readonly at: number;
}

const SIGNS = ['<=', '>=', '!=', '<>', '=', '<', '>', '(', ')', ',', '.', ':'];
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** Cuts a query into tokens, an `end` last. Throws MALFORMED_QUERY for what is none. */
export function tokenise(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    if (/\s/.test(query.charAt(at))) {
      at += 1;
      continue;
    }
    const token = readToken(query, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', value: null, at: query.length });
  return tokens;
}

/** A 400 that points at its place the way Salesforce does. */
export function queryRefusal(query: string, at: number, errorCode: string, message: string): Refusal {
  const before = query.slice(0, at).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const from = Math.max(0, at - 30);
  const shown = query.slice(from, at + 30).replaceAll('\n', ' ');
  const pointer = `${' '.repeat(at - from)}^`;
  const place = `ERROR at Row:${before.length}:Column:${column}`;
  return refuse(400, errorCode, `\n${shown}\n${pointer}\n${place}\n${message}`);
}

function readToken(query: string, at: number): Token {
  const rest = query.slice(at);
  if (rest.startsWith("'")) return readText(query, at);
  const instant = /^\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:?\d\d)?/.exec(rest)?.[0];
  if (instant !== undefined) {
    const atMs = readInstant(instant);
    if (atMs === null) throw queryRefusal(query, at, 'MALFORMED_QUERY', `Invalid datetime: ${instant}`);
    return { kind: 'instant', text: instant, value: atMs, at };
  }
  const day = /^\d{4}-\d\d-\d\d/.exec(rest)?.[0];
  if (day !== undefined) {
    if (!isDay(day)) throw queryRefusal(query, at, 'MALFORMED_QUERY', `Invalid date: ${day}`);
    return { kind: 'day', text: day, value: day, at };
  }
  const number = /^[+-]?\d+(?:\.\d+)?(?![A-Za-z0-9_])/.exec(rest)?.[0];
  if (number !== undefined) return { kind: 'number', text: number, value: Number(number), at };
  const word = /^[A-Za-z][A-Za-z0-9_]*/.exec(rest)?.[0];
  if (word !== undefined) return { kind: 'word', text: word, value: word, at };
  const sign = SIGNS.find((one) => rest.startsWith(one));
  if (sign !== undefined) return { kind: 'sign', text: sign, value: sign, at };
  throw queryRefusal(
    query,
    at,
    'MALFORMED_QUERY',
    `line 1:${at} no viable alternative at character '${rest.charAt(0)}'`,
  );
}

/** Escapes are read; `\%` and `\_` stay as they are, for LIKE to tell them from its wildcards. */
function readText(query: string, from: number): Token {
  let value = '';
  let at = from + 1;
  while (at < query.length && query.charAt(at) !== "'") {
    if (query.charAt(at) !== '\\') {
      value += query.charAt(at);
      at += 1;
      continue;
    }
    const code = query.charAt(at + 1);
    const unicode = /^u([0-9A-Fa-f]{4})/.exec(query.slice(at + 1, at + 6))?.[1];
    if (unicode !== undefined) {
      value += String.fromCharCode(Number.parseInt(unicode, 16));
      at += 6;
      continue;
    }
    const read = code === '%' || code === '_' ? `\\${code}` : ESCAPES[code.toLowerCase()];
    if (read === undefined) {
      throw queryRefusal(
        query,
        at,
        'MALFORMED_QUERY',
        `Invalid string literal '${query.slice(from + 1, at + 2)}'. Illegal character sequence '\\${code}' in string literal.`,
      );
    }
    value += read;
    at += 2;
  }
  if (at >= query.length) {
    throw queryRefusal(query, from, 'MALFORMED_QUERY', 'unterminated string literal');
  }
  return { kind: 'text', text: query.slice(from, at + 1), value, at: from };
}
