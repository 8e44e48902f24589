import { queryRefusal, type Token, tokenise } from './soql-tokens.ts';

/** `Owner.Name`, and where it stands. */
export interface Path {
  readonly names: readonly string[];
  readonly at: number;
}

/** What is compared with: a literal, or a day that moves with today. */
export type Literal = Pick<Token, 'kind' | 'value' | 'at' | 'text'>;

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE';

export type Condition =
  | { readonly type: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly type: 'not'; readonly part: Condition }
  | { readonly type: 'compare'; readonly path: Path; readonly operator: Operator; readonly value: Literal }
  | {
      readonly type: 'in';
      readonly path: Path;
      readonly isNegated: boolean;
      readonly values: readonly Literal[] | Query;
    };

export interface Ordering {
  readonly path: Path;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

/** A query as it is understood here. */
export interface Query {
  readonly text: string;
  readonly fields: readonly Path[];
  /** `SELECT COUNT()`. */
  readonly isCount: boolean;
  readonly from: Path;
  readonly where: Condition | null;
  readonly orderBy: readonly Ordering[];
  readonly limit: number | null;
  readonly offset: number;
}

const COMPARISONS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const LONGEST_QUERY = 100_000;

/** Reads a query. Throws MALFORMED_QUERY for what Salesforce does not read, and for the features that are not played here. */
export function parseQuery(text: string): Query {
  if (text.length > LONGEST_QUERY) throw queryRefusal(text, 0, 'QUERY_TOO_COMPLICATED', 'Query is too long');
  const reader = createReader(text);
  const query = readQuery(reader);
  if (reader.peek().kind !== 'end') throw reader.unexpected();
  return query;
}

interface Reader {
  readonly text: string;
  peek(ahead?: number): Token;
  next(): Token;
  /** True when the next token is that word, in any spelling of case; then it is taken. */
  take(word: string): boolean;
  expect(word: string): Token;
  unexpected(token?: Token): Error;
}

function createReader(text: string): Reader {
  const tokens = tokenise(text);
  let place = 0;
  const peek = (ahead = 0): Token => {
    const token = tokens[Math.min(place + ahead, tokens.length - 1)];
    if (token === undefined) throw new Error('the sandbox cut a query into nothing');
    return token;
  };
  const unexpected = (token = peek()): Error =>
    queryRefusal(text, token.at, 'MALFORMED_QUERY', `unexpected token: '${token.text}'`);
  const next = (): Token => {
    const token = peek();
    place += 1;
    return token;
  };
  const isNext = (word: string): boolean => {
    const { kind, text: found } = peek();
    return (kind === 'word' || kind === 'sign') && found.toUpperCase() === word;
  };
  const take = (word: string): boolean => {
    if (!isNext(word)) return false;
    place += 1;
    return true;
  };
  const expect = (word: string): Token => {
    if (!isNext(word)) throw unexpected();
    return next();
  };
  return { text, peek, next, take, expect, unexpected };
}

function readQuery(reader: Reader): Query {
  reader.expect('SELECT');
  const isCount = /^count$/i.test(reader.peek().text) && reader.peek(1).text === '(';
  const fields: Path[] = [];
  if (isCount) {
    reader.next();
    reader.expect('(');
    reader.expect(')');
  } else {
    do fields.push(readPath(reader));
    while (reader.take(','));
  }
  reader.expect('FROM');
  const from = readPath(reader);
  const where = reader.take('WHERE') ? readCondition(reader) : null;
  const orderBy = reader.take('ORDER') ? readOrderings(reader) : [];
  const limit = reader.take('LIMIT') ? readCount(reader) : null;
  const offset = reader.take('OFFSET') ? readCount(reader) : 0;
  return { text: reader.text, fields, isCount, from, where, orderBy, limit, offset };
}

function readPath(reader: Reader): Path {
  const first = reader.next();
  if (first.kind !== 'word') throw reader.unexpected(first);
  const names = [first.text];
  while (reader.take('.')) {
    const name = reader.next();
    if (name.kind !== 'word') throw reader.unexpected(name);
    names.push(name.text);
  }
  return { names, at: first.at };
}

/** AND and OR may not stand side by side without parentheses: what follows the first kind is left over, and refused. */
function readCondition(reader: Reader): Condition {
  const first = readTerm(reader);
  for (const [word, type] of [
    ['AND', 'and'],
    ['OR', 'or'],
  ] as const) {
    if (reader.peek().text.toUpperCase() !== word) continue;
    const parts = [first];
    while (reader.take(word)) parts.push(readTerm(reader));
    return { type, parts };
  }
  return first;
}

function readTerm(reader: Reader): Condition {
  if (reader.take('NOT')) return { type: 'not', part: readTerm(reader) };
  if (reader.take('(')) {
    const inner = readCondition(reader);
    reader.expect(')');
    return inner;
  }
  const path = readPath(reader);
  const isNegated = reader.take('NOT');
  if (reader.take('IN')) return { type: 'in', path, isNegated, values: readList(reader) };
  if (isNegated) throw reader.unexpected();
  if (reader.take('LIKE')) return { type: 'compare', path, operator: 'LIKE', value: readLiteral(reader) };
  const sign = reader.next();
  const operator = sign.kind === 'sign' ? COMPARISONS[sign.text] : undefined;
  if (operator === undefined) throw reader.unexpected(sign);
  return { type: 'compare', path, operator, value: readLiteral(reader) };
}

function readList(reader: Reader): readonly Literal[] | Query {
  reader.expect('(');
  if (reader.peek().text.toUpperCase() === 'SELECT') {
    const inner = readQuery(reader);
    reader.expect(')');
    return inner;
  }
  const values: Literal[] = [];
  do values.push(readLiteral(reader));
  while (reader.take(','));
  reader.expect(')');
  return values;
}

function readLiteral(reader: Reader): Literal {
  const token = reader.next();
  if (token.kind === 'sign' || token.kind === 'end') throw reader.unexpected(token);
  if (token.kind === 'word' && !/^(true|false|null|today|yesterday|tomorrow)$/i.test(token.text)) {
    throw reader.unexpected(token);
  }
  return token;
}

function readOrderings(reader: Reader): readonly Ordering[] {
  reader.expect('BY');
  const orderings: Ordering[] = [];
  do {
    const path = readPath(reader);
    const isDescending = reader.take('DESC');
    if (!isDescending) reader.take('ASC');
    let nullsFirst = true;
    if (reader.take('NULLS')) {
      nullsFirst = reader.take('FIRST');
      if (!nullsFirst) reader.expect('LAST');
    }
    orderings.push({ path, isDescending, nullsFirst });
  } while (reader.take(','));
  return orderings;
}

function readCount(reader: Reader): number {
  const token = reader.next();
  if (token.kind !== 'number' || typeof token.value !== 'number' || !/^\d+$/.test(token.text)) {
    throw reader.unexpected(token);
  }
  return token.value;
}
