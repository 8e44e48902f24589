import type { FollowUpTask, Outcome, Receipt } from '../../src/connector.ts';
import { CaseloopError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import type { Config } from './config.ts';
import { toId } from './ids.ts';
import { ownerOf } from './owners.ts';
import type { People } from './people.ts';
import type { Picklists } from './picklists.ts';
import { inBatches } from './read-cases.ts';
import { errorOf, outcomeOf, requireBatch, SaveResults } from './rows.ts';
import { Task, type User } from './schema.ts';
import { recordUrl } from './snapshot.ts';
import { quoteAll } from './soql.ts';
import { boundUnits } from './texts.ts';
import { noSuchCase } from './write-back.ts';

/** The most a task's description takes (2026-11-21). */
const LONGEST_DESCRIPTION = 32_000;
const LONGEST_SUBJECT = 255;

interface Around {
  readonly config: Config;
  readonly people: () => Promise<People>;
  readonly picklists: Picklists;
}

/**
 * Makes one task per follow-up by one collection call, on the case and with no contact, so that nothing mails the customer.
 * Its last line is the key: a task whose outcome is unknown is looked for among the tasks of its case first.
 *
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm (2026-11-22)
 */
export async function followUpAll(
  api: SalesforceApi,
  around: Around,
  tasks: readonly FollowUpTask[],
): Promise<Receipt> {
  requireBatch('follow-up', tasks);
  if (tasks.length === 0) return { outcomes: [] };
  const outcomes: Outcome[] = [];
  const made = await findMade(api, tasks);
  const people = await around.people();
  const priority = await around.picklists.highPriority();
  const missing: { readonly key: string; readonly record: Record<string, unknown> }[] = [];
  for (const task of tasks) {
    const taskId = made.get(task.key);
    if (taskId !== undefined) {
      outcomes.push({ key: task.key, result: 'done', ref: refTo(api, taskId) });
      continue;
    }
    try {
      missing.push({
        key: task.key,
        record: toRecord(task, ownerOf(task.ownerId, people, around.config), priority),
      });
    } catch (error) {
      if (!(error instanceof CaseloopError)) throw error;
      outcomes.push(outcomeOf(task.key, error, null));
    }
  }
  if (missing.length === 0) return { outcomes };
  const records = missing.map(({ record }) => record);
  const rows = await api.call(SaveResults, (salesforce) => salesforce.create('Task', records));
  missing.forEach(({ key }, index) => {
    const row = rows[index];
    const ref = row?.id == null ? null : refTo(api, row.id);
    outcomes.push(outcomeOf(key, errorOf('follow-up', row), ref));
  });
  return { outcomes };
}

/** The tasks that an earlier attempt made, by key. Asks only about those of unknown outcome. */
async function findMade(
  api: SalesforceApi,
  tasks: readonly FollowUpTask[],
): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  const unsure = tasks.filter(({ outcomeUnknown }) => outcomeUnknown);
  const caseIds = unsure.map(({ caseId }) => toId('case', caseId)).filter((id) => id !== null);
  for (const batch of inBatches([...new Set(caseIds)])) {
    const soql = `SELECT Id, Description FROM Task WHERE WhatId IN ${quoteAll(batch)} ORDER BY CreatedDate, Id`;
    for (const { Id, Description } of await api.rows(Task, soql)) {
      // The whole line: a key may begin like another.
      const lines = new Set(Description?.split(/\r?\n/).map((line) => line.trim()));
      const known = unsure.find((task) => lines.has(keyLine(task)));
      if (known !== undefined && !made.has(known.key)) made.set(known.key, Id);
    }
  }
  return made;
}

/** The line by which a task or a note is known again. */
export function keyLine({ key }: FollowUpTask): string {
  return `Caseloop ${key}`;
}

function toRecord(task: FollowUpTask, owner: User | null, priority: string | null): Record<string, unknown> {
  const caseId = toId('case', task.caseId);
  if (caseId === null) throw noSuchCase('follow-up');
  const end = `\n\n${keyLine(task)}`;
  return {
    Subject: boundUnits(task.subject, LONGEST_SUBJECT),
    Description: `${boundUnits(task.body, LONGEST_DESCRIPTION - end.length)}${end}`,
    WhatId: caseId,
    ActivityDate: dayOf(task.dueAt, owner?.TimeZoneSidKey ?? null),
    IsReminderSet: true,
    ReminderDateTime: task.dueAt.toISOString(),
    // Left out, the status is the org's own default, which is always a valid one.
    ...(priority === null ? {} : { Priority: priority }),
    ...(owner === null ? {} : { OwnerId: owner.Id }),
  };
}

/** A due date has no time: the day it is where its owner works. */
function dayOf(instant: Date, zone: string | null): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone: zone ?? 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instant);
}

function refTo({ orgUrl }: SalesforceApi, id: string): { id: string; url: string } {
  return { id, url: recordUrl(orgUrl, id) };
}
