import type { CaseSnapshot } from '../domain/case.ts';

const INSTANTS = ['changedAt', 'openedAt', 'closedAt', 'firstRepliedAt'] as const;

/** A snapshot as a jsonb column gives it back: instants are Dates again. */
export function snapshotFromJson(stored: unknown): CaseSnapshot {
  // What earlier versions did not keep is not known.
  const snapshot: Record<string, unknown> = { lastReplier: null, ...(stored as Record<string, unknown>) };
  for (const key of INSTANTS) {
    const value = snapshot[key];
    if (typeof value === 'string') snapshot[key] = new Date(value);
  }
  return snapshot as unknown as CaseSnapshot;
}
