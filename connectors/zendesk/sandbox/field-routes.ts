import type { ApiRoute } from './api.ts';
import type { FieldOption, TicketField } from './model.ts';
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
import { presentField } from './presenters.ts';
import { invalidAttribute, invalidValue, recordNotFound } from './refusal.ts';
import { type State, stamp, takeId } from './state.ts';

const TYPES = new Set([
  'text',
  'textarea',
  'integer',
  'decimal',
  'checkbox',
  'date',
  'regexp',
  'tagger',
  'multiselect',
  'partialcreditcard',
  'lookup',
]);
const WITH_OPTIONS = new Set(['tagger', 'multiselect']);

/** Ticket fields. Titles may repeat; the values of pick lists may not, on the whole account. */
export function fieldRoutes(state: State): readonly ApiRoute[] {
  const resource = 'tickets';
  const find = (id: string | undefined): TicketField => {
    const field = state.fields.get(readId('id', id));
    if (field === undefined) throw recordNotFound();
    return field;
  };
  return [
    {
      method: 'get',
      path: '/ticket_fields',
      resource,
      handle: (call) => {
        const present = (field: TicketField): unknown => presentField(call.url, field);
        return {
          body: paginate(call, 'ticket_fields', [...state.fields.values()], present, 'ticket_fields'),
        };
      },
    },
    {
      method: 'get',
      path: '/ticket_fields/:id',
      resource,
      handle: ({ url, params }) => ({ body: { ticket_field: presentField(url, find(params.id)) } }),
    },
    {
      method: 'post',
      path: '/ticket_fields',
      resource,
      adminOnly: true,
      handle: ({ url, body }) => {
        const field = createField(state, readObject(body, 'ticket_field'));
        const headers = { Location: `${url}/api/v2/ticket_fields/${field.id}.json` };
        return { status: 201, headers, body: { ticket_field: presentField(url, field) } };
      },
    },
    {
      method: 'put',
      path: '/ticket_fields/:id',
      resource,
      adminOnly: true,
      handle: ({ url, params, body }) => {
        const field = find(params.id);
        changeField(state, field, readObject(body, 'ticket_field'));
        return { body: { ticket_field: presentField(url, field) } };
      },
    },
    {
      method: 'delete',
      path: '/ticket_fields/:id',
      resource,
      adminOnly: true,
      handle: ({ params }) => {
        state.fields.delete(find(params.id).id);
        return { status: 204 };
      },
    },
  ];
}

function createField(state: State, attributes: JsonObject): TicketField {
  const type = readString('type', attributes.type);
  if (!TYPES.has(type)) throw invalidValue('type', `Type: ${type} is invalid`);
  if (type === 'regexp' && attributes.regexp_for_validation === undefined) {
    throw invalidValue('regexp_for_validation', 'Regexp for validation: cannot be blank', 'BlankValue');
  }
  if (WITH_OPTIONS.has(type) && attributes.custom_field_options === undefined) {
    throw invalidValue('custom_field_options', 'Custom field options: cannot be blank', 'BlankValue');
  }
  const at = stamp(state);
  const field: TicketField = {
    id: takeId(state),
    type,
    title: readTitle(attributes.title),
    description: '',
    agentDescription: null,
    active: true,
    required: false,
    regexp: null,
    options: [],
    createdAt: at,
    updatedAt: at,
  };
  changeField(state, field, attributes);
  state.fields.set(field.id, field);
  return field;
}

/** Reads everything before it changes anything. */
function changeField(state: State, field: TicketField, attributes: JsonObject): void {
  const {
    title,
    description,
    agent_description,
    active,
    required,
    regexp_for_validation,
    custom_field_options,
  } = attributes;
  const options =
    custom_field_options === undefined ? field.options : readOptions(state, field, custom_field_options);
  const changed = {
    title: title === undefined ? field.title : readTitle(title),
    description: description === undefined ? field.description : readString('description', description),
    agentDescription:
      agent_description === undefined
        ? field.agentDescription
        : readString('agent_description', agent_description),
    active: active === undefined ? field.active : readBoolean('active', active),
    required: required === undefined ? field.required : readBoolean('required', required),
    regexp:
      regexp_for_validation === undefined
        ? field.regexp
        : readString('regexp_for_validation', regexp_for_validation),
    options,
    updatedAt: stamp(state),
  };
  Object.assign(field, changed);
}

function readTitle(value: unknown): string {
  const title = value === undefined ? '' : readString('title', value);
  if (title.trim() === '') throw invalidValue('title', 'Title: cannot be blank', 'BlankValue');
  return title;
}

function readOptions(state: State, field: TicketField, value: unknown): readonly FieldOption[] {
  if (!WITH_OPTIONS.has(field.type)) return field.options;
  const options = readArray('custom_field_options', value).map((option) => {
    if (!isObject(option)) throw invalidAttribute('custom_field_options', 'an array of objects');
    const id = option.id === undefined ? takeId(state) : readId('id', option.id);
    return { id, name: readString('name', option.name), value: readString('value', option.value) };
  });
  const elsewhere = [...state.fields.values()]
    .filter((other) => other !== field)
    .flatMap((other) => other.options);
  const values = [...elsewhere, ...options].map((option) => option.value);
  const twice = options.find((option) => values.filter((one) => one === option.value).length > 1);
  if (twice !== undefined) {
    throw invalidValue('custom_field_options', `Value: ${twice.value} is already in use`, 'DuplicateValue');
  }
  return options;
}
