import {
  computedField,
  field,
  findRecord,
  object,
  picklist,
  READ_ONLY,
  reference,
  systemField,
  text,
} from './define.ts';
import type { ObjectDef, Org, SfRecord, Value } from './model.ts';

const TEXT_AREA = 32_000;

/** Records people work with, as far as somebody who looks after cases may ask for them. */
export function serviceObjects(): readonly ObjectDef[] {
  return [
    object('Case', '500', [
      systemField('CaseNumber', 'string', { length: 30 }),
      reference('ContactId', 'Contact'),
      reference('AccountId', 'Account'),
      reference('ParentId', 'Case'),
      reference('RecordTypeId', 'RecordType'),
      text('SuppliedName', 80),
      field('SuppliedEmail', 'email', { length: 80 }),
      text('SuppliedPhone', 40),
      text('SuppliedCompany', 80),
      picklist('Type', ['Question', 'Problem', 'Feature Request']),
      picklist('Status', [], { byDefault: 'New' }),
      picklist('Reason', ['Installation', 'Performance', 'Other']),
      picklist('Origin', ['Phone', 'Email', 'Web']),
      text('Subject', 255),
      picklist('Priority', ['High', 'Medium', 'Low'], { byDefault: 'Medium' }),
      field('Description', 'longtext', { length: TEXT_AREA }),
      systemField('IsClosed', 'boolean'),
      systemField('ClosedDate', 'datetime'),
      field('IsEscalated', 'boolean', { byDefault: false }),
      reference('OwnerId', ['User', 'Group']),
      computedField('ContactEmail', 'email', (org, { values }) => contactField(org, values, 'Email')),
      computedField('ContactPhone', 'phone', (org, { values }) => contactField(org, values, 'Phone')),
    ]),
    object('CaseComment', '00a', [
      reference('ParentId', 'Case', { updateable: false, required: true }),
      field('IsPublished', 'boolean', { byDefault: false }),
      field('CommentBody', 'textarea', { length: 4_000, label: 'Body' }),
    ]),
    object('Task', '00T', [
      reference('WhoId', ['Contact', 'Lead'], { label: 'Name ID' }),
      reference('WhatId', ['Case', 'Account'], { label: 'Related To ID' }),
      text('Subject', 255),
      field('ActivityDate', 'date', { label: 'Due Date Only' }),
      picklist('Status', [], { byDefault: 'Not Started' }),
      picklist('Priority', ['High', 'Normal', 'Low'], { byDefault: 'Normal' }),
      reference('OwnerId', ['User', 'Group'], { label: 'Assigned To ID' }),
      field('Description', 'longtext', { length: TEXT_AREA }),
      systemField('IsClosed', 'boolean'),
      computedField('IsHighPriority', 'boolean', (_org, { values }) => values.Priority === 'High'),
      systemField('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account' }),
      field('IsReminderSet', 'boolean', { byDefault: false }),
      field('ReminderDateTime', 'datetime'),
      picklist('Type', ['Call', 'Email', 'Other']),
      picklist('TaskSubtype', ['Task', 'Email', 'Call'], { byDefault: 'Task', updateable: false }),
      systemField('CompletedDateTime', 'datetime'),
    ]),
    object('EmailMessage', '02s', [
      reference('ParentId', 'Case', { updateable: false }),
      field('Incoming', 'boolean', { byDefault: false, updateable: false }),
      text('FromAddress', 255),
      text('ToAddress', 4_000),
      text('Subject', 3_000),
      field('TextBody', 'longtext', { length: TEXT_AREA }),
      field('MessageDate', 'datetime'),
      picklist('Status', ['0', '1', '2', '3', '4', '5']),
    ]),
    object('Contact', '003', [
      reference('AccountId', 'Account'),
      text('FirstName', 40),
      text('LastName', 80, { required: true }),
      computedField('Name', 'string', (_org, { values }) =>
        [values.FirstName, values.LastName].filter((part) => typeof part === 'string').join(' '),
      ),
      field('Email', 'email', { length: 80 }),
      field('Phone', 'phone', { length: 40 }),
      reference('OwnerId', 'User'),
    ]),
    object('Account', '001', [
      text('Name', 255, { required: true }),
      picklist('Type', ['Customer', 'Prospect', 'Other']),
      reference('OwnerId', 'User'),
    ]),
    object(
      'RecordType',
      '012',
      [text('Name', 80), text('DeveloperName', 80), text('SobjectType', 40), field('IsActive', 'boolean')],
      READ_ONLY,
    ),
    ...picklistObjects(),
  ];
}

/** The objects that list what stands in standard pick lists. */
function picklistObjects(): readonly ObjectDef[] {
  const common = [
    text('MasterLabel', 255),
    text('ApiName', 255),
    field('SortOrder', 'int'),
    field('IsDefault', 'boolean'),
  ];
  return [
    object('CaseStatus', '01J', [...common, field('IsClosed', 'boolean')], READ_ONLY),
    object('TaskStatus', '01K', [...common, field('IsClosed', 'boolean')], READ_ONLY),
    object('TaskPriority', '01L', [...common, field('IsHighPriority', 'boolean')], READ_ONLY),
  ];
}

function contactField(org: Org, values: SfRecord['values'], name: string): Value {
  return findRecord(org, 'Contact', values.ContactId)?.values[name] ?? null;
}
