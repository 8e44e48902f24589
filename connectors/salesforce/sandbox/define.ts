import type { FieldDef, FieldType, ObjectDef, Org, SfRecord } from './model.ts';

/** What may differ from a plain field that can be written. */
export type FieldOptions = Partial<Omit<FieldDef, 'name' | 'type'>>;

/** A field; written by anybody who may edit the record unless it says otherwise. */
export function field(name: string, type: FieldType, options: FieldOptions = {}): FieldDef {
  return {
    name,
    type,
    label: name.replaceAll(/([a-z])([A-Z])/g, '$1 $2'),
    createable: true,
    updateable: true,
    ...options,
  };
}

/** A field that only Salesforce itself fills. */
export function systemField(name: string, type: FieldType, options: FieldOptions = {}): FieldDef {
  return field(name, type, { createable: false, updateable: false, ...options });
}

/** A field that is worked out from the record when it is read. */
export function computedField(
  name: string,
  type: FieldType,
  compute: (org: Org, record: SfRecord) => unknown,
  options: FieldOptions = {},
): FieldDef {
  return systemField(name, type, { ...options, compute });
}

/** Text of at most `length` characters. */
export function text(name: string, length: number, options: FieldOptions = {}): FieldDef {
  return field(name, 'string', { length, ...options });
}

/** `ContactId`, which leads to a record by the name `Contact`. */
export function reference(
  name: string,
  to: string | readonly string[],
  options: FieldOptions = {},
): FieldDef {
  const referenceTo = typeof to === 'string' ? [to] : to;
  return field(name, 'reference', { referenceTo, relationshipName: name.replace(/Id$/, ''), ...options });
}

/** A pick list whose entries are these. */
export function picklist(name: string, values: readonly string[], options: FieldOptions = {}): FieldDef {
  return field(name, 'picklist', { values, length: 255, ...options });
}

/** What an object is besides its fields. */
export interface ObjectOptions extends Partial<Omit<ObjectDef, 'name' | 'keyPrefix' | 'fields'>> {
  /** Setup records have no creator, no stamps and no recycle bin here. */
  readonly bare?: boolean;
}

/** An object that can be read and written, with Id and system fields unless it is bare. */
export function object(
  name: string,
  keyPrefix: string,
  fields: readonly FieldDef[],
  { bare = false, ...options }: ObjectOptions = {},
): ObjectDef {
  const all = [systemField('Id', 'id', { label: `${name} ID` }), ...fields, ...(bare ? [] : SYSTEM_FIELDS)];
  return {
    name,
    label: name.replace(/__c$/, '').replaceAll(/([a-z])([A-Z])/g, '$1 $2'),
    keyPrefix,
    fields: new Map(all.map((one) => [one.name.toLowerCase(), one])),
    createable: true,
    updateable: true,
    deletable: true,
    custom: false,
    surface: 'data',
    ...options,
  };
}

/** An object that can only be read. */
export const READ_ONLY: ObjectOptions = {
  createable: false,
  updateable: false,
  deletable: false,
  bare: true,
};

const SYSTEM_FIELDS: readonly FieldDef[] = [
  systemField('IsDeleted', 'boolean'),
  systemField('CreatedDate', 'datetime'),
  reference('CreatedById', 'User', { createable: false, updateable: false }),
  systemField('LastModifiedDate', 'datetime'),
  reference('LastModifiedById', 'User', { createable: false, updateable: false }),
  systemField('SystemModstamp', 'datetime'),
];

/** The stored or worked out value of a field. */
export function readField(org: Org, record: SfRecord, { name, compute }: FieldDef): unknown {
  return compute === undefined ? (record.values[name] ?? null) : compute(org, record);
}

/** The record behind an id, deleted ones too. */
export function findRecord(org: Org, objectName: string, id: unknown): SfRecord | undefined {
  if (typeof id !== 'string') return undefined;
  const rows = org.objects.get(objectName.toLowerCase())?.rows;
  if (rows !== undefined) return rows(org).find((one) => one.id === id);
  return org.records.get(objectName)?.get(id);
}

/** Every record of an object that is not deleted, in the order of their making. */
export function recordsOf(org: Org, objectName: string): readonly SfRecord[] {
  return [...(org.records.get(objectName)?.values() ?? [])].filter(({ values }) => values.IsDeleted !== true);
}
