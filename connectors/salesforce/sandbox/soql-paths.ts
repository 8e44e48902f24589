import { computedField, findRecord, readField, systemField } from './define.ts';
import type { FieldDef, ObjectDef, Org, SfRecord } from './model.ts';
import { visibleField, visibleObject } from './permissions.ts';
import type { Path } from './soql-parser.ts';
import { queryRefusal } from './soql-tokens.ts';

/** Whose eyes a query sees with, and what it says. */
export interface View {
  readonly org: Org;
  readonly userId: string;
  readonly surface: 'data' | 'tooling';
  readonly text: string;
}

/** A step to a parent record. */
export interface Hop {
  readonly name: string;
  /** The object there; `Name` where it may be one of several. */
  readonly object: ObjectDef;
  parentOf(record: SfRecord): SfRecord | undefined;
}

/** A path that was found: the parents it goes through and the field at its end. */
export interface ResolvedPath {
  readonly hops: readonly Hop[];
  readonly field: FieldDef;
  read(record: SfRecord): unknown;
}

const MOST_HOPS = 5;

/** Finds the object behind FROM. Throws INVALID_TYPE. */
export function resolveObject({ org, userId, surface, text }: View, { names, at }: Path): ObjectDef {
  const name = names.join('.');
  const object = visibleObject(org, userId, name, surface);
  if (object !== undefined) return object;
  throw queryRefusal(
    text,
    at,
    'INVALID_TYPE',
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** Finds a field and the way to it. Throws INVALID_FIELD. */
export function resolvePath(view: View, object: ObjectDef, path: Path): ResolvedPath {
  // The object's own name may stand in front.
  const isPrefixed = path.names.length > 1 && path.names[0]?.toLowerCase() === object.name.toLowerCase();
  const names =
    isPrefixed && !hasRelationship(object, path.names[0] ?? '') ? path.names.slice(1) : path.names;
  if (names.length > MOST_HOPS + 1) {
    throw queryRefusal(
      view.text,
      path.at,
      'MALFORMED_QUERY',
      'Only 5 levels of parent relationships are allowed',
    );
  }
  const hops: Hop[] = [];
  let current = object;
  for (const name of names.slice(0, -1)) {
    const hop = findHop(view, current, name);
    if (hop === undefined) {
      throw queryRefusal(
        view.text,
        path.at,
        'INVALID_FIELD',
        `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
      );
    }
    hops.push(hop);
    current = hop.object;
  }
  const field = visibleField(view.org, view.userId, current, names.at(-1) ?? '');
  if (field === undefined) {
    throw queryRefusal(
      view.text,
      path.at,
      'INVALID_FIELD',
      `No such column '${names.at(-1)}' on entity '${current.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  }
  return {
    hops,
    field,
    read(record) {
      let found: SfRecord | undefined = record;
      for (const hop of hops) found = found === undefined ? undefined : hop.parentOf(found);
      return found === undefined ? null : readField(view.org, found, field);
    },
  };
}

function hasRelationship(object: ObjectDef, name: string): boolean {
  return [...object.fields.values()].some(
    ({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase(),
  );
}

function findHop({ org, userId }: View, object: ObjectDef, name: string): Hop | undefined {
  const field = [...object.fields.values()].find(
    ({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase(),
  );
  if (field === undefined || visibleField(org, userId, object, field.name) === undefined) return undefined;
  const targets = (field.referenceTo ?? []).flatMap((one) => org.objects.get(one.toLowerCase()) ?? []);
  const [only] = targets;
  if (only === undefined) return undefined;
  return {
    name: field.relationshipName ?? field.name,
    object: (field.referenceTo?.length ?? 0) > 1 ? NAME_OBJECT : only,
    parentOf(record) {
      const id = record.values[field.name];
      for (const target of targets) {
        const found = findRecord(org, target.name, id);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

const fromValues = (name: string, type: 'string' | 'boolean' | 'email'): FieldDef =>
  computedField(name, type, (_org, { values }) => values[name] ?? null);

/** What can be read of a parent that may be of several kinds. */
const NAME_OBJECT: ObjectDef = {
  name: 'Name',
  label: 'Name',
  keyPrefix: '',
  fields: new Map(
    [
      systemField('Id', 'id'),
      computedField('Name', 'string', (org, record) => {
        const name = org.objects.get(record.objectName.toLowerCase())?.fields.get('name');
        return name === undefined ? null : readField(org, record, name);
      }),
      computedField('Type', 'string', (_org, { objectName }) =>
        objectName === 'Group' ? 'Queue' : objectName,
      ),
      fromValues('FirstName', 'string'),
      fromValues('LastName', 'string'),
      fromValues('Username', 'string'),
      fromValues('Email', 'email'),
      fromValues('IsActive', 'boolean'),
      fromValues('Alias', 'string'),
    ].map((one) => [one.name.toLowerCase(), one]),
  ),
  createable: false,
  updateable: false,
  deletable: false,
  custom: false,
  surface: 'data',
};
