import type { CaseSnapshot } from './case.ts';

const SECOND_MS = 1_000;

/** One closing of one case as the store knows it. `cycle` is its ordinal in our store, from 1, in the order we heard of them. */
export interface KnownClosure {
  readonly closedAt: Date;
  readonly cycle: number;
}

/** Why the pending asks of earlier closures are called off. */
export type CancelReason = 'reopened' | 'superseded' | 'deleted';

/** What a snapshot changes about a case's closures. */
export interface ClosureChange {
  /** To be stored, then decided on with the newest snapshot at hand, which may not be this one. */
  readonly newClosure: KnownClosure | null;
  readonly cancel: CancelReason | null;
  /** The known closures (`closedAt`) whose pending asks are cancelled, before the new closure is decided. Empty without `cancel`. */
  readonly cancelled: readonly Date[];
}

/** The closure a snapshot shows, to the second; null while the case is open, deleted, or closed at an unknown instant. */
export function closureOf(snapshot: CaseSnapshot): { readonly closedAt: Date } | null {
  const closed = snapshot.state === 'closed' || snapshot.state === 'locked';
  if (!closed || snapshot.closedAt === null) return null;
  return { closedAt: toSecond(snapshot.closedAt) };
}

/**
 * True unless the stored snapshot is newer. One with the same `changedAt` counts as newer: CRMs keep seconds, and the later
 * read of two within one second is the better one.
 */
export function isNewer(snapshot: CaseSnapshot, storedChangedAt: Date | null): boolean {
  return storedChangedAt === null || snapshot.changedAt >= storedChangedAt;
}

/** Names a closure in one installation. Fit for job ids: no colon, and never digits alone. */
export function closureKey(connector: string, caseId: string, closedAt: Date): string {
  const instant = toSecond(closedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${encodeURIComponent(connector)}/${encodeURIComponent(caseId)}/${instant}Z`;
}

/**
 * What to change when a snapshot arrives, in any order and any number of times: each `closedAt` becomes one closure, and a
 * snapshot cancels only asks of closures that came before it. Repeating a snapshot after storing the change adds nothing.
 */
export function applySnapshot(
  known: { readonly closures: readonly KnownClosure[] },
  snapshot: CaseSnapshot,
): ClosureChange {
  const changedAt = toSecond(snapshot.changedAt);
  switch (snapshot.state) {
    case 'open':
      // Within one second nobody can tell "replied, then closed" from "closed, then reopened". The look before sending can.
      return cancelling(known.closures, 'reopened', (closedAt) => closedAt < changedAt);
    case 'deleted':
      return cancelling(known.closures, 'deleted', (closedAt) => closedAt <= changedAt);
    case 'closed':
    case 'locked':
      return closing(known.closures, snapshot);
  }
}

function closing(closures: readonly KnownClosure[], snapshot: CaseSnapshot): ClosureChange {
  const closure = closureOf(snapshot);
  const isKnown = closures.some(
    ({ closedAt }) => toSecond(closedAt).getTime() === closure?.closedAt.getTime(),
  );
  if (closure === null || isKnown) return { newClosure: null, cancel: null, cancelled: [] };
  const cycle = Math.max(0, ...closures.map((one) => one.cycle)) + 1;
  return {
    ...cancelling(closures, 'superseded', (closedAt) => closedAt < closure.closedAt),
    newClosure: { closedAt: closure.closedAt, cycle },
  };
}

function cancelling(
  closures: readonly KnownClosure[],
  reason: CancelReason,
  isEarlier: (closedAt: Date) => boolean,
): ClosureChange {
  const cancelled = closures
    .map(({ closedAt }) => closedAt)
    .filter((closedAt) => isEarlier(toSecond(closedAt)));
  return { newClosure: null, cancel: cancelled.length === 0 ? null : reason, cancelled };
}

function toSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / SECOND_MS) * SECOND_MS);
}
