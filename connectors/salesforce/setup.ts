import { FIELD_NAMES, type FieldName } from '../../src/domain/fields.ts';
import type { SalesforceApi } from './client.ts';
import { FIELD_API_NAMES } from './fields.ts';
import { Unseen } from './refusal.ts';
import { CustomField, FieldPermission, Found } from './schema.ts';
import { quote, quoteAll } from './soql.ts';

/** Name and label of our permission set. */
export const PERMISSION_SET = 'Caseloop';
export const LIST_VIEW_API_NAME = 'Low_CSAT';

/** What the selection of Case on the default channel is called, whether a person or an API made it. */
export const CHANNEL_MEMBER = 'ChangeEvents_CaseChangeEvent';

/** Our fields that are there, whoever may see them. */
export async function findFields(api: SalesforceApi): Promise<ReadonlySet<FieldName>> {
  const names = FIELD_NAMES.map((name) => developerName(name));
  const soql = `SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Case' AND DeveloperName IN ${quoteAll(names)}`;
  const rows = await api.rows(CustomField, soql, { tooling: true });
  const there = new Set(rows.map(({ DeveloperName }) => DeveloperName));
  return new Set(FIELD_NAMES.filter((name) => there.has(developerName(name))));
}

/** The id of our permission set, or null. */
export async function findPermissionSet(api: SalesforceApi): Promise<string | null> {
  const [found] = await api.rows(Found, `SELECT Id FROM PermissionSet WHERE Name = ${quote(PERMISSION_SET)}`);
  return found?.Id ?? null;
}

/** What the permission set says of our fields. */
export async function findFieldPermissions(
  api: SalesforceApi,
  setId: string,
): Promise<readonly FieldPermission[]> {
  const ours = FIELD_NAMES.map((name) => `Case.${FIELD_API_NAMES[name]}`);
  const soql = `SELECT Id, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE ParentId = ${quote(setId)} AND SobjectType = 'Case'`;
  return (await api.rows(FieldPermission, soql)).filter(({ Field }) => ours.includes(Field));
}

/** Whether the user has the permission set. */
export async function findAssignment(api: SalesforceApi, setId: string, userId: string): Promise<boolean> {
  const soql = `SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${quote(setId)} AND AssigneeId = ${quote(userId)}`;
  return (await api.rows(Found, soql)).length > 0;
}

/** Whether our list view is there. */
export async function findListView(api: SalesforceApi): Promise<boolean> {
  const soql = `SELECT Id FROM ListView WHERE SobjectType = 'Case' AND DeveloperName = ${quote(LIST_VIEW_API_NAME)}`;
  return (await api.rows(Found, soql)).length > 0;
}

/** Whether changes of cases are published; some orgs and users cannot ask. */
export async function findChannelMember(api: SalesforceApi): Promise<'there' | 'missing' | 'cannot look'> {
  const soql = `SELECT Id FROM PlatformEventChannelMember WHERE DeveloperName = ${quote(CHANNEL_MEMBER)}`;
  try {
    return (await api.rows(Found, soql, { tooling: true })).length > 0 ? 'there' : 'missing';
  } catch (error) {
    if (error instanceof Unseen) return 'cannot look';
    throw error;
  }
}

/** The Tooling API's name of a field: without `__c`. */
function developerName(name: FieldName): string {
  return FIELD_API_NAMES[name].replace(/__c$/, '');
}
