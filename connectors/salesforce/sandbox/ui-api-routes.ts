import { isObject } from './json.ts';
import { findListView } from './list-views.ts';
import type { ObjectDef, Org } from './model.ts';
import { objectOf } from './org.ts';
import { insufficientAccess, notFound, refuse, unreadable } from './refusal.ts';
import type { RestRoute } from './rest.ts';
import { putRecord, stamp } from './transaction.ts';

const KNOWN_KEYS = new Set([
  ...['displayColumns', 'filterLogicString', 'filteredByInfo', 'label', 'listShares'],
  ...['listViewApiName', 'scope', 'visibility'],
]);
const VISIBILITIES = ['Private', 'Public', 'Shared'];
const OPERATORS = [
  ...['Equals', 'NotEqual', 'LessThan', 'GreaterThan', 'LessOrEqual', 'GreaterOrEqual'],
  ...['Contains', 'NotContain', 'StartsWith', 'Includes', 'Excludes'],
];

/**
 * List views by the User Interface API.
 * https://developer.salesforce.com/docs/atlas.en-us.uiapi.meta/uiapi/ui_api_requests_list_info_post_input.htm (2026-11-22)
 */
export function uiApiRoutes(org: Org): readonly RestRoute[] {
  return [
    {
      method: 'POST',
      path: '/ui-api/list-info/:type',
      handle({ params, body, userId }) {
        if (org.missingRights.has('customize application')) throw insufficientAccess();
        const object = org.objects.get(String(params.type).toLowerCase());
        if (object === undefined) throw notFound();
        if (!isObject(body)) throw unreadable('a list view is an object');
        const unknown = Object.keys(body).find((key) => !KNOWN_KEYS.has(key));
        if (unknown !== undefined) throw unreadable(`Unrecognized field "${unknown}"`);
        const { label, listViewApiName, visibility, displayColumns = [], filteredByInfo = [] } = body;
        if (typeof label !== 'string' || label === '' || label.length > 40) throw illegal('label');
        if (typeof listViewApiName !== 'string' || !/^[A-Za-z](?!.*__)\w{0,39}$/.test(listViewApiName)) {
          throw illegal('listViewApiName');
        }
        if (!VISIBILITIES.includes(String(visibility))) throw illegal('visibility');
        for (const column of asList(displayColumns)) requireField(object, column);
        for (const filter of asList(filteredByInfo)) {
          const { fieldApiName, operator, operandLabels } = isObject(filter) ? filter : {};
          requireField(object, fieldApiName);
          if (!OPERATORS.includes(String(operator)) || !Array.isArray(operandLabels))
            throw illegal('operator');
        }
        if (findListView(org, `${object.name}.${listViewApiName}`) !== undefined) {
          throw refuse(400, 'DUPLICATE_DEVELOPER_NAME', 'There is already a list view of that name');
        }
        const values = { Name: label, DeveloperName: listViewApiName, SobjectType: object.name };
        const about = { userId, stampMs: stamp(org), metadata: body };
        const { id } = putRecord(org, objectOf(org, 'ListView'), values, about);
        const listReference = {
          id,
          listViewApiName,
          objectApiName: object.name,
          parentObjectApiName: null,
          type: 'listView',
        };
        return { status: 201, body: { label, visibility, listReference } };
      },
    },
  ];
}

function requireField(object: ObjectDef, name: unknown): void {
  if (typeof name === 'string' && object.fields.has(name.toLowerCase())) return;
  throw refuse(400, 'INVALID_FIELD', `No such column '${name}' on entity '${object.name}'`);
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unreadable('a list was expected');
}

function illegal(name: string) {
  return refuse(400, 'ILLEGAL_QUERY_PARAMETER_VALUE', `The value of ${name} is not one that can be taken`);
}
