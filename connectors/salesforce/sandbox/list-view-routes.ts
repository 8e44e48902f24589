import { recordsOf } from './define.ts';
import { isObject, type JsonObject } from './json.ts';
import { findListView, saveListView } from './list-views.ts';
import type { ObjectDef, Org, SfRecord } from './model.ts';
import { visibleField, visibleObject } from './permissions.ts';
import { notFound, refuse, unreadable } from './refusal.ts';
import { DATA_PATH, type RestCall, type RestRoute } from './rest.ts';
import { requireCustomizing } from './tooling-routes.ts';

const KNOWN_KEYS = new Set([
  ...['displayColumns', 'filterLogicString', 'filteredByInfo', 'label', 'listShares', 'listViewApiName'],
  ...['scope', 'visibility'],
]);
const VISIBILITIES = ['Private', 'Public', 'Shared'];
const SCOPES: Readonly<Record<string, string>> = {
  everything: 'Everything',
  mine: 'Mine',
  queue: 'Queue',
  entity: 'Queue',
};
/** The UI API writes the operators of the Metadata API with a capital. */
const OPERATORS = [
  ...['Contains', 'Equals', 'Excludes', 'GreaterOrEqual', 'GreaterThan', 'Includes', 'LessOrEqual'],
  ...['LessThan', 'NotContain', 'NotEqual', 'StartsWith', 'Within'],
];

/**
 * List views by the UI API and by REST.
 * https://developer.salesforce.com/docs/atlas.en-us.uiapi.meta/uiapi/ui_api_requests_list_info_post_input.htm (2026-11-22)
 */
export function listViewRoutes(org: Org): readonly RestRoute[] {
  const objectOf = ({ params, userId }: RestCall): ObjectDef => {
    const object = visibleObject(org, userId, params.type ?? '', 'data');
    if (object === undefined) throw notFound();
    return object;
  };
  return [
    {
      method: 'POST',
      path: '/ui-api/list-info/:type',
      handle(call) {
        const object = objectOf(call);
        requireCustomizing(org);
        if (!isObject(call.body)) throw unreadable('The HTTP entity body is required');
        const { name, metadata } = readListInfo(org, call.userId, object, call.body);
        if (findListView(org, name) !== undefined) {
          throw refuse(400, 'DUPLICATE_DEVELOPER_NAME', 'A list view of that API name is there already');
        }
        return { status: 201, body: presentInfo(saveListView(org, name, metadata), call.body) };
      },
    },
    {
      method: 'GET',
      path: '/sobjects/:type/listviews',
      handle(call) {
        const { name } = objectOf(call);
        const listviews = recordsOf(org, 'ListView')
          .filter(({ values }) => values.SobjectType === name)
          .map(({ id, values }) => ({
            id,
            label: values.Name,
            developerName: values.DeveloperName,
            soqlCompatible: true,
            describeUrl: `${DATA_PATH}/sobjects/${name}/listviews/${id}/describe`,
            resultsUrl: `${DATA_PATH}/sobjects/${name}/listviews/${id}/results`,
            url: `${DATA_PATH}/sobjects/${name}/listviews/${id}`,
          }));
        return {
          body: { done: true, listviews, nextRecordsUrl: null, size: listviews.length, sobjectType: name },
        };
      },
    },
  ];
}

function readListInfo(
  org: Org,
  userId: string,
  object: ObjectDef,
  body: JsonObject,
): { readonly name: string; readonly metadata: JsonObject } {
  const unknown = Object.keys(body).find((key) => !KNOWN_KEYS.has(key));
  if (unknown !== undefined) throw unreadable(`Unrecognized field "${unknown}" at [line:1, column:2]`);
  const {
    listViewApiName,
    label,
    visibility = 'Private',
    scope,
    displayColumns = [],
    filteredByInfo = [],
  } = body;
  if (typeof listViewApiName !== 'string' || typeof label !== 'string') {
    throw refuse(400, 'MISSING_ARGUMENT', 'listViewApiName and label must be given');
  }
  if (!VISIBILITIES.includes(String(visibility))) throw unreadable(`Invalid visibility: ${visibility}`);
  const filterScope = isObject(scope) ? SCOPES[String(scope.apiName)] : undefined;
  if (filterScope === undefined) throw refuse(400, 'INVALID_SCOPE', 'The scope of the list is not valid');
  if (!Array.isArray(displayColumns) || !Array.isArray(filteredByInfo)) {
    throw unreadable('displayColumns and filteredByInfo must be lists');
  }
  for (const column of displayColumns) requireField(org, userId, object, column);
  const filters = filteredByInfo.map((filter: unknown) => {
    const { fieldApiName, operator, operandLabels } = isObject(filter) ? filter : {};
    const field = requireField(org, userId, object, fieldApiName);
    if (!OPERATORS.includes(String(operator))) throw unreadable(`Invalid operator: ${operator}`);
    if (!Array.isArray(operandLabels)) throw unreadable('operandLabels must be a list');
    const operation = `${String(operator).charAt(0).toLowerCase()}${String(operator).slice(1)}`;
    return { field, operation, value: operandLabels.join(',') };
  });
  return {
    name: `${object.name}.${listViewApiName}`,
    metadata: {
      label,
      filterScope,
      columns: displayColumns.filter((column) => String(column).endsWith('__c')),
      filters: filters.filter(({ field }) => field.endsWith('__c')),
    },
  };
}

function requireField(org: Org, userId: string, object: ObjectDef, name: unknown): string {
  const field = visibleField(org, userId, object, String(name));
  if (field !== undefined) return field.name;
  throw refuse(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
}

function presentInfo({ id, values }: SfRecord, body: JsonObject): JsonObject {
  return {
    cloneable: true,
    createable: true,
    deletable: true,
    updateable: true,
    label: values.Name,
    visibility: body.visibility ?? 'Private',
    listReference: {
      id,
      listViewApiName: values.DeveloperName,
      objectApiName: values.SobjectType,
      type: 'listView',
    },
  };
}
