import { HOUR_MS } from '../../../src/clock.ts';
import type { Change, Commit, Org, Value } from './model.ts';
import { fieldRights } from './permissions.ts';
import { isSelectedForEvents } from './tooling-routes.ts';

/** An event as it is kept: for whom, and what it says. */
export interface StoredEvent {
  readonly replayId: number;
  readonly storedAtMs: number;
  /** `CaseChangeEvent`. */
  readonly entity: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** How a transaction is told when it is not told as it was. */
export type TellAs =
  /** Headers only. */
  | 'gap'
  /** One event for the whole object, without ids. */
  | 'overflow'
  | 'nothing';

/** The event bus of the org, 72 hours deep. */
export interface ChangeEvents {
  /** What is still kept, oldest first. */
  retained(): readonly StoredEvent[];
  /** The next transaction that touches a chosen object is told so. */
  tellNextAs(how: TellAs): void;
  onEvents(listener: (events: readonly StoredEvent[]) => void): void;
}

const RETENTION_MS = 72 * HOUR_MS;
/** Salesforce writes 200 records at a time, and merges what changed alike among those. */
const MOST_IDS = 200;
const SCHEMA_ID = 'eJrz1sAndboxCaseChangeEvent';
const NOT_TOLD = new Set(['Id', 'IsDeleted', 'SystemModstamp']);

/** Turns what transactions changed into change events, for the objects that an admin chose. */
export function createChangeEvents(org: Org): ChangeEvents {
  const events: StoredEvent[] = [];
  const listeners: ((events: readonly StoredEvent[]) => void)[] = [];
  const planned: TellAs[] = [];
  let lastReplayId = 31_000;
  let commits = 0;

  const store = (
    entity: string,
    payload: Readonly<Record<string, unknown>>,
    storedAtMs: number,
  ): StoredEvent => {
    // Ids rise and leave holes, so that nobody can count on the next one.
    lastReplayId += 1 + ((lastReplayId * 7) % 13);
    const event = { replayId: lastReplayId, storedAtMs, entity, payload };
    events.push(event);
    return event;
  };

  org.commitListeners.push((commit) => {
    const changes = commit.changes.filter(({ objectName }) => isSelectedForEvents(org, objectName));
    if (changes.length === 0) return;
    const how = planned.shift();
    if (how === 'nothing') return;
    commits += 1;
    const told = (how === 'overflow' ? overflowsOf(changes) : merge(org, changes, how === 'gap')).map(
      ({ objectName, header, fields }, at) =>
        store(
          `${objectName}ChangeEvent`,
          { ChangeEventHeader: { ...header, ...about(commit, commits, at + 1) }, ...fields },
          commit.committedAtMs,
        ),
    );
    for (const listener of listeners) listener(told);
  });

  return {
    retained() {
      const sinceMs = org.now().getTime() - RETENTION_MS;
      return events.filter(({ storedAtMs }) => storedAtMs > sinceMs);
    },
    tellNextAs: (how) => planned.push(how),
    onEvents: (listener) => listeners.push(listener),
  };
}

/** The event as a subscriber gets it. */
export function presentEvent({ replayId, payload }: StoredEvent): Record<string, unknown> {
  return { schema: SCHEMA_ID, payload, event: { replayId } };
}

interface Telling {
  readonly objectName: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

function about(
  { userId, origin, committedAtMs }: Commit,
  ordinal: number,
  sequenceNumber: number,
): Record<string, unknown> {
  return {
    changeOrigin: origin,
    transactionKey: `0000${ordinal.toString(16).padStart(4, '0')}-0000-5a4d-0000-${String(ordinal).padStart(12, '0')}`,
    sequenceNumber,
    commitTimestamp: committedAtMs,
    commitNumber: 12_345_678_000 + ordinal * 3,
    commitUser: userId,
  };
}

/** Records that changed alike share an event. */
function merge(org: Org, changes: readonly Change[], isGap: boolean): readonly Telling[] {
  const groups = new Map<
    string,
    { readonly change: Change; readonly fields: Telling['fields']; readonly ids: string[] }
  >();
  const tellings: { readonly change: Change; readonly fields: Telling['fields']; readonly ids: string[] }[] =
    [];
  for (const change of changes) {
    const fields = isGap ? {} : presentFields(org, change);
    const key = JSON.stringify([change.kind, change.objectName, fields]);
    const group = groups.get(key);
    if (group !== undefined && group.ids.length < MOST_IDS) {
      group.ids.push(change.id);
      continue;
    }
    const made = { change, fields, ids: [change.id] };
    groups.set(key, made);
    tellings.push(made);
  }
  return tellings.map(({ change, fields, ids }) => ({
    objectName: change.objectName,
    header: {
      entityName: change.objectName,
      recordIds: ids,
      changeType: isGap ? `GAP_${change.kind}` : change.kind,
    },
    fields,
  }));
}

function overflowsOf(changes: readonly Change[]): readonly Telling[] {
  return [...new Set(changes.map(({ objectName }) => objectName))].map((objectName) => ({
    objectName,
    header: { entityName: objectName, recordIds: [], changeType: 'GAP_OVERFLOW' },
    fields: {},
  }));
}

/** Only what changed, as far as the user may see it; worked out fields are never told. */
function presentFields(org: Org, { kind, objectName, id, fields }: Change): Record<string, unknown> {
  const object = org.objects.get(objectName.toLowerCase());
  if (object === undefined || kind === 'DELETE') return {};
  const record = org.records.get(objectName)?.get(id);
  const told = { ...fields, LastModifiedDate: record?.values.LastModifiedDate ?? null };
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]): [string, unknown][] => {
      const field = object.fields.get(name.toLowerCase());
      if (field === undefined || NOT_TOLD.has(name)) return [];
      if (!fieldRights(org, org.apiUserId, object, field).read) return [];
      return [[name, field.type === 'datetime' ? instantOf(value) : value]];
    }),
  );
}

/** Events write instants with a Z. */
function instantOf(value: Value): string | null {
  return typeof value === 'number' ? new Date(value).toISOString() : null;
}
