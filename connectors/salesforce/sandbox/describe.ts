import { recordsOf } from './define.ts';
import type { FieldDef, ObjectDef, Org } from './model.ts';
import { fieldRights, objectRights } from './permissions.ts';
import { DATA_PATH } from './rest.ts';

const SOAP_TYPES: Readonly<Record<string, string>> = {
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  id: 'tns:ID',
  reference: 'tns:ID',
};
const STATUS_LISTS: Readonly<Record<string, string>> = {
  'Case.Status': 'CaseStatus',
  'Task.Status': 'TaskStatus',
  'Task.Priority': 'TaskPriority',
};

/** The objects that the user sees. */
export function describeGlobal(org: Org, userId: string): Record<string, unknown> {
  const sobjects = [...org.objects.values()]
    .filter((object) => object.surface !== 'tooling' && objectRights(org, userId, object).read)
    .map((object) => summaryOf(object));
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects };
}

/** An object with the fields that the user sees. */
export function describeObject(org: Org, userId: string, object: ObjectDef): Record<string, unknown> {
  const fields = [...object.fields.values()].flatMap((field) => {
    const rights = fieldRights(org, userId, object, field);
    return rights.read ? [describeField(org, object, field, rights.edit)] : [];
  });
  const recordTypeInfos = recordsOf(org, 'RecordType')
    .filter(({ values }) => values.SobjectType === object.name)
    .map(({ id, values }) => ({
      recordTypeId: id,
      name: values.Name,
      developerName: values.DeveloperName,
      active: values.IsActive,
      available: true,
      defaultRecordTypeMapping: false,
      master: false,
    }));
  return { ...summaryOf(object), fields, recordTypeInfos, childRelationships: [] };
}

function summaryOf({
  name,
  label,
  keyPrefix,
  custom,
  createable,
  updateable,
  deletable,
}: ObjectDef): Record<string, unknown> {
  const base = `${DATA_PATH}/sobjects/${name}`;
  return {
    name,
    label,
    keyPrefix,
    custom,
    createable,
    updateable,
    deletable,
    queryable: true,
    urls: { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` },
  };
}

function describeField(
  org: Org,
  object: ObjectDef,
  field: FieldDef,
  isEditable: boolean,
): Record<string, unknown> {
  const isLong = field.type === 'longtext';
  return {
    name: field.name,
    label: field.label,
    type: isLong ? 'textarea' : field.type,
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
    length: field.length ?? 0,
    precision: field.precision ?? 0,
    scale: field.scale ?? 0,
    custom: field.custom ?? false,
    calculated: field.compute !== undefined,
    createable: field.createable && isEditable,
    updateable: field.updateable && isEditable,
    nillable: field.required !== true && field.type !== 'boolean' && field.type !== 'id',
    filterable: !isLong && field.type !== 'complex',
    sortable: !isLong && field.type !== 'complex',
    externalId: field.externalId ?? false,
    unique: field.unique ?? false,
    restrictedPicklist: field.restricted ?? false,
    defaultValue: field.byDefault ?? null,
    referenceTo: field.referenceTo ?? [],
    relationshipName: field.relationshipName ?? null,
    picklistValues: entriesOf(org, object, field).map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: value === field.byDefault,
    })),
  };
}

function entriesOf(org: Org, object: ObjectDef, field: FieldDef): readonly string[] {
  const list = STATUS_LISTS[`${object.name}.${field.name}`];
  if (list === undefined) return field.values ?? [];
  return recordsOf(org, list).map(({ values }) => String(values.ApiName));
}
