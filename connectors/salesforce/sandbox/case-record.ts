import { FIELD_TITLES, type FieldName } from '../../../src/domain/fields.ts';
import type { SandboxCase, SandboxFollowUp } from '../../../src/sandbox.ts';
import { findRecord, readField, recordsOf } from './define.ts';
import type { FieldDef, Org, SfRecord, Value } from './model.ts';
import { objectOf } from './org.ts';

/** The tasks about a record, oldest first. */
export function tasksOf(org: Org, id: string): readonly SfRecord[] {
  return recordsOf(org, 'Task').filter(({ values }) => values.WhatId === id);
}

/** The name of a user or a queue. */
export function ownerName(org: Org, id: Value | undefined): string | null {
  const owner = findRecord(org, 'User', id) ?? findRecord(org, 'Group', id);
  return typeof owner?.values.Name === 'string' ? owner.values.Name : null;
}

/** The fields of cases that carry a title of ours. */
export function titledFields(org: Org): readonly (readonly [FieldName, FieldDef])[] {
  const custom = [...objectOf(org, 'Case').fields.values()].filter((field) => field.custom === true);
  return (Object.keys(FIELD_TITLES) as FieldName[]).flatMap((name) =>
    custom
      .filter(({ label }) => label === FIELD_TITLES[name])
      .map((field): readonly [FieldName, FieldDef] => [name, field]),
  );
}

/** The tasks that the API made about a case, the way an agent sees them. */
export function followUpsOf(
  org: Org,
  record: SfRecord,
  urlOf: (id: string) => string,
): readonly SandboxFollowUp[] {
  return tasksOf(org, record.id)
    .filter(({ values }) => values.CreatedById === org.apiUserId)
    .map(({ id, values }) => ({
      id,
      url: urlOf(id),
      subject: String(values.Subject ?? ''),
      dueAt: dueAtOf(values),
      owner: ownerName(org, values.OwnerId),
    }));
}

/** What stands on the record of a case. */
export function readCase(org: Org, record: SfRecord): SandboxCase {
  const { id, values } = record;
  const titled = titledFields(org);
  const shown = (name: FieldName): unknown => {
    const field = titled.find(([title]) => title === name)?.[1];
    return field === undefined ? null : readField(org, record, field);
  };
  const level = String(shown('level') ?? '').toLowerCase();
  const score = shown('score');
  const answeredAt = shown('answeredAt');
  const isHeld = org.lockedIds.has(id);
  return {
    caseId: id,
    state: isHeld ? 'locked' : values.IsClosed === true ? 'closed' : 'open',
    score: score === null ? null : Number(score),
    level: level === 'low' || level === 'neutral' || level === 'high' ? level : null,
    rating: textOf(shown('rating')),
    comment: textOf(shown('comment')),
    link: textOf(shown('link')),
    reasons: textOf(shown('reasons')),
    answeredAt: typeof answeredAt === 'number' ? new Date(answeredAt).toISOString() : textOf(answeredAt),
    tags: [],
    notes: recordsOf(org, 'CaseComment')
      .filter((comment) => comment.values.ParentId === id && comment.values.IsPublished !== true)
      .map((comment) => String(comment.values.CommentBody ?? '')),
    publicReplies: recordsOf(org, 'CaseComment')
      .filter((comment) => comment.values.ParentId === id && comment.values.IsPublished === true)
      .map((comment) => String(comment.values.CommentBody ?? '')),
    mailsToCustomer: org.customerMails.filter((caseId) => caseId === id).length,
  };
}

function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}

/** The reminder tells the hour when it falls on the day that the task is due. */
function dueAtOf({ ActivityDate, IsReminderSet, ReminderDateTime }: SfRecord['values']): string | null {
  if (typeof ActivityDate !== 'string') return null;
  if (IsReminderSet !== true || typeof ReminderDateTime !== 'number') return ActivityDate;
  const remindedAt = new Date(ReminderDateTime).toISOString();
  return remindedAt.startsWith(ActivityDate) ? remindedAt : ActivityDate;
}
