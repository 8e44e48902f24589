import type { Org, SfRecord } from './model.ts';
import { RowRefusal } from './refusal.ts';

/** Throws RowRefusal for a record that an approval process locked or whose row another transaction holds. */
export function refuseHeld(org: Org, record: SfRecord): void {
  takeRow(org, record.id);
  if (org.lockedIds.has(record.id)) {
    const message = 'This record is locked. If you need to edit it, contact your admin.';
    throw new RowRefusal('ENTITY_IS_LOCKED', message, []);
  }
}

/** Throws RowRefusal while another transaction holds the row. */
export function takeRow(org: Org, id: string): void {
  const left = org.takenRows.get(id) ?? 0;
  if (left === 0) return;
  org.takenRows.set(id, left - 1);
  throw new RowRefusal(
    'UNABLE_TO_LOCK_ROW',
    `unable to obtain exclusive access to this record or 1 records: ${id}`,
    [],
  );
}
