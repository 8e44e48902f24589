import type { RecoveryLook, RecoveryState } from '../../src/connector.ts';
import type { SalesforceApi } from './client.ts';
import { toId } from './ids.ts';
import type { People } from './people.ts';
import { inBatches } from './read-cases.ts';
import { readReplies } from './replies.ts';
import { requireBatch } from './rows.ts';
import { TaskState } from './schema.ts';
import { quoteAll } from './soql.ts';

/**
 * Whether customers were answered after a low score, or the task was completed: two queries for what was said on all the cases
 * since the oldest score, one for all the tasks.
 */
export async function lookAfterAll(
  api: SalesforceApi,
  people: () => Promise<People>,
  optOutUrl: string,
  items: readonly RecoveryLook[],
): Promise<readonly RecoveryState[]> {
  requireBatch('looking after low scores', items);
  const looks = items.map(({ key, caseId, since, taskId }) => ({
    ...{ key, since },
    caseId: toId('case', caseId),
    taskId: taskId === null ? null : toId('task', taskId),
  }));
  const caseIds = looks.flatMap(({ caseId }) => caseId ?? []);
  const oldest = new Date(Math.min(...items.map(({ since }) => since.getTime())));
  const replies =
    caseIds.length === 0 ? [] : await readReplies(api, people, { caseIds, since: oldest, optOutUrl });
  const done = await readDone(
    api,
    looks.flatMap(({ taskId }) => taskId ?? []),
  );
  return looks.map(({ key, caseId, since, taskId }) => {
    const times = replies
      .filter((one) => one.caseId === caseId && one.at > since)
      .map(({ at }) => at.getTime());
    return {
      key,
      repliedAt: times.length === 0 ? null : new Date(Math.min(...times)),
      taskDoneAt: done.get(taskId ?? '') ?? null,
    };
  });
}

/** When those of these tasks were completed that are. */
async function readDone(api: SalesforceApi, taskIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const done = new Map<string, Date>();
  for (const batch of inBatches([...new Set(taskIds)])) {
    const soql = `SELECT Id, IsClosed, CompletedDateTime, LastModifiedDate FROM Task WHERE IsClosed = true AND Id IN ${quoteAll(batch)}`;
    for (const { Id, CompletedDateTime, LastModifiedDate } of await api.rows(TaskState, soql))
      done.set(Id, CompletedDateTime ?? LastModifiedDate);
  }
  return done;
}
