import { DAY_MS } from '../../../src/clock.ts';
import { normaliseId } from './ids.ts';
import type { FieldDef, ObjectDef, SfRecord, Value } from './model.ts';
import { refuse } from './refusal.ts';
import type { Condition, Literal, Operator } from './soql-parser.ts';
import { type ResolvedPath, resolvePath, type View } from './soql-paths.ts';
import { queryRefusal } from './soql-tokens.ts';

/** Whether a record is asked for. */
export type Predicate = (record: SfRecord) => boolean;

/** Runs a query inside a query; gives the values of its one field. */
export type RunInner = (
  inner: Exclude<Extract<Condition, { type: 'in' }>['values'], readonly Literal[]>,
) => readonly Value[];

const NEEDED_KINDS: Readonly<Record<string, string>> = {
  datetime: 'dateTime',
  date: 'date',
  boolean: 'boolean',
  int: 'int',
  double: 'double',
};

/** Makes a test of records out of a WHERE. Throws INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR or MALFORMED_QUERY. */
export function compile(view: View, object: ObjectDef, condition: Condition, run: RunInner): Predicate {
  switch (condition.type) {
    case 'and': {
      const parts = condition.parts.map((part) => compile(view, object, part, run));
      return (record) => parts.every((test) => test(record));
    }
    case 'or': {
      const parts = condition.parts.map((part) => compile(view, object, part, run));
      return (record) => parts.some((test) => test(record));
    }
    case 'not': {
      const test = compile(view, object, condition.part, run);
      return (record) => !test(record);
    }
    case 'in': {
      const path = resolveFilter(view, object, condition.path);
      const values = isLiterals(condition.values)
        ? condition.values.map((value) => readLiteral(view, path.field, value))
        : run(condition.values);
      const wanted = new Set(values.map(fold));
      return (record) => wanted.has(fold(path.read(record))) !== condition.isNegated;
    }
    case 'compare':
      return compare(view, resolveFilter(view, object, condition.path), condition.operator, condition.value);
  }
}

function isLiterals(values: Extract<Condition, { type: 'in' }>['values']): values is readonly Literal[] {
  return Array.isArray(values);
}

function resolveFilter(view: View, object: ObjectDef, path: Parameters<typeof resolvePath>[2]): ResolvedPath {
  const resolved = resolvePath(view, object, path);
  const { type, name } = resolved.field;
  if (type !== 'longtext' && type !== 'complex') return resolved;
  const message = `field '${name}' can not be filtered in a query call`;
  throw queryRefusal(view.text, path.at, 'INVALID_FIELD', message);
}

function compare(view: View, path: ResolvedPath, operator: Operator, literal: Literal): Predicate {
  const { field } = path;
  if (operator === 'LIKE') {
    if (literal.kind !== 'text' || !isText(field)) throw wrongOperator(view, literal, operator);
    const pattern = toPattern(String(literal.value));
    return (record) => pattern.test(String(path.read(record) ?? ''));
  }
  const wanted = readLiteral(view, field, literal);
  const isOrdering = operator !== '=' && operator !== '!=';
  if (isOrdering && (field.type === 'boolean' || wanted === null))
    throw wrongOperator(view, literal, operator);
  const folded = fold(wanted);
  if (operator === '=') return (record) => fold(path.read(record)) === folded;
  if (operator === '!=') return (record) => fold(path.read(record)) !== folded;
  return (record) => {
    const value = fold(path.read(record));
    if (value === null || folded === null) return false;
    if (operator === '<') return value < folded;
    if (operator === '<=') return value <= folded;
    if (operator === '>') return value > folded;
    return value >= folded;
  };
}

function isText({ type }: FieldDef): boolean {
  return NEEDED_KINDS[type] === undefined && type !== 'id' && type !== 'reference';
}

/** Text is compared without regard to case, ids with. */
function fold(value: unknown): Value {
  if (typeof value === 'string') return normaliseId(value) ?? value.toLowerCase();
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function readLiteral({ org, text }: View, field: FieldDef, literal: Literal): Value {
  const { kind, value } = literal;
  const word = kind === 'word' ? String(value).toLowerCase() : '';
  if (word === 'null') return null;
  const isNamedDay = ['today', 'yesterday', 'tomorrow'].includes(word);
  const needed = NEEDED_KINDS[field.type];
  const fits =
    (field.type === 'datetime' && (kind === 'instant' || isNamedDay)) ||
    (field.type === 'date' && (kind === 'day' || isNamedDay)) ||
    (field.type === 'boolean' && (word === 'true' || word === 'false')) ||
    ((field.type === 'int' || field.type === 'double') && kind === 'number') ||
    (needed === undefined && kind === 'text');
  if (!fits) {
    const quoting =
      needed === undefined ? 'should be enclosed in quotes' : 'should not be enclosed in quotes';
    const message = `value of filter criterion for field '${field.name}' must be of type ${needed ?? 'string'} and ${quoting}`;
    throw queryRefusal(text, literal.at, 'INVALID_FIELD', message);
  }
  if (field.type === 'boolean') return word === 'true';
  if (isNamedDay) return namedDay(field, word, org.now());
  if ((field.type === 'id' || field.type === 'reference') && !isDurable(field)) {
    const id = normaliseId(value);
    if (id !== null) return id;
    throw refuse(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${value}`);
  }
  return value;
}

/** Definitions are known by names instead of ids. */
function isDurable({ name, referenceTo }: FieldDef): boolean {
  return name === 'Id' ? false : (referenceTo?.includes('EntityDefinition') ?? false);
}

function namedDay(field: FieldDef, word: string, now: Date): Value {
  const days = word === 'today' ? 0 : word === 'yesterday' ? -1 : 1;
  const midnight = Date.parse(`${now.toISOString().slice(0, 10)}T00:00:00Z`) + days * DAY_MS;
  return field.type === 'date' ? new Date(midnight).toISOString().slice(0, 10) : midnight;
}

function toPattern(like: string): RegExp {
  const parts = like.match(/\\[%_]|[\s\S]/gu) ?? [];
  const source = parts.map((part) => {
    if (part === '%') return '[\\s\\S]*';
    if (part === '_') return '[\\s\\S]';
    return (part.length === 2 && part.startsWith('\\') ? part.slice(1) : part).replaceAll(
      /[\\^$.*+?()[\]{}|/]/g,
      '\\$&',
    );
  });
  return new RegExp(`^${source.join('')}$`, 'iu');
}

function wrongOperator({ text }: View, { at }: Literal, operator: Operator): Error {
  return queryRefusal(
    text,
    at,
    'INVALID_QUERY_FILTER_OPERATOR',
    `invalid operator on this field: ${operator}`,
  );
}
