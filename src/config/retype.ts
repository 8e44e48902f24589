import type { z } from 'zod';
import type { Registry } from '../config.ts';
import { settingsIssues } from './connectors.ts';
import { flatten } from './issues.ts';
import type { KeyPath } from './problem.ts';
import { Root } from './schema.ts';
import type { Source } from './source.ts';
import { entriesAt, valueAt } from './value-at.ts';

/**
 * Variables are text. Where the schema asks for a number or for true or false and a variable says just that, the value is
 * taken as such; it is checked like any other afterwards.
 */
export function retypeVariables(source: Source, types: Registry): void {
  const value = source.toValue();
  const issues = [
    ...(Root.safeParse(value).error?.issues ?? []),
    ...entriesAt(value, ['connectors']).flatMap(([name, entry]) => settingsIssues(name, entry, types)),
  ];
  for (const issue of issues.flatMap(flatten)) {
    const path: KeyPath = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    const text = valueAt(value, path);
    if (typeof text !== 'string' || source.variablesAt(path).length === 0) continue;
    const retyped = retype(text, issue);
    if (retyped !== null) source.retype(path, retyped);
  }
}

function retype(text: string, issue: z.core.$ZodIssue): number | boolean | null {
  if (issue.code !== 'invalid_type') return null;
  if (issue.expected === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const asksForNumber = issue.expected === 'number' || issue.expected === 'int';
  return asksForNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
