import { readField, recordsOf } from './define.ts';
import type { ObjectDef, Org, SfRecord, Value } from './model.ts';
import { type Ordering, parseQuery, type Query } from './soql-parser.ts';
import { type ResolvedPath, resolveObject, resolvePath, type View } from './soql-paths.ts';
import { queryRefusal } from './soql-tokens.ts';
import { compile } from './soql-where.ts';
import { presentValue } from './values.ts';

/** How a query is asked. */
export interface QueryOptions {
  readonly userId: string;
  readonly surface: 'data' | 'tooling';
  /** Deleted records too. */
  readonly includeDeleted?: boolean;
}

/** What a query found; rows are presented one by one, when they are asked for. */
export interface QueryResult {
  readonly totalSize: number;
  readonly isCount: boolean;
  row(at: number): Record<string, unknown>;
}

/** Answers a SOQL query. Throws a Refusal that names the place. */
export function runQuery(org: Org, text: string, options: QueryOptions): QueryResult {
  const query = parseQuery(text);
  const view: View = { org, userId: options.userId, surface: options.surface, text };
  const { object, found } = find(view, query, options.includeDeleted ?? false);
  const paths = query.fields.map((path) => resolvePath(view, object, path));
  if (query.isCount) return { totalSize: found.length, isCount: true, row: () => ({}) };
  refuseManyMetadata(query, paths, found.length);
  const base = `/services/data/v67.0${options.surface === 'tooling' ? '/tooling' : ''}/sobjects`;
  return {
    totalSize: found.length,
    isCount: false,
    row(at) {
      const record = found[at];
      if (record === undefined) throw new Error(`the sandbox has no row ${at} in this query`);
      return presentRow(org, record, paths, base);
    },
  };
}

function find(
  view: View,
  query: Query,
  includeDeleted: boolean,
): { object: ObjectDef; found: readonly SfRecord[] } {
  const { org, userId } = view;
  const object = resolveObject(view, query.from);
  const test =
    query.where === null ? null : compile(view, object, query.where, (inner) => runInner(view, inner));
  const orderings = query.orderBy.map((ordering) => resolveOrdering(view, object, ordering));
  if (
    object.name === 'FieldDefinition' &&
    !/(EntityDefinition|DurableId)/i.test(view.text.slice(query.from.at))
  ) {
    const message =
      'Where clauses should contain a filter on the reified column: EntityDefinitionId or DurableId';
    throw queryRefusal(view.text, query.from.at, 'MALFORMED_QUERY', message);
  }
  const rows =
    object.rows?.(org) ??
    (includeDeleted ? [...(org.records.get(object.name)?.values() ?? [])] : recordsOf(org, object.name));
  const visible = rows.filter((record) => isShared(org, userId, record) && (test?.(record) ?? true));
  const sorted = orderings.length === 0 ? visible : sort(visible, orderings);
  const end = query.limit === null ? sorted.length : query.offset + query.limit;
  return { object, found: sorted.slice(query.offset, end) };
}

/** Without "View All" on cases a user sees the own ones. */
function isShared(org: Org, userId: string, { objectName, values }: SfRecord): boolean {
  return objectName !== 'Case' || !org.missingRights.has('view all cases') || values.OwnerId === userId;
}

function runInner(view: View, inner: Query): readonly Value[] {
  const { object, found } = find(view, inner, false);
  const [only, ...others] = inner.fields.map((path) => resolvePath(view, object, path));
  if (only === undefined || others.length > 0) {
    throw queryRefusal(view.text, inner.from.at, 'MALFORMED_QUERY', 'a semi join sub-select takes one field');
  }
  return found.map((record) => toValue(only.read(record)));
}

function toValue(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

interface ResolvedOrdering extends Ordering {
  readonly resolved: ResolvedPath;
}

function resolveOrdering(view: View, object: ObjectDef, ordering: Ordering): ResolvedOrdering {
  const resolved = resolvePath(view, object, ordering.path);
  if (resolved.field.type === 'longtext' || resolved.field.type === 'complex') {
    const message = `field '${resolved.field.name}' can not be sorted in a query call`;
    throw queryRefusal(view.text, ordering.path.at, 'INVALID_FIELD', message);
  }
  return { ...ordering, resolved };
}

function sort(records: readonly SfRecord[], orderings: readonly ResolvedOrdering[]): readonly SfRecord[] {
  const keyed = records.map((record) => ({ record, keys: orderings.map((one) => sortKey(one, record)) }));
  keyed.sort((a, b) => {
    for (const [at, { isDescending, nullsFirst }] of orderings.entries()) {
      const [left = null, right = null] = [a.keys[at], b.keys[at]];
      if (left === right) continue;
      if (left === null) return nullsFirst ? -1 : 1;
      if (right === null) return nullsFirst ? 1 : -1;
      return left < right === isDescending ? 1 : -1;
    }
    return 0;
  });
  return keyed.map(({ record }) => record);
}

/** Ids sort by their characters, text without regard to case. */
function sortKey({ resolved }: ResolvedOrdering, record: SfRecord): Value {
  const value = toValue(resolved.read(record));
  const isId = resolved.field.type === 'id' || resolved.field.type === 'reference';
  return typeof value === 'string' && !isId ? value.toLowerCase() : value;
}

/** Metadata and FullName are worked out one record at a time. */
function refuseManyMetadata(query: Query, paths: readonly ResolvedPath[], count: number): void {
  const at = paths.findIndex(({ field }) => field.type === 'complex' || field.name === 'FullName');
  const path = query.fields[at];
  if (path === undefined || count <= 1) return;
  const message = `When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. Result size: ${count}`;
  throw queryRefusal(query.text, path.at, 'MALFORMED_QUERY', message);
}

function presentRow(
  org: Org,
  record: SfRecord,
  paths: readonly ResolvedPath[],
  base: string,
): Record<string, unknown> {
  const row: Record<string, unknown> = { attributes: attributesOf(record, record.objectName, base) };
  for (const { hops, field } of paths) {
    let parent: SfRecord | undefined = record;
    let target = row;
    for (const hop of hops) {
      parent = parent === undefined ? undefined : hop.parentOf(parent);
      if (parent === undefined) {
        target[hop.name] ??= null;
        break;
      }
      target[hop.name] ??= { attributes: attributesOf(parent, hop.object.name, base) };
      target = target[hop.name] as Record<string, unknown>;
    }
    if (parent !== undefined) target[field.name] = presentValue(field, readField(org, parent, field));
  }
  return row;
}

function attributesOf(record: SfRecord, type: string, base: string): Record<string, unknown> {
  return { type, url: `${base}/${record.objectName}/${record.id}` };
}
