import { field, object, recordsOf, reference, text } from './define.ts';
import { isObject, type JsonObject } from './json.ts';
import type { FieldDef, FieldType, ObjectDef, Org, SfRecord } from './model.ts';
import { objectOf } from './org.ts';
import { RowRefusal } from './refusal.ts';
import { putRecord, stamp } from './transaction.ts';

/** What an admin's field may say of itself; other keys are refused. */
const KNOWN_KEYS = new Set([
  ...['fullName', 'type', 'label', 'description', 'inlineHelpText', 'required', 'unique', 'externalId'],
  ...['caseSensitive', 'length', 'visibleLines', 'precision', 'scale', 'defaultValue', 'valueSet'],
  ...['referenceTo', 'relationshipName', 'relationshipLabel', 'trackHistory', 'trackTrending'],
  ...['trackFeedHistory', 'deleteConstraint', 'displayLocationInDecimal'],
]);
const TYPES: Readonly<Record<string, FieldType>> = {
  Number: 'double',
  Text: 'string',
  TextArea: 'textarea',
  LongTextArea: 'longtext',
  DateTime: 'datetime',
  Date: 'date',
  Picklist: 'picklist',
  MultiselectPicklist: 'multipicklist',
  Checkbox: 'boolean',
  Email: 'email',
  Url: 'url',
  Lookup: 'reference',
};
const KEY_TYPES = new Set(['Text', 'Number', 'Email']);
const MOST_DIGITS = 18;
const TEXT_LENGTH = { least: 1, most: 255 };
const LONG_TEXT_LENGTH = { least: 256, most: 131_072 };

/** Makes a custom field on an object; nobody may see it yet. Returns its Tooling record. Throws RowRefusal. */
export function createCustomField(org: Org, fullName: string, metadata: JsonObject): SfRecord {
  const { target, table, developerName } = readFullName(org, fullName);
  const made = readField(org, table, `${developerName}__c`, metadata);
  if (target.fields.has(made.name.toLowerCase())) {
    const message = `There is already a field named ${developerName} on ${target.label}.`;
    throw new RowRefusal('DUPLICATE_DEVELOPER_NAME', message, ['FullName']);
  }
  target.fields.set(made.name.toLowerCase(), made);
  fillBooleans(org, target, made);
  const values = {
    DeveloperName: developerName,
    TableEnumOrId: table,
    EntityDefinitionId: table,
    NamespacePrefix: null,
  };
  const about = { userId: org.apiUserId, stampMs: stamp(org), metadata };
  return putRecord(org, objectOf(org, 'CustomField'), values, about);
}

/** Replaces what a custom field says of itself; its type stays. Throws RowRefusal. */
export function updateCustomField(org: Org, record: SfRecord, metadata: JsonObject): SfRecord {
  const { target, table, developerName } = readFullName(org, fullNameOf(record));
  const made = readField(org, table, `${developerName}__c`, metadata);
  const before = target.fields.get(made.name.toLowerCase());
  if (before?.type !== made.type) {
    throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', 'Cannot change the type of this field', ['Metadata']);
  }
  target.fields.set(made.name.toLowerCase(), made);
  const changed: SfRecord = { ...record, metadata };
  org.records.get('CustomField')?.set(record.id, changed);
  return changed;
}

/** Takes a custom field away, with what it held and who might see it. */
export function deleteCustomField(org: Org, record: SfRecord): void {
  const { target, developerName } = readFullName(org, fullNameOf(record));
  const name = `${developerName}__c`;
  target.fields.delete(name.toLowerCase());
  org.records.get('CustomField')?.delete(record.id);
  for (const row of org.records.get(target.name)?.values() ?? []) delete row.values[name];
  for (const row of recordsOf(org, 'FieldPermissions')) {
    if (row.values.Field === `${target.name}.${name}`) org.records.get('FieldPermissions')?.delete(row.id);
  }
}

/** The custom field of that full name. */
export function findCustomField(org: Org, fullName: string): SfRecord | undefined {
  return recordsOf(org, 'CustomField').find((record) => fullNameOf(record) === fullName);
}

/** Makes a custom object with a name field and these fields; nobody may see it yet. Throws RowRefusal. */
export function createCustomObject(org: Org, fullName: string, metadata: JsonObject): ObjectDef {
  if (!/^[A-Za-z]\w*__c$/.test(fullName)) {
    throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', `Invalid fullname: ${fullName}`, []);
  }
  if (org.objects.has(fullName.toLowerCase())) {
    const message = `There is already an object named ${fullName}`;
    throw new RowRefusal('DUPLICATE_DEVELOPER_NAME', message, []);
  }
  for (const key of ['label', 'pluralLabel', 'nameField', 'deploymentStatus', 'sharingModel']) {
    if (metadata[key] !== undefined) continue;
    throw new RowRefusal('REQUIRED_FIELD_MISSING', `Required field is missing: ${key}`, []);
  }
  const ordinal = [...org.objects.values()].filter(({ custom }) => custom).length;
  const made = object(
    fullName,
    `a0${String.fromCharCode(65 + ordinal)}`,
    [text('Name', 80), reference('OwnerId', ['User', 'Group'], { createable: true })],
    { custom: true, label: String(metadata.label) },
  );
  org.objects.set(fullName.toLowerCase(), made);
  for (const one of asList(metadata.fields)) {
    if (isObject(one)) createCustomField(org, `${fullName}.${one.fullName}`, one);
  }
  return made;
}

function fullNameOf({ values }: SfRecord): string {
  return `${values.TableEnumOrId}.${values.DeveloperName}__c`;
}

/** Fields of tasks are made on Activity. */
function readFullName(
  org: Org,
  fullName: string,
): { readonly target: ObjectDef; readonly table: string; readonly developerName: string } {
  const [table = '', name = ''] = fullName.split('.');
  const target = org.objects.get((table === 'Activity' ? 'Task' : table).toLowerCase());
  if (target === undefined || target.surface === 'tooling' || table === 'Task') {
    throw new RowRefusal('INVALID_TYPE', `Entity of type '${table}' cannot have custom fields`, ['FullName']);
  }
  const developerName = /^([A-Za-z](?!\w*__\w*__)\w{0,39}?)__c$/.exec(name)?.[1];
  if (developerName === undefined || developerName.includes('__') || developerName.endsWith('_')) {
    throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', `Invalid fullname: ${fullName}`, ['FullName']);
  }
  return { target, table, developerName };
}

function readField(org: Org, table: string, name: string, metadata: JsonObject): FieldDef {
  const unknown = Object.keys(metadata).find((key) => !KNOWN_KEYS.has(key));
  if (unknown !== undefined) throw integrity(`Unknown field in Metadata: ${unknown}`);
  const { type: typeName, label } = metadata;
  const type = TYPES[String(typeName)];
  if (type === undefined) throw integrity(`Invalid field type: ${typeName}`);
  if (typeof label !== 'string' || label === '' || label.length > 40) {
    throw new RowRefusal('REQUIRED_FIELD_MISSING', 'Required field is missing: label', ['Metadata']);
  }
  const isKey = asBoolean(metadata.externalId) || asBoolean(metadata.unique);
  if (isKey && (!KEY_TYPES.has(String(typeName)) || (table === 'Activity' && !org.activityExternalIds))) {
    throw integrity(`Can not specify 'externalId' or 'unique' for a CustomField of this type on ${table}`);
  }
  return field(name, type, {
    label,
    custom: true,
    required: asBoolean(metadata.required),
    externalId: asBoolean(metadata.externalId),
    unique: asBoolean(metadata.unique),
    ...sizeOf(String(typeName), metadata),
    ...(type === 'reference' ? lookupOf(org, name, metadata) : {}),
    ...(type === 'picklist' || type === 'multipicklist' ? entriesOf(metadata.valueSet) : {}),
    ...(type === 'boolean' ? { byDefault: asBoolean(metadata.defaultValue) } : {}),
  });
}

function sizeOf(typeName: string, metadata: JsonObject): Partial<FieldDef> {
  switch (typeName) {
    case 'Number': {
      const [precision, scale] = [asCount(metadata, 'precision'), asCount(metadata, 'scale')];
      if (precision > MOST_DIGITS || scale > precision) throw integrity('Invalid precision or scale');
      return { precision, scale };
    }
    case 'Text':
      return { length: lengthOf(metadata, TEXT_LENGTH) };
    case 'TextArea':
      return { length: TEXT_LENGTH.most };
    case 'LongTextArea':
      if (asCount(metadata, 'visibleLines') < 2) throw integrity('Visible lines must be at least 2');
      return { length: lengthOf(metadata, LONG_TEXT_LENGTH) };
    case 'MultiselectPicklist':
      if (asCount(metadata, 'visibleLines') < 3) throw integrity('Visible lines must be at least 3');
      return { length: 4_099 };
    case 'Checkbox':
      if (metadata.defaultValue === undefined) throw integrity('Must specify defaultValue for a Checkbox');
      return {};
    case 'Email':
      return { length: 80 };
    default:
      return { length: TEXT_LENGTH.most };
  }
}

function lengthOf(metadata: JsonObject, { least, most }: { least: number; most: number }): number {
  const length = asCount(metadata, 'length');
  if (length < least || length > most)
    throw integrity(`Length must be between ${least} and ${most}: ${length}`);
  return length;
}

/** Metadata names the way down to the children; the way up is called like the field. */
function lookupOf(org: Org, name: string, { referenceTo, relationshipName }: JsonObject): Partial<FieldDef> {
  const target = org.objects.get(String(referenceTo).toLowerCase());
  if (target === undefined || typeof relationshipName !== 'string') {
    throw integrity('Must specify referenceTo and relationshipName for a Lookup');
  }
  return { referenceTo: [target.name], relationshipName: name.replace(/__c$/, '__r') };
}

function entriesOf(valueSet: unknown): Partial<FieldDef> {
  const definition = isObject(valueSet) ? valueSet.valueSetDefinition : undefined;
  const entries = asList(isObject(definition) ? definition.value : undefined).filter(isObject);
  const values = entries.map(({ fullName, valueName }) => fullName ?? valueName);
  if (!isObject(valueSet) || values.length === 0 || !values.every((one) => typeof one === 'string')) {
    throw integrity('Must specify either valueSet with valueSetDefinition or valueSetName');
  }
  return { values, restricted: asBoolean(valueSet.restricted) };
}

/** A new checkbox is unticked on every record. */
function fillBooleans(org: Org, target: ObjectDef, { name, type }: FieldDef): void {
  if (type !== 'boolean') return;
  for (const { values } of org.records.get(target.name)?.values() ?? []) values[name] = false;
}

function asCount(metadata: JsonObject, key: string): number {
  const value = metadata[key];
  const count = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  throw integrity(`Must specify '${key}' as a whole number`);
}

function asBoolean(value: unknown): boolean {
  return value === true || value === 'true';
}

/** XML and JSON have one entry without a list around it. */
function asList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function integrity(message: string): RowRefusal {
  return new RowRefusal('FIELD_INTEGRITY_EXCEPTION', message, ['Metadata']);
}
