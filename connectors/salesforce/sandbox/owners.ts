import { findRecord, recordsOf } from './define.ts';
import type { Org, Value } from './model.ts';
import { RowRefusal } from './refusal.ts';

const OWNER_LABELS = { Case: 'Owner ID', Task: 'Assigned To ID' } as const;

/**
 * A user who still works here, or a queue that takes these records. An owner who was there before may stay.
 * Throws RowRefusal.
 */
export function requireOwner(org: Org, objectName: 'Case' | 'Task', id: Value, before: Value): void {
  if (id === before && id !== null) return;
  const user = findRecord(org, 'User', id);
  if (user !== undefined) {
    if (user.values.IsActive === true) return;
    const message = `operation performed with inactive user [${id}] as owner of ${objectName.toLowerCase()}`;
    throw new RowRefusal('INACTIVE_OWNER_OR_USER', message, []);
  }
  const isQueue = recordsOf(org, 'QueueSobject').some(
    ({ values }) => values.QueueId === id && values.SobjectType === objectName,
  );
  if (isQueue) return;
  const message = `${OWNER_LABELS[objectName]}: id value of incorrect type: ${id}`;
  throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', message, ['OwnerId']);
}
