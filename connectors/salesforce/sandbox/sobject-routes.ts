import { DAY_MS, MINUTE_MS } from '../../../src/clock.ts';
import { readField } from './define.ts';
import { describeGlobal, describeObject } from './describe.ts';
import { normaliseId } from './ids.ts';
import { isObject, type JsonObject } from './json.ts';
import type { ObjectDef, Org, SfRecord } from './model.ts';
import { visibleField, visibleObject } from './permissions.ts';
import { deleteRecord, insertRecord, requireRecord, updateRecord } from './records.ts';
import { notFound, RowRefusal, refuse, unreadable } from './refusal.ts';
import { DATA_PATH, type RestCall, type RestReply, type RestRoute } from './rest.ts';
import { begin, commit, rollback, savepoint, type Transaction } from './transaction.ts';
import { formatInstant, presentValue, readInstant } from './values.ts';

/** Single records, upserts by an external id, and what describes objects. */
export function sobjectRoutes(org: Org): readonly RestRoute[] {
  const objectOf = ({ params, userId }: RestCall): ObjectDef => {
    const object = visibleObject(org, userId, params.type ?? '', 'data');
    if (object === undefined) throw notFound();
    return object;
  };
  return [
    { method: 'GET', path: '/sobjects', handle: ({ userId }) => ({ body: describeGlobal(org, userId) }) },
    {
      method: 'GET',
      path: '/sobjects/:type/describe',
      handle: (call) => ({ body: describeObject(org, call.userId, objectOf(call)) }),
    },
    {
      method: 'GET',
      path: '/sobjects/:type/updated',
      handle: (call) => changed(org, objectOf(call), call, false),
    },
    {
      method: 'GET',
      path: '/sobjects/:type/deleted',
      handle: (call) => changed(org, objectOf(call), call, true),
    },
    {
      method: 'POST',
      path: '/sobjects/:type',
      handle(call) {
        const id = inOwn(org, call, (tx) => insertRecord(tx, objectOf(call), readBody(call)));
        const location = `${DATA_PATH}/sobjects/${call.params.type}/${id}`;
        return { status: 201, body: { id, success: true, errors: [] }, headers: { Location: location } };
      },
    },
    { method: 'GET', path: '/sobjects/:type/:id', handle: (call) => readOne(org, objectOf(call), call) },
    {
      method: 'PATCH',
      path: '/sobjects/:type/:id',
      handle(call) {
        const object = objectOf(call);
        const body = readBody(call);
        if (Object.keys(body).some((key) => key.toLowerCase() === 'id')) {
          throw refuse(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.');
        }
        const { id } = requireListed(org, object, call.params.id ?? '');
        refuseStale(org, object, id, call.header('if-unmodified-since'));
        inOwn(org, call, (tx) => updateRecord(tx, object, id, body));
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/sobjects/:type/:id',
      handle(call) {
        const object = objectOf(call);
        const { id } = requireListed(org, object, call.params.id ?? '');
        inOwn(org, call, (tx) => deleteRecord(tx, object, id));
        return { status: 204 };
      },
    },
    {
      method: 'PATCH',
      path: '/sobjects/:type/:field/:value',
      handle: (call) => upsert(org, objectOf(call), call),
    },
    {
      method: 'GET',
      path: '/sobjects/:type/:field/:value',
      handle(call) {
        const object = objectOf(call);
        const found = findByExternalId(org, object, call);
        if (found === undefined) throw notFound();
        return { body: presentRecord(org, call.userId, object, found) };
      },
    },
  ];
}

/** Runs a write as a transaction of its own; a refused one leaves nothing. */
function inOwn<T>(org: Org, call: RestCall, work: (transaction: Transaction) => T): T {
  const transaction = call.within ?? begin(org, call.actor);
  const before = savepoint(transaction);
  try {
    const result = work(transaction);
    if (call.within === undefined) commit(transaction);
    return result;
  } catch (error) {
    rollback(transaction, before);
    throw error;
  }
}

/** The record of a path. Answers 404 in place of the errors that a row of a collection has. */
function requireListed(org: Org, object: ObjectDef, id: string): SfRecord {
  try {
    return requireRecord(org, object, id);
  } catch (error) {
    if (!(error instanceof RowRefusal) || error.error.errorCode === 'MALFORMED_ID') throw error;
    if (error.error.errorCode === 'ENTITY_IS_DELETED')
      throw refuse(404, 'ENTITY_IS_DELETED', 'entity is deleted');
    throw notFound();
  }
}

/** The body as the fields of one record. */
function readBody({ body }: RestCall): JsonObject {
  if (isObject(body)) return body;
  throw unreadable('The HTTP entity body is required, but this request has no entity body.');
}

/** A record with every field that the user may see. */
export function presentRecord(
  org: Org,
  userId: string,
  object: ObjectDef,
  record: SfRecord,
  names: readonly string[] = [...object.fields.values()].map(({ name }) => name),
): Record<string, unknown> {
  const row: Record<string, unknown> = {
    attributes: { type: object.name, url: `${DATA_PATH}/sobjects/${object.name}/${record.id}` },
  };
  for (const name of names) {
    const field = visibleField(org, userId, object, name);
    if (field !== undefined) row[field.name] = presentValue(field, readField(org, record, field));
  }
  return row;
}

function readOne(org: Org, object: ObjectDef, { params, query, userId }: RestCall): RestReply {
  const record = requireListed(org, object, params.id ?? '');
  const names = query.get('fields')?.split(',');
  const unknown = names?.find((name) => visibleField(org, userId, object, name) === undefined);
  if (unknown !== undefined) {
    throw refuse(400, 'INVALID_FIELD', `No such column '${unknown}' on sobject of type ${object.name}`);
  }
  return { body: presentRecord(org, userId, object, record, names) };
}

/** 412 when the record changed since. */
function refuseStale(org: Org, object: ObjectDef, id: string, since: string | undefined): void {
  if (since === undefined) return;
  const sinceMs = Date.parse(since);
  const changedAtMs = requireRecord(org, object, id).values.LastModifiedDate;
  if (Number.isNaN(sinceMs) || typeof changedAtMs !== 'number' || changedAtMs <= sinceMs) return;
  throw refuse(412, 'PRECONDITION_FAILED', 'The record was modified after the given instant');
}

function upsert(org: Org, object: ObjectDef, call: RestCall): RestReply {
  const existing = findByExternalId(org, object, call);
  const body = readBody(call);
  if (existing !== undefined) {
    inOwn(org, call, (tx) => updateRecord(tx, object, existing.id, body));
    return { status: 200, body: { id: existing.id, success: true, errors: [], created: false } };
  }
  const input = { ...body, [call.params.field ?? '']: call.params.value };
  const id = inOwn(org, call, (tx) => insertRecord(tx, object, input));
  return { status: 201, body: { id, success: true, errors: [], created: true } };
}

function findByExternalId(org: Org, object: ObjectDef, { params, userId }: RestCall): SfRecord | undefined {
  const field = visibleField(org, userId, object, params.field ?? '');
  if (field?.externalId !== true) {
    const message = `Provided external ID field does not exist or is not accessible: ${params.field}`;
    throw refuse(404, 'NOT_FOUND', message);
  }
  return [...(org.records.get(object.name)?.values() ?? [])].find(
    ({ values }) => values.IsDeleted !== true && String(values[field.name]) === params.value,
  );
}

/** Ids of what changed or was deleted in a span. */
function changed(org: Org, object: ObjectDef, { query }: RestCall, isDeleted: boolean): RestReply {
  const [startMs, endMs] = ['start', 'end'].map((name) => readInstant(query.get(name) ?? ''));
  if (startMs == null || endMs == null) {
    throw refuse(400, 'INVALID_REPLICATION_DATE', 'start and end must be given as dates and times');
  }
  if (endMs - startMs < MINUTE_MS) {
    throw refuse(400, 'INVALID_REPLICATION_DATE', 'endDate must be at least one minute after startDate');
  }
  if (startMs < org.now().getTime() - 30 * DAY_MS) {
    throw refuse(400, 'INVALID_REPLICATION_DATE', 'startDate before org replication enabled date');
  }
  const found = [...(org.records.get(object.name)?.values() ?? [])].filter(({ values }) => {
    const stampMs = values.SystemModstamp;
    const isIn = typeof stampMs === 'number' && stampMs >= startMs && stampMs < endMs;
    return isIn && (values.IsDeleted === true) === isDeleted;
  });
  const latestDateCovered = formatInstant(Math.min(endMs, org.now().getTime()));
  if (!isDeleted) return { body: { ids: found.map(({ id }) => normaliseId(id)), latestDateCovered } };
  const deletedRecords = found.map(({ id, values }) => ({
    id,
    deletedDate: formatInstant(Number(values.SystemModstamp)),
  }));
  return { body: { deletedRecords, earliestDateAvailable: formatInstant(startMs), latestDateCovered } };
}
