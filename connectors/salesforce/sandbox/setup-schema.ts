import {
  computedField,
  field,
  object,
  picklist,
  READ_ONLY,
  recordsOf,
  reference,
  systemField,
  text,
} from './define.ts';
import { makeId } from './ids.ts';
import type { FieldDef, ObjectDef, Org, SfRecord } from './model.ts';

/** Users, permissions and what Setup shows, as far as a connector may ask for it. */
export function setupObjects(): readonly ObjectDef[] {
  return [
    object(
      'User',
      '005',
      [
        text('Username', 80),
        text('FirstName', 40),
        text('LastName', 80),
        text('Name', 121),
        field('Email', 'email', { length: 128 }),
        text('Alias', 8),
        field('IsActive', 'boolean'),
        picklist('UserType', ['Standard', 'AutomatedProcess', 'CspLitePortal']),
        reference('ManagerId', 'User'),
        reference('ProfileId', 'Profile'),
        text('LanguageLocaleKey', 40),
        text('LocaleSidKey', 40),
        text('TimeZoneSidKey', 40),
      ],
      READ_ONLY,
    ),
    object(
      'Group',
      '00G',
      [
        text('Name', 40),
        text('DeveloperName', 80),
        picklist('Type', ['Queue', 'Regular']),
        field('Email', 'email'),
      ],
      READ_ONLY,
    ),
    object(
      'GroupMember',
      '011',
      [reference('GroupId', 'Group'), reference('UserOrGroupId', ['User', 'Group'])],
      READ_ONLY,
    ),
    object('QueueSobject', '03g', [reference('QueueId', 'Group'), text('SobjectType', 40)], READ_ONLY),
    object('Profile', '00e', [text('Name', 255)], READ_ONLY),
    object(
      'Organization',
      '00D',
      [
        text('Name', 80),
        text('InstanceName', 5),
        field('IsSandbox', 'boolean'),
        picklist('OrganizationType', ['Enterprise Edition', 'Developer Edition']),
        text('LanguageLocaleKey', 40),
        text('DefaultLocaleSidKey', 40),
        text('TimeZoneSidKey', 40),
      ],
      READ_ONLY,
    ),
    object('ListView', '00B', [text('Name', 40), text('DeveloperName', 80), text('SobjectType', 40)], {
      ...READ_ONLY,
      surface: 'both',
    }),
    object('PermissionSet', '0PS', [
      text('Name', 80, { required: true }),
      text('Label', 80, { required: true }),
      text('Description', 255),
      systemField('IsOwnedByProfile', 'boolean'),
      systemField('IsCustom', 'boolean'),
    ]),
    object(
      'PermissionSetAssignment',
      '0Pa',
      [
        reference('PermissionSetId', 'PermissionSet', { required: true, updateable: false }),
        reference('AssigneeId', 'User', { required: true, updateable: false }),
      ],
      { updateable: false },
    ),
    object(
      'FieldPermissions',
      '01k',
      [
        reference('ParentId', 'PermissionSet', { required: true, updateable: false }),
        text('SobjectType', 80, { required: true, updateable: false }),
        text('Field', 160, { required: true, updateable: false }),
        field('PermissionsRead', 'boolean', { byDefault: false }),
        field('PermissionsEdit', 'boolean', { byDefault: false }),
      ],
      { label: 'Field Permissions' },
    ),
    object(
      'ObjectPermissions',
      '110',
      [
        reference('ParentId', 'PermissionSet', { required: true, updateable: false }),
        text('SobjectType', 80, { required: true, updateable: false }),
        ...['Create', 'Read', 'Edit', 'Delete', 'ViewAllRecords', 'ModifyAllRecords'].map((right) =>
          field(`Permissions${right}`, 'boolean', { byDefault: false }),
        ),
      ],
      { label: 'Object Permissions' },
    ),
    ...definitionObjects(),
    ...toolingObjects(),
  ];
}

/** Objects that describe objects. */
function definitionObjects(): readonly ObjectDef[] {
  return [
    object(
      'EntityDefinition',
      '4ie',
      [
        text('DurableId', 80),
        text('QualifiedApiName', 80),
        text('DeveloperName', 80),
        text('Label', 80),
        text('KeyPrefix', 3),
      ],
      { ...READ_ONLY, surface: 'both', rows: entityRows },
    ),
    object(
      'FieldDefinition',
      '4fd',
      [
        text('DurableId', 160),
        text('QualifiedApiName', 80),
        text('DeveloperName', 80),
        text('Label', 80),
        text('DataType', 80),
        field('Length', 'int'),
        field('Precision', 'int'),
        field('Scale', 'int'),
        reference('EntityDefinitionId', 'EntityDefinition'),
      ],
      { ...READ_ONLY, surface: 'both', rows: fieldRows },
    ),
  ];
}

/** Objects of the Tooling API. Their JSON is kept apart from their values. */
function toolingObjects(): readonly ObjectDef[] {
  return [
    object(
      'CustomField',
      '00N',
      [
        text('DeveloperName', 40),
        text('TableEnumOrId', 80),
        reference('EntityDefinitionId', 'EntityDefinition'),
        text('NamespacePrefix', 15),
        computedField(
          'FullName',
          'string',
          (_org, { values }) => `${values.TableEnumOrId}.${values.DeveloperName}__c`,
        ),
        computedField('Metadata', 'complex', (_org, { metadata }) => metadata ?? null),
      ],
      { surface: 'tooling', label: 'Custom Field' },
    ),
    object(
      'PlatformEventChannelMember',
      '0v8',
      [
        text('DeveloperName', 80),
        text('MasterLabel', 80),
        text('EventChannel', 80),
        text('SelectedEntity', 80),
        computedField('FullName', 'string', (_org, { values }) => values.DeveloperName ?? null),
        computedField('Metadata', 'complex', (_org, { metadata }) => metadata ?? null),
      ],
      { surface: 'tooling' },
    ),
  ];
}

function entityRows(org: Org): readonly SfRecord[] {
  return [...org.objects.values()]
    .filter(({ surface }) => surface !== 'tooling')
    .map(({ name, label, keyPrefix }) => ({
      id: name,
      objectName: 'EntityDefinition',
      values: {
        Id: makeId('4ie', [...org.objects.keys()].indexOf(name.toLowerCase()) + 1),
        DurableId: name,
        QualifiedApiName: name,
        DeveloperName: name.replace(/__c$/, ''),
        Label: label,
        KeyPrefix: keyPrefix,
      },
    }));
}

function fieldRows(org: Org): readonly SfRecord[] {
  return [...org.objects.values()]
    .filter(({ surface }) => surface !== 'tooling')
    .flatMap((entity) => [...entity.fields.values()].map((one) => toFieldRow(org, entity, one)));
}

function toFieldRow(org: Org, entity: ObjectDef, one: FieldDef): SfRecord {
  const custom = customFieldOf(org, entity.name, one);
  const durableId = `${entity.name}.${custom?.id.slice(0, 15) ?? one.name.replace(/Id$/, '')}`;
  return {
    id: durableId,
    objectName: 'FieldDefinition',
    values: {
      Id: null,
      DurableId: durableId,
      QualifiedApiName: one.name,
      DeveloperName: one.name.replace(/__c$/, ''),
      Label: one.label,
      DataType: dataTypeOf(one),
      Length: one.length ?? 0,
      Precision: one.precision ?? 0,
      Scale: one.scale ?? 0,
      EntityDefinitionId: entity.name,
    },
  };
}

/** How Setup words a type. */
function dataTypeOf({ type, length, precision, scale, referenceTo }: FieldDef): string {
  switch (type) {
    case 'string':
      return `Text(${length ?? 255})`;
    case 'longtext':
      return `Long Text Area(${length ?? 0})`;
    case 'textarea':
      return `Text Area(${length ?? 255})`;
    case 'double':
    case 'int':
      return `Number(${(precision ?? 18) - (scale ?? 0)}, ${scale ?? 0})`;
    case 'boolean':
      return 'Checkbox';
    case 'datetime':
      return 'Date/Time';
    case 'picklist':
      return 'Picklist';
    case 'multipicklist':
      return 'Picklist (Multi-Select)';
    case 'reference':
      return `Lookup(${referenceTo?.join(',') ?? ''})`;
    default:
      return `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
  }
}

/** The Tooling record of a custom field. */
function customFieldOf(org: Org, entityName: string, { name, custom }: FieldDef): SfRecord | undefined {
  if (custom !== true) return undefined;
  const table = entityName === 'Task' ? 'Activity' : entityName;
  return recordsOf(org, 'CustomField').find(
    ({ values }) => values.TableEnumOrId === table && `${values.DeveloperName}__c` === name,
  );
}
