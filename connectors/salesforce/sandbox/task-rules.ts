import { isClosedStatus } from './case-rules.ts';
import { findRecord } from './define.ts';
import { takeRow } from './held.ts';
import { requireOwner } from './owners.ts';

import type { ObjectRules } from './transaction.ts';

/** Owners, and the closing that follows from the status. */
export const taskRules: ObjectRules = {
  before({ org, actor, stampMs }, draft, before) {
    draft.OwnerId ??= actor.userId;
    draft.Status ??= 'Not Started';
    draft.Priority ??= 'Normal';
    // A task takes the row of what it is about.
    if (before === null && typeof draft.WhatId === 'string') takeRow(org, draft.WhatId);
    requireOwner(org, 'Task', draft.OwnerId, before?.OwnerId ?? null);
    draft.AccountId = findRecord(org, 'Case', draft.WhatId)?.values.AccountId ?? null;
    const isClosed = isClosedStatus(org, 'TaskStatus', draft.Status);
    if (isClosed && before?.IsClosed !== true) draft.CompletedDateTime = stampMs;
    if (!isClosed) draft.CompletedDateTime = null;
    draft.IsClosed = isClosed;
    if (draft.IsReminderSet !== true) draft.ReminderDateTime = null;
  },
};
