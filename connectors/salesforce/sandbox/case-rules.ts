import { findRecord, recordsOf } from './define.ts';
import type { Org, Value } from './model.ts';
import { requireOwner } from './owners.ts';
import { RowRefusal } from './refusal.ts';
import { nextOrdinal, type ObjectRules, overwrite, touch } from './transaction.ts';

const COMMENT_BYTES = 4_000;

/** Numbers, owners, and the closing that follows from the status. */
export const caseRules: ObjectRules = {
  before({ org, actor, stampMs }, draft, before) {
    if (before === null) {
      draft.CaseNumber = String(nextOrdinal(org, 'CaseNumber') + 1_000).padStart(8, '0');
      draft.OwnerId ??= actor.userId;
      draft.AccountId ??= findRecord(org, 'Contact', draft.ContactId)?.values.AccountId ?? null;
    }
    draft.Status ??= 'New';
    requireOwner(org, 'Case', draft.OwnerId ?? null, before?.OwnerId ?? null);
    requireRecordType(org, draft.RecordTypeId ?? null);
    const isClosed = isClosedStatus(org, 'CaseStatus', draft.Status);
    // The status decides; closing again while closed keeps the first instant.
    if (isClosed && before?.IsClosed !== true) draft.ClosedDate = stampMs;
    if (!isClosed) draft.ClosedDate = null;
    draft.IsClosed = isClosed;
  },
};

/** A comment moves its case; a published one is mailed to the contact. */
export const commentRules: ObjectRules = {
  before(_transaction, draft) {
    const body = typeof draft.CommentBody === 'string' ? draft.CommentBody : '';
    if (Buffer.byteLength(body) <= COMMENT_BYTES) return;
    const message = `Body: data value too large: ${body} (max length=${COMMENT_BYTES})`;
    throw new RowRefusal('STRING_TOO_LONG', message, ['CommentBody']);
  },
  after(transaction, { values }, before) {
    const { org } = transaction;
    const parent = findRecord(org, 'Case', values.ParentId);
    if (parent === undefined) return;
    overwrite(transaction, parent, touch(transaction));
    const contact = findRecord(org, 'Contact', parent.values.ContactId);
    const isNew = before === null && values.IsPublished === true;
    if (isNew && typeof contact?.values.Email === 'string') org.customerMails.push(parent.id);
  },
};

/** Whether an entry of a status list counts as closed. Entries that are not listed do not. */
export function isClosedStatus(
  org: Org,
  listName: 'CaseStatus' | 'TaskStatus',
  status: Value | undefined,
): boolean {
  return recordsOf(org, listName).some(({ values }) => values.ApiName === status && values.IsClosed === true);
}

function requireRecordType(org: Org, id: Value): void {
  if (id === null || findRecord(org, 'RecordType', id)?.values.SobjectType === 'Case') return;
  const message = 'Record Type ID: this ID value isn’t valid for the user';
  throw new RowRefusal('INVALID_CROSS_REFERENCE_KEY', message, ['RecordTypeId']);
}
