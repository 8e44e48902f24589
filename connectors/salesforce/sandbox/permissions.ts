import { recordsOf } from './define.ts';
import type { FieldDef, ObjectDef, Org } from './model.ts';

/** What permission sets give a user on a field or on an object. */
export interface Rights {
  readonly read: boolean;
  readonly edit: boolean;
  readonly create: boolean;
}

const ALL: Rights = { read: true, edit: true, create: true };
const NONE: Rights = { read: false, edit: false, create: false };

/** Field-level security. Standard fields are open here; custom ones are closed, to admins too, until a set opens them. */
export function fieldRights(org: Org, userId: string, object: ObjectDef, field: FieldDef): Rights {
  if (field.custom !== true) return ALL;
  return rightsIn(org, userId, 'FieldPermissions', ({ SobjectType, Field }) => {
    return SobjectType === object.name && Field === `${object.name}.${field.name}`;
  });
}

/** Object permissions. Those of standard objects come from the profile. */
export function objectRights(org: Org, userId: string, object: ObjectDef): Rights {
  if (!object.custom) return ALL;
  return rightsIn(org, userId, 'ObjectPermissions', ({ SobjectType }) => SobjectType === object.name);
}

function rightsIn(
  org: Org,
  userId: string,
  objectName: 'FieldPermissions' | 'ObjectPermissions',
  isAbout: (values: Readonly<Record<string, unknown>>) => boolean,
): Rights {
  const sets = new Set(
    recordsOf(org, 'PermissionSetAssignment')
      .filter(({ values }) => values.AssigneeId === userId)
      .map(({ values }) => values.PermissionSetId),
  );
  let rights = NONE;
  for (const { values } of recordsOf(org, objectName)) {
    if (!sets.has(values.ParentId ?? null) || !isAbout(values)) continue;
    rights = {
      read: rights.read || values.PermissionsRead === true,
      edit: rights.edit || values.PermissionsEdit === true,
      create: rights.create || values.PermissionsCreate === true,
    };
  }
  return rights;
}

/** The object of that name as the user sees it: custom ones are not there for who may not read them. */
export function visibleObject(
  org: Org,
  userId: string,
  name: string,
  surface: 'data' | 'tooling',
): ObjectDef | undefined {
  const object = org.objects.get(name.toLowerCase());
  if (object === undefined || (object.surface !== 'both' && object.surface !== surface)) return undefined;
  return objectRights(org, userId, object).read ? object : undefined;
}

/** The field of that name as the user sees it. */
export function visibleField(
  org: Org,
  userId: string,
  object: ObjectDef,
  name: string,
): FieldDef | undefined {
  const field = object.fields.get(name.toLowerCase());
  if (field === undefined) return undefined;
  return fieldRights(org, userId, object, field).read ? field : undefined;
}
