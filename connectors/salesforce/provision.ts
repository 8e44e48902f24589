import { z } from 'zod';
import type { ConnectorContext, ProvisionStep } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, type FieldName, LOW_SCORE_VIEW_TITLE } from '../../src/domain/fields.ts';
import { PermanentError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import type { Config } from './config.ts';
import { describeField, FIELD_API_NAMES, FIELD_METADATA, LEVEL_LABELS } from './fields.ts';
import { errorOf, SaveResults } from './rows.ts';
import { Created } from './schema.ts';
import {
  CHANNEL_MEMBER,
  findAssignment,
  findChannelMember,
  findFieldPermissions,
  findFields,
  findListView,
  findPermissionSet,
  LIST_VIEW_API_NAME,
  PERMISSION_SET,
} from './setup.ts';

const FIELD_NOTES: Readonly<Record<FieldName, string>> = {
  score: 'Score the customer gave. Written by Caseloop.',
  rating: 'The score in words. Written by Caseloop.',
  level: 'Low, neutral or high. Written by Caseloop; list views and flows can filter on it.',
  comment: 'What the customer wrote. Written by Caseloop.',
  reasons: 'Reasons the customer picked. Written by Caseloop.',
  answeredAt: 'When the customer answered. Written by Caseloop.',
  link: 'The case in Caseloop, with all that is known about the answer. Written by Caseloop.',
};

/** A step and what makes it, in one call. `apply` is absent for what only a person can do. */
interface Change extends ProvisionStep {
  readonly apply?: () => Promise<unknown>;
}

/**
 * Seven case fields, a permission set that shows them and its assignment to the user behind the credentials, a list view, and
 * change events of cases. Everything is found by its API name, so applying twice changes nothing. If a step fails, the ones
 * before it stand and the next run goes on from there.
 */
export async function provisionOrg(
  api: SalesforceApi,
  config: Config,
  context: ConnectorContext,
  mode: 'plan' | 'apply',
): Promise<readonly ProvisionStep[]> {
  const changes = [
    ...(await planFields(api)),
    ...(await planPermissions(api)),
    ...(await planListView(api)),
    ...(config.stream ? await planChangeEvents(api) : []),
    layouts(),
  ];
  if (mode === 'apply') {
    for (const change of changes) {
      if (change.apply === undefined) continue;
      await change.apply();
      context.log.info({ action: change.action, what: change.what }, 'provisioned');
    }
  }
  return changes.map(({ action, what, detail }) => ({ action, what, detail }));
}

async function planFields(api: SalesforceApi): Promise<readonly Change[]> {
  const there = await findFields(api);
  return FIELD_NAMES.filter((name) => !there.has(name)).map((name) => ({
    action: 'create' as const,
    what: describeField(name),
    detail: `${FIELD_API_NAMES[name]}, type ${FIELD_METADATA[name].type}`,
    apply: () =>
      api.call(Created, (salesforce) =>
        salesforce.tooling.create('CustomField', {
          FullName: `Case.${FIELD_API_NAMES[name]}`,
          Metadata: { ...FIELD_METADATA[name], label: FIELD_TITLES[name], description: FIELD_NOTES[name] },
        }),
      ),
  }));
}

/** A field that was made by the API can be seen by nobody, administrators included, until a permission says so. */
async function planPermissions(api: SalesforceApi): Promise<readonly Change[]> {
  const changes: Change[] = [];
  let setId = await findPermissionSet(api);
  const parentId = (): string => {
    if (setId !== null) return setId;
    throw new PermanentError(
      'Salesforce provisioning: the permission set is not there, although it was made',
    );
  };
  const granted = setId === null ? [] : await findFieldPermissions(api, setId);
  const userId = await api.userId();
  const isAssigned = setId !== null && userId !== null && (await findAssignment(api, setId, userId));
  if (setId === null) {
    changes.push({
      action: 'create',
      what: `permission set "${PERMISSION_SET}"`,
      detail: 'lets its users read and fill the seven fields; assign it to agents too, so that they see them',
      apply: async () => {
        const made = await api.call(Created, (salesforce) =>
          salesforce.create('PermissionSet', {
            Name: PERMISSION_SET,
            Label: PERMISSION_SET,
            Description: 'Reads and fills the CSAT fields of cases.',
          }),
        );
        setId = made.id;
      },
    });
  }
  const missing = FIELD_NAMES.filter(
    (name) => !granted.some(({ Field }) => Field === `Case.${FIELD_API_NAMES[name]}`),
  );
  if (missing.length > 0) {
    changes.push({
      action: 'create',
      what: `field permissions of "${PERMISSION_SET}"`,
      detail: `read and edit ${listTitles(missing)}`,
      apply: () =>
        save(api, 'create', () =>
          missing.map((name) => ({
            ParentId: parentId(),
            SobjectType: 'Case',
            Field: `Case.${FIELD_API_NAMES[name]}`,
            PermissionsRead: true,
            PermissionsEdit: true,
          })),
        ),
    });
  }
  const narrow = granted.filter(
    ({ PermissionsRead, PermissionsEdit }) => !PermissionsRead || !PermissionsEdit,
  );
  if (narrow.length > 0) {
    changes.push({
      action: 'update',
      what: `field permissions of "${PERMISSION_SET}"`,
      detail: `allow to edit ${narrow.map(({ Field }) => Field).join(', ')}`,
      apply: () =>
        save(api, 'update', () =>
          narrow.map(({ Id }) => ({ Id, PermissionsRead: true, PermissionsEdit: true })),
        ),
    });
  }
  if (!isAssigned) changes.push(assignment(api, userId, parentId));
  return changes;
}

function assignment(api: SalesforceApi, userId: string | null, parentId: () => string): Change {
  const what = `assignment of the permission set "${PERMISSION_SET}"`;
  if (userId === null) {
    return {
      action: 'manual',
      what,
      detail: `Salesforce does not say whom Caseloop acts as: Setup > Users > Permission Sets > ${PERMISSION_SET} > Manage Assignments, and add the run-as user`,
    };
  }
  return {
    action: 'create',
    what,
    detail: 'to the user Caseloop acts as',
    apply: () =>
      api.call(Created, (salesforce) =>
        salesforce.create('PermissionSetAssignment', { PermissionSetId: parentId(), AssigneeId: userId }),
      ),
  };
}

/** All rows or none, in one call; the first refusal is thrown. */
async function save(
  api: SalesforceApi,
  action: 'create' | 'update',
  records: () => readonly Record<string, unknown>[],
): Promise<void> {
  const rows = await api.call(SaveResults, (salesforce) =>
    action === 'create'
      ? salesforce.create('FieldPermissions', [...records()], { allOrNone: true })
      : salesforce.update('FieldPermissions', [...records()] as { Id: string }[], { allOrNone: true }),
  );
  for (const row of rows) {
    const error = errorOf('field permissions', row);
    if (error === 'locked')
      throw new PermanentError('Salesforce field permissions: the permission set is locked');
    if (error !== null) throw error;
  }
}

async function planListView(api: SalesforceApi): Promise<readonly Change[]> {
  if (await findListView(api)) return [];
  return [
    {
      action: 'create',
      what: `list view "${LOW_SCORE_VIEW_TITLE}"`,
      detail: `cases whose ${FIELD_TITLES.level} is ${LEVEL_LABELS.low}, seen by everybody`,
      apply: () =>
        api.call(z.unknown(), (salesforce) =>
          salesforce.requestPost('/ui-api/list-info/Case', lowScoreView()),
        ),
    },
  ];
}

/** https://developer.salesforce.com/docs/atlas.en-us.uiapi.meta/uiapi/ui_api_requests_list_info_post_input.htm (2026-11-22) */
function lowScoreView(): object {
  return {
    listViewApiName: LIST_VIEW_API_NAME,
    label: LOW_SCORE_VIEW_TITLE,
    visibility: 'Public',
    scope: { apiName: 'everything' },
    displayColumns: [
      'CaseNumber',
      'Subject',
      'Status',
      FIELD_API_NAMES.score,
      FIELD_API_NAMES.reasons,
      FIELD_API_NAMES.answeredAt,
    ],
    filteredByInfo: [
      { fieldApiName: FIELD_API_NAMES.level, operator: 'Equals', operandLabels: [LEVEL_LABELS.low] },
    ],
  };
}

async function planChangeEvents(api: SalesforceApi): Promise<readonly Change[]> {
  const what = 'Change Data Capture for cases';
  const found = await findChannelMember(api);
  if (found === 'there') return [];
  if (found === 'cannot look') {
    return [
      {
        action: 'manual',
        what,
        detail: 'Setup > Integrations > Change Data Capture > move Case to the right > Save',
      },
    ];
  }
  return [
    {
      action: 'create',
      what,
      detail: 'takes one of the five objects that an org may choose without an add-on',
      apply: () =>
        api.call(Created, (salesforce) =>
          salesforce.tooling.create('PlatformEventChannelMember', {
            FullName: CHANNEL_MEMBER,
            Metadata: { eventChannel: 'ChangeEvents', selectedEntity: 'CaseChangeEvent' },
          }),
        ),
    },
  ];
}

/** No API adds a field to every layout without rewriting the layout. */
function layouts(): Change {
  return {
    action: 'manual',
    what: 'page layouts of cases',
    detail: `unless it is done: Setup > Object Manager > Case > Page Layouts, and add ${listTitles(FIELD_NAMES)} to each`,
  };
}

function listTitles(names: readonly FieldName[]): string {
  return names.map((name) => `"${FIELD_TITLES[name]}"`).join(', ');
}
