import { SECOND_MS } from '../../../src/clock.ts';
import { makeId } from './ids.ts';
import type { Change, ObjectDef, Org, SfRecord, Value } from './model.ts';

/** Who writes, and by which way. */
export interface Actor {
  readonly userId: string;
  /** As change events name it. */
  readonly origin: string;
  /** Through the API: then field-level security and the rights of the user count. */
  readonly isApi: boolean;
}

/** Writes that are told together. What they wrote can be seen at once, since nothing waits in between. */
export interface Transaction {
  readonly org: Org;
  readonly actor: Actor;
  /** The one instant that all its records carry. */
  readonly stampMs: number;
  readonly changes: Change[];
  readonly undo: (() => void)[];
}

/** Now, in whole seconds, and never before an earlier stamp. */
export function stamp(org: Org): number {
  const nowMs = Math.floor(org.now().getTime() / SECOND_MS) * SECOND_MS;
  org.lastStampMs = Math.max(org.lastStampMs, nowMs);
  return org.lastStampMs;
}

/** Opens a transaction; `stampMs` is now unless it began earlier. */
export function begin(org: Org, actor: Actor, stampMs = stamp(org)): Transaction {
  return { org, actor, stampMs, changes: [], undo: [] };
}

/** Tells everybody who listens. A transaction without changes tells nothing. */
export function commit({ org, actor, changes }: Transaction): void {
  if (changes.length === 0) return;
  const told = {
    changes: [...changes],
    userId: actor.userId,
    origin: actor.origin,
    committedAtMs: org.now().getTime(),
  };
  for (const listener of org.commitListeners) listener(told);
}

/** A point to return to. */
export function savepoint({ changes, undo }: Transaction): {
  readonly changes: number;
  readonly undo: number;
} {
  return { changes: changes.length, undo: undo.length };
}

/** Takes back what was written since the savepoint, or everything. */
export function rollback(
  transaction: Transaction,
  to: { readonly changes: number; readonly undo: number } = { changes: 0, undo: 0 },
): void {
  for (const step of transaction.undo.splice(to.undo).reverse()) step();
  transaction.changes.splice(to.changes);
}

/** The next number that a counter of the org gives, from 1. */
export function nextOrdinal(org: Org, counter: string): number {
  const ordinal = (org.counters.get(counter) ?? 0) + 1;
  org.counters.set(counter, ordinal);
  return ordinal;
}

/** Stores a new record as it is, without any rule. Returns it. */
export function putRecord(
  org: Org,
  object: ObjectDef,
  values: Readonly<Record<string, Value>>,
  about: { readonly userId: string; readonly stampMs: number; readonly metadata?: SfRecord['metadata'] },
): SfRecord {
  const id = makeId(object.keyPrefix, nextOrdinal(org, object.keyPrefix));
  const { userId, stampMs, metadata } = about;
  const record: SfRecord = {
    id,
    objectName: object.name,
    values: {
      ...values,
      Id: id,
      ...(object.fields.has('systemmodstamp')
        ? {
            IsDeleted: false,
            CreatedDate: stampMs,
            CreatedById: userId,
            LastModifiedDate: stampMs,
            LastModifiedById: userId,
            SystemModstamp: stampMs,
          }
        : {}),
    },
    ...(metadata === undefined ? {} : { metadata }),
  };
  const rows = org.records.get(object.name) ?? new Map<string, SfRecord>();
  rows.set(id, record);
  org.records.set(object.name, rows);
  return record;
}

/** Overwrites values of a record; undone with its transaction. */
export function overwrite(
  transaction: Transaction,
  record: SfRecord,
  values: Readonly<Record<string, Value>>,
): void {
  const before = { ...record.values };
  transaction.undo.push(() => {
    for (const name of Object.keys(record.values)) delete record.values[name];
    Object.assign(record.values, before);
  });
  Object.assign(record.values, values);
}

/** What every change of a record leaves on it. */
export function touch({ actor, stampMs }: Transaction): Record<string, Value> {
  return { LastModifiedDate: stampMs, LastModifiedById: actor.userId, SystemModstamp: stampMs };
}

/** A record while it is being written. */
export type Draft = Record<string, Value>;

/** What Salesforce itself does with the records of an object. `before` is null for new ones. */
export interface ObjectRules {
  /** May change the draft, and throws RowRefusal. */
  before?(transaction: Transaction, draft: Draft, before: Readonly<Draft> | null): void;
  after?(transaction: Transaction, record: SfRecord, before: Readonly<Draft> | null): void;
}
