import type { ApiRoute } from './api.ts';
import type { View, ViewCondition } from './model.ts';
import { paginate } from './paging.ts';
import {
  isObject,
  type JsonObject,
  readArray,
  readBoolean,
  readId,
  readObject,
  readString,
} from './params.ts';
import { presentView } from './presenters.ts';
import { invalidAttribute, invalidValue, recordNotFound } from './refusal.ts';
import { type State, stamp, takeId } from './state.ts';

/** Conditions that every view must have one of (Zendesk, "Views: conditions", 2026-11-21). */
const ANCHORS = new Set(['status', 'type', 'group_id', 'assignee_id', 'requester_id', 'custom_status_id']);
const DEFAULT_COLUMNS = ['status', 'subject', 'requester', 'created'];

/** Shared views: list, search by title, show, create, update, delete. */
export function viewRoutes(state: State): readonly ApiRoute[] {
  const resource = 'ticket_views';
  const find = (id: string | undefined): View => {
    const view = state.views.get(readId('id', id));
    if (view === undefined) throw recordNotFound();
    return view;
  };
  return [
    {
      method: 'get',
      path: '/views',
      resource,
      handle: (call) => {
        const present = (view: View): unknown => presentView(call.url, view);
        return { body: paginate(call, 'views', [...state.views.values()], present, 'views') };
      },
    },
    {
      method: 'get',
      path: '/views/search',
      resource,
      handle: (call) => {
        const query = call.query.get('query');
        if (query === null) throw invalidAttribute('query', 'a string');
        const found = [...state.views.values()].filter((view) =>
          view.title.toLowerCase().includes(query.toLowerCase()),
        );
        return {
          body: paginate(call, 'views', found, (view) => presentView(call.url, view), 'views/search'),
        };
      },
    },
    {
      method: 'get',
      path: '/views/:id',
      resource,
      handle: ({ url, params }) => ({ body: { view: presentView(url, find(params.id)) } }),
    },
    {
      method: 'post',
      path: '/views',
      resource,
      adminOnly: true,
      handle: ({ url, body }) => {
        const at = stamp(state);
        const blank = { title: '', description: null, active: true, columns: DEFAULT_COLUMNS };
        const view: View = {
          ...blank,
          id: takeId(state),
          conditions: { all: [], any: [] },
          createdAt: at,
          updatedAt: at,
        };
        changeView(state, view, readObject(body, 'view'));
        state.views.set(view.id, view);
        return {
          status: 201,
          headers: { Location: `${url}/api/v2/views/${view.id}.json` },
          body: { view: presentView(url, view) },
        };
      },
    },
    {
      method: 'put',
      path: '/views/:id',
      resource,
      adminOnly: true,
      handle: ({ url, params, body }) => {
        const view = find(params.id);
        changeView(state, view, readObject(body, 'view'));
        return { body: { view: presentView(url, view) } };
      },
    },
    {
      method: 'delete',
      path: '/views/:id',
      resource,
      adminOnly: true,
      handle: ({ params }) => {
        state.views.delete(find(params.id).id);
        return { status: 204 };
      },
    },
  ];
}

/** Reads everything before it changes anything. Requests write `all` and `any`; answers call them `conditions`. */
function changeView(state: State, view: View, attributes: JsonObject): void {
  const title = attributes.title === undefined ? view.title : readString('title', attributes.title);
  if (title.trim() === '') throw invalidValue('title', 'Title: cannot be blank', 'BlankValue');
  const conditions = {
    all: attributes.all === undefined ? view.conditions.all : readConditions(state, 'all', attributes.all),
    any: attributes.any === undefined ? view.conditions.any : readConditions(state, 'any', attributes.any),
  };
  if (!conditions.all.some((condition) => ANCHORS.has(condition.field))) {
    const fix = 'must check status, type, group, assignee or requester in an ALL condition';
    throw invalidValue('base', `Invalid conditions: the view ${fix}`);
  }
  const output = isObject(attributes.output) ? attributes.output : {};
  Object.assign(view, {
    title,
    conditions,
    description:
      attributes.description === undefined
        ? view.description
        : readString('description', attributes.description),
    active: attributes.active === undefined ? view.active : readBoolean('active', attributes.active),
    columns: output.columns === undefined ? view.columns : readColumns(output.columns),
    updatedAt: stamp(state),
  });
}

function readColumns(value: unknown): string[] {
  return readArray('columns', value).map((column) => readString('columns', column));
}

function readConditions(state: State, name: string, value: unknown): ViewCondition[] {
  return readArray(name, value).map((condition) => {
    if (!isObject(condition)) throw invalidAttribute(name, 'an array of objects');
    const field = readString('field', condition.field);
    const fieldId = /^custom_fields_(\d+)$/.exec(field)?.[1];
    if (fieldId !== undefined && !state.fields.has(Number(fieldId))) {
      throw invalidValue('base', `Invalid conditions: ${field} is not a ticket field`);
    }
    return { field, operator: readString('operator', condition.operator), value: condition.value ?? null };
  });
}
