import { findRecord, recordsOf } from './define.ts';
import { refuseHeld } from './held.ts';
import { normaliseId } from './ids.ts';
import { isObject, type JsonObject } from './json.ts';
import type { ApiRight, FieldDef, ObjectDef, Org, SfRecord, Value } from './model.ts';
import { fieldRights, objectRights } from './permissions.ts';
import { RowRefusal, unreadable } from './refusal.ts';
import { objectRules } from './rules.ts';
import { type Draft, overwrite, putRecord, type Transaction, touch } from './transaction.ts';
import { readValue } from './values.ts';

/** Makes a record as the API does; returns its id. Throws RowRefusal, or Refusal for unreadable JSON. */
export function insertRecord(transaction: Transaction, object: ObjectDef, input: JsonObject): string {
  const { org, actor, stampMs } = transaction;
  if (!object.createable || !isAllowed(transaction, object, 'create')) {
    throw new RowRefusal(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      `entity type cannot be inserted: ${object.label}`,
    );
  }
  if (Object.keys(input).some((key) => key.toLowerCase() === 'id')) {
    throw new RowRefusal('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id']);
  }
  const given = readInput(transaction, object, input, 'create');
  const draft: Draft = {};
  for (const field of object.fields.values()) {
    if (field.compute === undefined)
      draft[field.name] = field.byDefault ?? (field.type === 'boolean' ? false : null);
  }
  Object.assign(draft, given);
  settle(transaction, object, draft, null);
  const record = putRecord(org, object, draft, { userId: actor.userId, stampMs });
  transaction.undo.push(() => org.records.get(object.name)?.delete(record.id));
  transaction.changes.push({
    kind: 'CREATE',
    objectName: object.name,
    id: record.id,
    fields: Object.fromEntries(Object.entries(record.values).filter(([, value]) => value !== null)),
  });
  objectRules[object.name]?.after?.(transaction, record, null);
  return record.id;
}

/** Changes a record as the API does. Throws RowRefusal, or Refusal for unreadable JSON. */
export function updateRecord(
  transaction: Transaction,
  object: ObjectDef,
  id: string,
  input: JsonObject,
): void {
  const { org } = transaction;
  const record = requireRecord(org, object, id);
  if (!object.updateable) {
    throw new RowRefusal(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      `entity type cannot be updated: ${object.label}`,
    );
  }
  if (!isAllowed(transaction, object, 'edit')) throw accessRefused();
  const given = readInput(transaction, object, input, 'update');
  refuseHeld(org, record);
  const before = { ...record.values };
  const draft: Draft = { ...before, ...given };
  settle(transaction, object, draft, record);
  const changed = Object.entries(draft).filter(([name, value]) => before[name] !== value);
  // Salesforce moves the stamps with every update, also with one that changes nothing.
  overwrite(transaction, record, { ...Object.fromEntries(changed), ...touch(transaction) });
  if (changed.length > 0) {
    transaction.changes.push({
      kind: 'UPDATE',
      objectName: object.name,
      id: record.id,
      fields: Object.fromEntries(changed),
    });
  }
  objectRules[object.name]?.after?.(transaction, record, before);
}

/** Puts a record into the recycle bin. Throws RowRefusal. */
export function deleteRecord(transaction: Transaction, object: ObjectDef, id: string): void {
  const record = requireRecord(transaction.org, object, id);
  if (!object.deletable) {
    throw new RowRefusal('CANNOT_DELETE_ENTITY', `entity type cannot be deleted: ${object.label}`);
  }
  if (!isAllowed(transaction, object, 'edit')) throw accessRefused();
  refuseHeld(transaction.org, record);
  overwrite(transaction, record, { IsDeleted: true, ...touch(transaction) });
  transaction.changes.push({ kind: 'DELETE', objectName: object.name, id: record.id, fields: {} });
}

/** The record of that id. Throws RowRefusal when there is none, or none any more. */
export function requireRecord(org: Org, object: ObjectDef, id: string): SfRecord {
  const normalised = normaliseId(id);
  if (normalised === null) throw new RowRefusal('MALFORMED_ID', `malformed id ${id}`, ['Id']);
  const record = findRecord(org, object.name, normalised);
  if (record === undefined) {
    throw new RowRefusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', []);
  }
  if (record.values.IsDeleted === true) throw new RowRefusal('ENTITY_IS_DELETED', 'entity is deleted', []);
  return record;
}

/** Which right of the API user a write asks for. */
const WRITE_RIGHTS: Readonly<Record<string, ApiRight>> = {
  Case: 'edit cases',
  CaseComment: 'edit cases',
  Task: 'create tasks',
  PermissionSet: 'manage users',
  PermissionSetAssignment: 'manage users',
  FieldPermissions: 'manage users',
  ObjectPermissions: 'manage users',
};

function isAllowed({ org, actor }: Transaction, object: ObjectDef, access: 'create' | 'edit'): boolean {
  if (!actor.isApi) return true;
  const right = WRITE_RIGHTS[object.name];
  if (right !== undefined && org.missingRights.has(right)) return false;
  return objectRights(org, actor.userId, object)[access];
}

function accessRefused(): RowRefusal {
  return new RowRefusal(
    'INSUFFICIENT_ACCESS_OR_READONLY',
    'insufficient access rights on object id',
    [],
    403,
  );
}

function readInput(
  { org, actor }: Transaction,
  object: ObjectDef,
  input: JsonObject,
  access: 'create' | 'update',
): Record<string, Value> {
  const given: Record<string, Value> = {};
  for (const [key, value] of Object.entries(input)) {
    if (key === 'attributes') continue;
    if (isObject(value)) throw unreadable(`Cannot deserialize instance of ${key} from START_OBJECT value {`);
    const field = object.fields.get(key.toLowerCase());
    if (field === undefined) {
      throw new RowRefusal('INVALID_FIELD', `No such column '${key}' on sobject of type ${object.name}`, []);
    }
    const isOpen = access === 'create' ? field.createable : field.updateable;
    if (!isOpen || (actor.isApi && !fieldRights(org, actor.userId, object, field).edit)) {
      throw new RowRefusal(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        [field.name],
      );
    }
    given[field.name] = readValue(field, value);
  }
  return given;
}

/** Everything that must hold before a record is stored. */
function settle(transaction: Transaction, object: ObjectDef, draft: Draft, record: SfRecord | null): void {
  const { org } = transaction;
  const before = record === null ? null : { ...record.values };
  requireFields(object, draft);
  for (const field of object.fields.values()) {
    const value = draft[field.name] ?? null;
    if (value === null || value === before?.[field.name]) continue;
    if (field.type === 'reference') requireReference(org, field, value);
    if (field.unique === true) requireUnique(org, object, field, value, record);
  }
  objectRules[object.name]?.before?.(transaction, draft, before);
  for (const rule of org.validationRules) {
    if (rule.objectName !== object.name || !rule.refuses(draft, before)) continue;
    const fields = rule.field === undefined ? [] : [rule.field];
    throw new RowRefusal('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, fields);
  }
}

function requireFields(object: ObjectDef, draft: Draft): void {
  const missing = [...object.fields.values()]
    .filter((field) => field.required === true && (draft[field.name] ?? null) === null)
    .map(({ name }) => name);
  if (missing.length === 0) return;
  const message = `Required fields are missing: [${missing.join(', ')}]`;
  throw new RowRefusal('REQUIRED_FIELD_MISSING', message, missing);
}

function requireReference(org: Org, field: FieldDef, id: Value): void {
  const targets = (field.referenceTo ?? []).flatMap((name) => org.objects.get(name.toLowerCase()) ?? []);
  const target = targets.find(({ keyPrefix }) => String(id).startsWith(keyPrefix));
  if (target === undefined) {
    const message = `${field.label}: id value of incorrect type: ${id}`;
    throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', message, [field.name]);
  }
  const record = findRecord(org, target.name, id);
  if (record === undefined || record.values.IsDeleted === true) {
    throw new RowRefusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', []);
  }
}

function requireUnique(
  org: Org,
  object: ObjectDef,
  field: FieldDef,
  value: Value,
  record: SfRecord | null,
): void {
  const other = recordsOf(org, object.name).find(
    ({ id, values }) => id !== record?.id && values[field.name] === value,
  );
  if (other === undefined) return;
  const message = `duplicate value found: ${field.name} duplicates value on record with id: ${other.id}`;
  throw new RowRefusal('DUPLICATE_VALUE', message, [field.name]);
}
