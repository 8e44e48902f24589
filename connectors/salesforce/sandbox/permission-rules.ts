import { recordsOf } from './define.ts';
import type { Org } from './model.ts';
import { RowRefusal } from './refusal.ts';
import type { Draft, ObjectRules } from './transaction.ts';

/** Names are unique and fit for the API. */
export const permissionSetRules: ObjectRules = {
  before({ org }, draft, before) {
    draft.IsCustom = true;
    const name = String(draft.Name);
    if (!/^[A-Za-z](?!.*__)[A-Za-z0-9_]*(?<!_)$/.test(name)) {
      const message = `Name: The Permission Set API Name can only contain underscores and alphanumeric characters: ${name}`;
      throw new RowRefusal('INVALID_FIELD', message, ['Name']);
    }
    if (before === null && has(org, 'PermissionSet', draft, ['Name'])) {
      const message = 'The permission set name is already in use. Enter a unique name.';
      throw new RowRefusal('DUPLICATE_DEVELOPER_NAME', message, ['Name']);
    }
  },
};

/** A set is given to somebody once. */
export const assignmentRules: ObjectRules = {
  before: ({ org }, draft, before) =>
    refuseRepeat(org, 'PermissionSetAssignment', draft, before, ['PermissionSetId', 'AssigneeId']),
};

/** Fields that exist, once per set; editing asks for reading. */
export const fieldPermissionRules: ObjectRules = {
  before({ org }, draft, before) {
    const object = org.objects.get(String(draft.SobjectType).toLowerCase());
    const [objectName, fieldName = ''] = String(draft.Field).split('.');
    const field = object?.fields.get(fieldName.toLowerCase());
    if (object === undefined || field === undefined || objectName !== object.name) {
      const message = `Field Name: bad value for restricted picklist field: ${draft.Field}`;
      throw new RowRefusal('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, ['Field']);
    }
    requireReading(draft);
    refuseRepeat(org, 'FieldPermissions', draft, before, ['ParentId', 'Field']);
  },
};

/** Objects that exist, once per set; editing asks for reading. */
export const objectPermissionRules: ObjectRules = {
  before({ org }, draft, before) {
    if (!org.objects.has(String(draft.SobjectType).toLowerCase())) {
      const message = `Sobject Type Name: bad value for restricted picklist field: ${draft.SobjectType}`;
      throw new RowRefusal('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, ['SobjectType']);
    }
    requireReading(draft);
    refuseRepeat(org, 'ObjectPermissions', draft, before, ['ParentId', 'SobjectType']);
  },
};

function requireReading(draft: Draft): void {
  const more = Object.keys(draft).filter((name) => name.startsWith('Permissions') && draft[name] === true);
  if (more.length === 0 || draft.PermissionsRead === true) return;
  const message = `Permission ${more[0]} depends on permission(s): Read ${draft.SobjectType}`;
  throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', message, []);
}

function refuseRepeat(
  org: Org,
  objectName: string,
  draft: Draft,
  before: Readonly<Draft> | null,
  key: readonly string[],
): void {
  if (before !== null || !has(org, objectName, draft, key)) return;
  const message = 'duplicate value found: <unknown> duplicates value on record with id: <unknown>';
  throw new RowRefusal('DUPLICATE_VALUE', message, []);
}

function has(org: Org, objectName: string, draft: Draft, key: readonly string[]): boolean {
  return recordsOf(org, objectName).some(({ values }) => key.every((name) => values[name] === draft[name]));
}
