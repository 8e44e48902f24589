import { recordsOf } from './define.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Org, SfRecord } from './model.ts';
import { objectOf } from './org.ts';
import { RowRefusal } from './refusal.ts';
import { putRecord, stamp } from './transaction.ts';

const KNOWN_KEYS = new Set([
  'fullName',
  'label',
  'filterScope',
  'filters',
  'columns',
  'booleanFilter',
  'language',
  'sharedTo',
  'queue',
]);
const SCOPES = ['Everything', 'Mine', 'MineAndMyGroups', 'Queue', 'Delegated', 'MyTerritory', 'Team'];
const OPERATIONS = [
  ...['equals', 'notEqual', 'lessThan', 'greaterThan', 'lessOrEqual', 'greaterOrEqual'],
  ...['contains', 'notContain', 'startsWith', 'includes', 'excludes', 'within'],
];

/** The list view of that full name, `Case.Low_CSAT`. */
export function findListView(org: Org, fullName: string): SfRecord | undefined {
  return recordsOf(org, 'ListView').find(
    ({ values }) => `${values.SobjectType}.${values.DeveloperName}` === fullName,
  );
}

/** Makes a list view, or replaces the one of that name. Throws RowRefusal. */
export function saveListView(org: Org, fullName: string, metadata: JsonObject): SfRecord {
  const [SobjectType = '', DeveloperName = ''] = fullName.split('.');
  const object = org.objects.get(SobjectType.toLowerCase());
  if (
    object === undefined ||
    !/^[A-Za-z](?!.*__)\w{0,39}$/.test(DeveloperName) ||
    DeveloperName.endsWith('_')
  ) {
    throw new RowRefusal('INVALID_CROSS_REFERENCE_KEY', `Invalid fullname: ${fullName}`, ['fullName']);
  }
  const unknown = Object.keys(metadata).find((key) => !KNOWN_KEYS.has(key));
  if (unknown !== undefined)
    throw new RowRefusal('INVALID_FIELD', `Element ${unknown} invalid at this location`, []);
  const { label, filterScope } = metadata;
  if (typeof label !== 'string' || label === '' || label.length > 40) {
    throw new RowRefusal('REQUIRED_FIELD_MISSING', 'Required field is missing: label', ['label']);
  }
  if (typeof filterScope !== 'string' || !SCOPES.includes(filterScope)) {
    throw new RowRefusal('REQUIRED_FIELD_MISSING', 'Required field is missing: filterScope', ['filterScope']);
  }
  const isColumn = (name: unknown): boolean =>
    typeof name === 'string' && (/^[A-Z][A-Z_]*(\.[A-Z_]+)*$/.test(name) || isCustom(object.fields, name));
  for (const column of asList(metadata.columns)) {
    if (!isColumn(column)) throw unresolved(column);
  }
  for (const filter of asList(metadata.filters)) {
    const { field, operation } = isObject(filter) ? filter : {};
    if (!isColumn(field)) throw unresolved(field);
    if (OPERATIONS.includes(String(operation))) continue;
    throw new RowRefusal(
      'INVALID_FIELD',
      `'${operation}' is not a valid value for the enum 'FilterOperation'`,
      [],
    );
  }
  const values = { Name: label, DeveloperName, SobjectType };
  const existing = findListView(org, fullName);
  if (existing === undefined) {
    const about = { userId: org.apiUserId, stampMs: stamp(org), metadata };
    return putRecord(org, objectOf(org, 'ListView'), values, about);
  }
  const changed: SfRecord = { ...existing, values: { ...existing.values, ...values }, metadata };
  org.records.get('ListView')?.set(existing.id, changed);
  return changed;
}

function isCustom(fields: ReadonlyMap<string, { readonly custom?: boolean }>, name: string): boolean {
  return fields.get(name.toLowerCase())?.custom === true;
}

function unresolved(column: unknown): RowRefusal {
  return new RowRefusal('INVALID_FIELD', `Could not resolve list view column: ${column}`, []);
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}
