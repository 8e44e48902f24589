import type { ApiCall, ApiReply, ApiRoute } from './api.ts';
import type { JobItem, Jobs } from './jobs.ts';
import type { FieldValue, User, UserField } from './model.ts';
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
import { invalidAttribute, invalidValue, recordNotFound, tooManyValues } from './refusal.ts';
import { instant, type State, stamp, takeId } from './state.ts';

const BATCH = 100;
const TYPES = new Set([
  'text',
  'textarea',
  'checkbox',
  'date',
  'integer',
  'decimal',
  'regexp',
  'dropdown',
  'lookup',
]);

/** Fields on people, and people changed in batches. Keys are unique, titles are not. */
export function userFieldRoutes(state: State, jobs: Jobs): readonly ApiRoute[] {
  const find = (id: string | undefined): UserField => {
    const field = state.userFields.get(readId('id', id));
    if (field === undefined) throw recordNotFound();
    return field;
  };
  return [
    {
      method: 'get',
      path: '/user_fields',
      resource: 'users',
      handle: (call) => {
        const present = (field: UserField): unknown => presentUserField(call.url, field);
        return {
          body: paginate(call, 'user_fields', [...state.userFields.values()], present, 'user_fields'),
        };
      },
    },
    {
      method: 'post',
      path: '/user_fields',
      resource: 'users',
      adminOnly: true,
      handle: ({ url, body }) => {
        const field = createUserField(state, readObject(body, 'user_field'));
        const headers = { Location: `${url}/api/v2/user_fields/${field.id}.json` };
        return { status: 201, headers, body: { user_field: presentUserField(url, field) } };
      },
    },
    {
      method: 'put',
      path: '/user_fields/:id',
      resource: 'users',
      adminOnly: true,
      handle: ({ url, params, body }) => {
        const field = find(params.id);
        const { title, active } = readObject(body, 'user_field');
        if (title !== undefined) field.title = readString('title', title);
        if (active !== undefined) field.active = readBoolean('active', active);
        return { body: { user_field: presentUserField(url, field) } };
      },
    },
    {
      method: 'put',
      path: '/users/update_many',
      resource: 'users',
      handle: (call) => updateMany(state, jobs, call),
    },
  ];
}

/** What stands in a person's fields, by key. */
export function userFieldValues(state: State, user: User): Record<string, FieldValue> {
  const values = state.userFieldValues.get(user.id);
  return Object.fromEntries(
    [...state.userFields.values()]
      .filter((field) => field.active)
      .map((field) => [field.key, values?.get(field.key) ?? null]),
  );
}

function createUserField(state: State, attributes: JsonObject): UserField {
  const type = attributes.type === undefined ? 'text' : readString('type', attributes.type);
  if (!TYPES.has(type)) throw invalidValue('type', `Type: ${type} is invalid`);
  const key = readString('key', attributes.key);
  if (!/^(?=.*[a-z_])\w+$/i.test(key)) throw invalidValue('key', 'Key: is invalid');
  if ([...state.userFields.values()].some((field) => field.key === key)) {
    throw invalidValue('key', `Key: ${key} has already been taken`, 'DuplicateValue');
  }
  const title = readString('title', attributes.title);
  if (title.trim() === '') throw invalidValue('title', 'Title: cannot be blank', 'BlankValue');
  const field: UserField = { id: takeId(state), key, type, title, active: true, createdAt: stamp(state) };
  state.userFields.set(field.id, field);
  return field;
}

/** `{"users":[{"id":1,"user_fields":{...}}]}`, each with values of its own. */
function updateMany(state: State, jobs: Jobs, { body, url }: ApiCall): ApiReply {
  const users = readArray('users', isObject(body) ? body.users : undefined);
  if (users.length > BATCH) throw tooManyValues('', BATCH);
  const items = users.map((attributes, index): JobItem => {
    if (!isObject(attributes)) throw invalidAttribute('users', 'an array of objects');
    const id = readId('id', attributes.id);
    const values = attributes.user_fields === undefined ? {} : readObject(attributes, 'user_fields');
    return {
      run: () => {
        setUserFields(state, id, values);
        return { action: 'update', status: 'Updated', success: true, id };
      },
      failure: { index, id, action: 'update' },
    };
  });
  return jobs.start(url, items);
}

/** Values for keys that are not there are dropped, as for tickets. */
function setUserFields(state: State, userId: number, values: JsonObject): void {
  if (!state.users.has(userId)) throw recordNotFound();
  const kept = new Map(state.userFieldValues.get(userId));
  for (const [key, value] of Object.entries(values)) {
    const field = [...state.userFields.values()].find((one) => one.key === key);
    if (field === undefined || !field.active) continue;
    kept.set(key, acceptValue(field, value));
  }
  state.userFieldValues.set(userId, kept);
}

function acceptValue(field: UserField, value: unknown): FieldValue {
  if (value === null || value === '') return null;
  if (field.type === 'integer' && /^-?\d+$/.test(String(value))) return Number(value);
  if (field.type !== 'integer' && (typeof value === 'string' || typeof value === 'number'))
    return String(value);
  throw invalidValue(field.key, `${field.title}: is invalid`);
}

function presentUserField(url: string, field: UserField): Record<string, unknown> {
  return {
    url: `${url}/api/v2/user_fields/${field.id}.json`,
    id: field.id,
    type: field.type,
    key: field.key,
    title: field.title,
    raw_title: field.title,
    description: '',
    raw_description: '',
    position: 9999,
    active: field.active,
    system: false,
    regexp_for_validation: null,
    created_at: instant(field.createdAt),
    updated_at: instant(field.createdAt),
  };
}
