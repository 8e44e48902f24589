import { normaliseId } from './ids.ts';
import { isObject, type JsonObject } from './json.ts';
import type { ObjectDef, Org } from './model.ts';
import { visibleObject } from './permissions.ts';
import { deleteRecord, insertRecord, requireRecord, updateRecord } from './records.ts';
import { type ApiError, RowRefusal, refuse, unreadable } from './refusal.ts';
import type { RestCall, RestReply, RestRoute } from './rest.ts';
import { presentRecord } from './sobject-routes.ts';
import { begin, commit, rollback, savepoint, type Transaction } from './transaction.ts';

const MOST_RECORDS = 200;
const MOST_CHUNKS = 10;
const SETUP_OBJECTS = new Set([
  'PermissionSet',
  'PermissionSetAssignment',
  'FieldPermissions',
  'ObjectPermissions',
  'User',
]);

interface Row {
  readonly id?: string | undefined;
  readonly success: boolean;
  readonly errors: readonly {
    readonly statusCode: string;
    readonly message: string;
    readonly fields: readonly string[];
  }[];
}

/** Many records in one call: HTTP 200 whatever became of them, one row each, in the order of the request. */
export function collectionRoutes(org: Org): readonly RestRoute[] {
  const write =
    (kind: 'insert' | 'update') =>
    (call: RestCall): RestReply => {
      const { records, allOrNone } = readRequest(call.body);
      const objects = records.map((record) => typeOf(org, call, record));
      refuseManyTypes(objects);
      const seen = new Set<string>();
      return run(org, call, allOrNone, records, (transaction, record, at) => {
        const object = objects[at];
        if (object === undefined) throw new Error('the sandbox lost the type of a record');
        if (kind === 'insert') return insertRecord(transaction, object, record);
        const { id, fields } = splitId(record);
        const key = normaliseId(id) ?? id;
        if (seen.has(key)) throw new RowRefusal('DUPLICATE_VALUE', `Duplicate id in list: ${key}`, ['Id']);
        seen.add(key);
        updateRecord(transaction, object, id, fields);
        return key;
      });
    };
  return [
    { method: 'POST', path: '/composite/sobjects', handle: write('insert') },
    { method: 'PATCH', path: '/composite/sobjects', handle: write('update') },
    {
      method: 'DELETE',
      path: '/composite/sobjects',
      handle(call) {
        const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '');
        if (ids.length === 0 || ids.length > MOST_RECORDS) throw tooMany(ids.length);
        const records = ids.map((id) => ({ id }));
        return run(org, call, call.query.get('allOrNone') === 'true', records, (transaction, { id }) => {
          const text = String(id);
          const object = [...org.objects.values()].find(({ keyPrefix }) => text.startsWith(keyPrefix));
          if (object === undefined) throw new RowRefusal('MALFORMED_ID', `malformed id ${text}`, ['Id']);
          deleteRecord(transaction, object, text);
          return normaliseId(text) ?? text;
        });
      },
    },
    {
      method: 'GET',
      path: '/composite/sobjects/:type',
      handle: (call) => retrieve(org, call, split(call.query.get('ids')), split(call.query.get('fields'))),
    },
    {
      method: 'POST',
      path: '/composite/sobjects/:type',
      handle(call) {
        const body = isObject(call.body) ? call.body : {};
        return retrieve(org, call, readTexts(body.ids), readTexts(body.fields));
      },
    },
  ];
}

function run(
  org: Org,
  call: RestCall,
  allOrNone: boolean,
  records: readonly JsonObject[],
  work: (transaction: Transaction, record: JsonObject, at: number) => string,
): RestReply {
  const transaction = call.within ?? begin(org, call.actor);
  const start = savepoint(transaction);
  const errors: (ApiError | null)[] = [];
  const ids: string[] = [];
  for (const [at, record] of records.entries()) {
    const before = savepoint(transaction);
    try {
      ids[at] = work(transaction, record, at);
      errors.push(null);
    } catch (error) {
      rollback(transaction, before);
      if (!(error instanceof RowRefusal)) {
        rollback(transaction, start);
        throw error;
      }
      errors.push(error.error);
    }
  }
  const isUndone = allOrNone && errors.some((error) => error !== null);
  if (isUndone) rollback(transaction, start);
  else if (call.within === undefined) commit(transaction);
  const rows = errors.map((error, at): Row => {
    if (error !== null) return failed(error);
    return isUndone ? failed(ROLLED_BACK) : { id: ids[at], success: true, errors: [] };
  });
  return { status: 200, body: rows };
}

const ROLLED_BACK: ApiError = {
  errorCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
};

function failed({ errorCode, message, fields = [] }: ApiError): Row {
  return { success: false, errors: [{ statusCode: errorCode, message, fields }] };
}

function readRequest(body: unknown): {
  readonly records: readonly JsonObject[];
  readonly allOrNone: boolean;
} {
  const { records, allOrNone = false } = isObject(body) ? body : {};
  if (!Array.isArray(records) || !records.every(isObject)) {
    throw unreadable('Cannot deserialize instance of sobjects from the request: records are missing');
  }
  if (typeof allOrNone !== 'boolean') throw unreadable('Cannot deserialize instance of boolean: allOrNone');
  if (records.length === 0 || records.length > MOST_RECORDS) throw tooMany(records.length);
  return { records, allOrNone };
}

function tooMany(count: number): Error {
  return refuse(
    400,
    'EXCEEDED_MAX_COLLECTION_SIZE',
    `The number of records must be between 1 and ${MOST_RECORDS}: ${count}`,
  );
}

function typeOf(org: Org, { userId }: RestCall, { attributes }: JsonObject): ObjectDef {
  const type = isObject(attributes) ? attributes.type : undefined;
  if (typeof type !== 'string') {
    throw refuse(400, 'INVALID_TYPE', 'Include a type attribute in the attributes of each record');
  }
  const object = visibleObject(org, userId, type, 'data');
  if (object === undefined) throw refuse(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`);
  return object;
}

/** Records of several types are worked off in chunks of one type, and Setup's own must be alone. */
function refuseManyTypes(objects: readonly ObjectDef[]): void {
  const chunks = objects.filter((object, at) => object !== objects[at - 1]).length;
  if (chunks > MOST_CHUNKS) {
    throw refuse(400, 'INVALID_INPUT', `The request has more than ${MOST_CHUNKS} chunks of types`);
  }
  const names = new Set(objects.map(({ name }) => name));
  if (names.size > 1 && [...names].some((name) => SETUP_OBJECTS.has(name))) {
    throw refuse(
      400,
      'MIXED_DML_OPERATION',
      'DML operation on setup object is not permitted with other objects',
    );
  }
}

function splitId(record: JsonObject): { readonly id: string; readonly fields: JsonObject } {
  const key = Object.keys(record).find((name) => name.toLowerCase() === 'id');
  const id = key === undefined ? undefined : record[key];
  if (typeof id !== 'string' || key === undefined) {
    throw new RowRefusal('MISSING_ARGUMENT', 'Id not specified in an update call', ['Id']);
  }
  const { [key]: _id, ...fields } = record;
  return { id, fields };
}

function split(text: string | null): readonly string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** One place per id, null where there is no such record. */
function retrieve(org: Org, call: RestCall, ids: readonly string[], names: readonly string[]): RestReply {
  const object = visibleObject(org, call.userId, call.params.type ?? '', 'data');
  if (object === undefined) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
  if (names.length === 0) throw refuse(400, 'MISSING_ARGUMENT', 'fields');
  const rows = ids.map((id) => {
    try {
      const record = requireRecord(org, object, id);
      return presentRecord(org, call.userId, object, record, names);
    } catch (error) {
      if (error instanceof RowRefusal) return null;
      throw error;
    }
  });
  return { body: rows };
}
