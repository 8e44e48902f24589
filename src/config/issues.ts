import type { z } from 'zod';
import { findKey, type KeyDoc, schemaAt } from './documented.ts';
import type { KeyPath, ProblemDraft } from './problem.ts';
import { suggest } from './suggest.ts';
import { valueAt } from './value-at.ts';
import { oneOf } from './values.ts';

type Issue = z.core.$ZodIssue;

/** What was checked, and where in the file it stands. */
export interface Checked {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  readonly path: KeyPath;
  /** Keys that the schema does not take but that are taken beside it. */
  readonly otherKeys?: readonly string[];
}

/** What zod has to say, in words an admin can act on. Values are not in it: they are looked up in the source. */
export function draftsFrom(error: z.core.$ZodError, checked: Checked): ProblemDraft[] {
  return error.issues.flatMap(flatten).flatMap((issue) => draftsOf(issue, checked));
}

/** Of the alternatives at a place, the one that comes nearest to what stands there. */
export function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const fitting = issue.errors.filter((branch) => !branch.some(isWrongKind));
  const [nearest] = fitting.toSorted((left, right) => left.length - right.length);
  if (nearest === undefined) return [issue];
  return nearest.flatMap(flatten).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isWrongKind(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function draftsOf(issue: Issue, checked: Checked): ProblemDraft[] {
  const within = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const path = [...checked.path, ...within];
  const doc = schemaAt(checked.schema, within)?.doc ?? null;
  const value = valueAt(checked.value, within);
  if (issue.code === 'unrecognized_keys') {
    const known = [
      ...(within.length === 0 ? (checked.otherKeys ?? []) : []),
      ...(schemaAt(checked.schema, within)?.keys ?? []),
    ];
    return issue.keys.map((key) => unknownKey(path, key, known, findKey(checked.schema, key)));
  }
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues;
    return [{ path, atKey: true, ...words(inner ?? issue, doc, path.at(-1)) }];
  }
  if (value === undefined && isTypeIssue(issue))
    return typeof path.at(-1) === 'number'
      ? [emptyList(checked, within)]
      : [missing(path, allowedBy(issue, doc), doc)];
  return [
    { path, ...words(issue, doc, value), ...(isTextForMap(issue, value) ? { value: 'some text' } : {}) },
  ];
}

/** A list that must have entries: zod misses the first one, people see an empty list. */
function emptyList(checked: Checked, within: KeyPath): ProblemDraft {
  const list = within.slice(0, -1);
  const doc = schemaAt(checked.schema, list)?.doc ?? null;
  return {
    path: [...checked.path, ...list],
    message: 'there are too few entries in the list',
    allowed: doc?.allowed ?? 'a list with entries',
    fix: doc?.fix ?? 'Add an entry.',
  };
}

function isTextForMap(issue: Issue, value: unknown): boolean {
  if (issue.code !== 'invalid_type' || typeof value !== 'string') return false;
  return issue.expected === 'object' || issue.expected === 'record';
}

function isTypeIssue(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value';
}

/** `home` is where a key of that name belongs. */
function unknownKey(path: KeyPath, key: string, known: readonly string[], home: string | null): ProblemDraft {
  const meant = suggest(key, known) ?? home;
  return {
    path: [...path, key],
    atKey: true,
    message: 'there is no such key',
    allowed: known.length === 0 ? 'no keys here' : known.join(', '),
    fix: meant === null ? 'Delete it.' : `Write ${meant} instead if that is what you mean, else delete it.`,
  };
}

function missing(path: KeyPath, allowed: string, doc: KeyDoc | null): ProblemDraft {
  const parent = path.slice(0, -1).join('.');
  const where = parent === '' ? 'at the top level' : `under ${parent}`;
  return {
    path,
    message: 'this key is required',
    allowed,
    fix: `Add ${path.at(-1) ?? 'it'} ${where}. ${doc?.fix ?? ''}`.trim(),
  };
}

type Words = Pick<ProblemDraft, 'message' | 'allowed' | 'fix'>;

function words(issue: Issue, doc: KeyDoc | null, value: unknown): Words {
  const own = issue.code === 'custom' ? issue.params : undefined;
  const must = mustBe(issue);
  const allowed = String(own?.allowed ?? must ?? allowedBy(issue, doc));
  const fix = String(own?.fix ?? nearestWord(issue, value) ?? doc?.fix ?? fixOf(issue, must));
  return { message: messageOf(issue, value), allowed, fix };
}

/** Connectors may write their own messages as "must be ...": that is what is allowed. */
function mustBe(issue: Issue): string | null {
  return /^must be (.+?)\.?$/s.exec(issue.message)?.[1] ?? null;
}

function fixOf(issue: Issue, must: string | null): string {
  const allowed = must ?? limitOf(issue);
  return allowed === null ? 'Correct the value.' : `Write ${allowed}.`;
}

function nearestWord(issue: Issue, value: unknown): string | null {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return null;
  const meant = suggest(value, issue.values.map(String));
  return meant === null ? null : `Write ${meant}.`;
}

function messageOf(issue: Issue, value: unknown): string {
  if (value === null || (value === '' && issue.code !== 'custom')) return 'the value is empty';
  switch (issue.code) {
    case 'invalid_type':
      return `this is ${typeof value === 'number' && issue.expected === 'string' ? 'a bare number' : kindOf(value)}, not ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return 'this is none of the allowed words';
    case 'invalid_union':
      return `${kindOf(value)} does not fit here`;
    case 'too_small':
      return issue.origin === 'number'
        ? 'the number is too small'
        : `this needs at least ${issue.minimum} ${unitOf(issue.origin)}`;
    case 'too_big':
      return issue.origin === 'number'
        ? 'the number is too large'
        : `this takes at most ${issue.maximum} ${unitOf(issue.origin)}`;
    case 'custom':
      return mustBe(issue) === null ? issue.message : 'this does not fit here';
    default:
      return 'this does not have the right form';
  }
}

function allowedBy(issue: Issue, doc: KeyDoc | null): string {
  if (doc?.allowed !== undefined) return doc.allowed;
  return (
    [limitOf(issue), doc?.about].filter((part) => typeof part === 'string').join(': ') || 'another value'
  );
}

/** What zod itself knows of the values it would take. */
function limitOf(issue: Issue): string | null {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'too_small':
      return issue.minimum === 1 && issue.origin === 'string'
        ? 'some text'
        : `${unitBefore(issue.origin)}at least ${issue.minimum} ${unitOf(issue.origin)}`.trim();
    case 'too_big':
      return `${unitBefore(issue.origin)}at most ${issue.maximum} ${unitOf(issue.origin)}`.trim();
    default:
      return null;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a fraction';
  return KINDS[typeof value] ?? typeof value;
}

function unitBefore(origin: string): string {
  return origin === 'number' ? 'a number of ' : '';
}

function unitOf(origin: string): string {
  return { string: 'characters', array: 'entries', set: 'entries', object: 'keys' }[origin] ?? '';
}
