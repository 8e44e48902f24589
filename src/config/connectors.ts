import { z } from 'zod';
import { DAY_MS, SECOND_MS } from '../clock.ts';
import type { ConnectorConfig, Registry } from '../config.ts';
import { documented } from './documented.ts';
import { draftsFrom } from './issues.ts';
import type { KeyPath, ProblemDraft } from './problem.ts';
import { suggest } from './suggest.ts';
import { choice, duration, oneOf, text } from './values.ts';

/** The keys that every connector has; the type's own schema takes the others. */
export const COMMON_KEYS = {
  type: documented(z.string(), {
    about: 'The kind of CRM.',
    allowed: 'a type of connector that this version has',
    fix: 'Write the kind of CRM, such as zendesk.',
  }),
  pollEvery: duration({
    about: 'How often the CRM is asked for closed cases, pushes or not.',
    minMs: 30 * SECOND_MS,
    maxMs: DAY_MS,
  }).prefault('2m'),
  startFrom: documented(text<'now' | Date>(readStart), {
    about: 'Cases closed earlier are never asked about: now is when this connector first runs.',
    allowed: 'now, or an instant with its zone, such as 2026-11-01T00:00:00Z',
    fix: 'Write now, or date and time with Z or an offset at the end.',
  }).prefault('now'),
  late: choice(
    ['keep', 'follow-up-ticket', 'user-field'],
    'Where an answer goes when the case can no longer be written: it is always kept here, and on request also put elsewhere on the CRM.',
  ).default('keep'),
};

const Common = z.strictObject(COMMON_KEYS);

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

function readStart(input: string): { value: 'now' | Date } | { message: string } {
  if (input === 'now') return { value: 'now' };
  if (!INSTANT.test(input)) return { message: 'this is not an instant' };
  const instant = new Date(input);
  return Number.isNaN(instant.getTime()) ? { message: 'there is no such instant' } : { value: instant };
}

export interface ConnectorReading {
  readonly drafts: readonly ProblemDraft[];
  /** Null when there are problems. */
  readonly config: ConnectorConfig | null;
  readonly warnings: readonly string[];
}

/** What the type's own schema has against an entry, with paths from the top of the file; none for unknown types. */
export function settingsIssues(name: string, entry: unknown, types: Registry): z.core.$ZodIssue[] {
  if (!isMap(entry) || typeof entry.type !== 'string') return [];
  const issues = ownProperty(types, entry.type)?.Config.safeParse(splitKeys(entry).own).error?.issues ?? [];
  return issues.map((issue) => ({ ...issue, path: ['connectors', name, ...issue.path] }));
}

/** Checks one entry of `connectors` against the common keys and its type's own schema, both at once. */
export function readConnector(name: string, entry: unknown, types: Registry): ConnectorReading {
  const path: KeyPath = ['connectors', name];
  if (!isMap(entry)) return refused([notAMap(path, entry, types)]);
  const { common, own } = splitKeys(entry);
  const parsed = Common.safeParse(common);
  const drafts = parsed.success ? [] : draftsFrom(parsed.error, { schema: Common, value: common, path });

  const definition = typeof entry.type === 'string' ? ownProperty(types, entry.type) : undefined;
  if (definition === undefined) return refused([...drafts, ...unknownType(path, entry.type, types)]);
  const settings = definition.Config.safeParse(own);
  if (!settings.success)
    drafts.push(
      ...draftsFrom(settings.error, {
        schema: definition.Config,
        value: own,
        path,
        otherKeys: Object.keys(COMMON_KEYS),
      }),
    );
  if (!parsed.success || !settings.success) return refused(drafts);

  const { type, pollEvery, startFrom, late } = parsed.data;
  const places = ['keep', ...(definition.latePlaces ?? [])];
  if (!places.includes(late)) return refused([noSuchPlace([...path, 'late'], type, places)]);
  return {
    drafts: [],
    config: { name, type, pollEveryMs: pollEvery, startFrom, late, settings: settings.data },
    warnings: definition.warnings?.(settings.data) ?? [],
  };
}

function refused(drafts: readonly ProblemDraft[]): ConnectorReading {
  return { drafts, config: null, warnings: [] };
}

function splitKeys(entry: Readonly<Record<string, unknown>>) {
  const isCommon = ([key]: [string, unknown]) => Object.hasOwn(COMMON_KEYS, key);
  const entries = Object.entries(entry);
  return {
    common: Object.fromEntries(entries.filter(isCommon)),
    own: Object.fromEntries(entries.filter((pair) => !isCommon(pair))),
  };
}

function notAMap(path: KeyPath, entry: unknown, types: Registry): ProblemDraft {
  return {
    path,
    ...(typeof entry === 'string' ? { value: 'some text' } : {}),
    message: 'a connector is a map of settings',
    allowed: `a map with type (${oneOf(Object.keys(types))}) and the keys of that type`,
    fix: 'Write its settings below it, indented by two spaces.',
  };
}

function noSuchPlace(path: KeyPath, type: string, places: readonly string[]): ProblemDraft {
  return {
    path,
    message: `a connector of type ${type} has no such place for late answers`,
    allowed: oneOf(places),
    fix: `Write ${oneOf(places)}.`,
  };
}

function unknownType(path: KeyPath, type: unknown, types: Registry): ProblemDraft[] {
  if (typeof type !== 'string') return [];
  const known = Object.keys(types);
  const meant = suggest(type, known);
  return [
    {
      path: [...path, 'type'],
      message: 'there is no such type of connector',
      allowed: oneOf(known),
      fix: `Write ${meant ?? oneOf(known)}.`,
    },
  ];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownProperty<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
