import type { ConnectorContext, RecoveryLook, RecoveryState } from '../../src/connector.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { toId } from './ids.ts';
import type { ReadLatest } from './latest-state.ts';
import { type Reply, readReplies } from './replies.ts';
import { closingOf } from './snapshot.ts';
import type { FieldDirectory } from './ticket-fields.ts';

/**
 * Whether customers were answered after a low score, or the task was resolved. What was answered has changed, so only tickets
 * that changed are read; where an agent responded after the score, the conversation tells when, and whether it was more than our
 * own survey.
 *
 * https://developers.freshdesk.com/api/#list_all_tickets (2026-11-22)
 */
export async function lookAfterAll(
  api: FreshdeskApi,
  about: {
    readonly config: Config;
    readonly context: ConnectorContext;
    readonly fields: FieldDirectory;
    readonly readLatest: ReadLatest;
  },
  items: readonly RecoveryLook[],
): Promise<readonly RecoveryState[]> {
  if (items.length === 0) return [];
  const wanted = earliestBy(items, ({ caseId, taskId }) => [caseId, taskId]);
  const tickets = await about.readLatest([...wanted].map(([id, since]) => ({ id, since })));
  const replies = new Map<number, readonly Reply[]>();
  for (const [id, since] of earliestBy(items, ({ caseId }) => [caseId])) {
    const respondedAt = tickets.get(id)?.stats?.agent_responded_at;
    if (respondedAt != null && respondedAt > since)
      replies.set(id, await readReplies(api, id, about.context.optOutUrl));
  }
  const tasks = items.flatMap(({ taskId }) => tickets.get(toId(taskId) ?? 0) ?? []);
  const facts = tasks.length === 0 ? null : await about.fields.factsFor(tasks.map(({ status }) => status));
  const { closedStatuses } = about.config;
  return items.map(({ key, caseId, since, taskId }) => {
    const task = tickets.get(toId(taskId) ?? 0);
    return {
      key,
      repliedAt: (replies.get(toId(caseId) ?? 0) ?? []).find(({ at }) => at > since)?.at ?? null,
      taskDoneAt: task === undefined || facts === null ? null : closingOf(task, { facts, closedStatuses }),
    };
  });
}

/** Each case and task with the oldest score that waits for it: two closings of one case may both be waited for. */
function earliestBy(
  items: readonly RecoveryLook[],
  idOf: (item: RecoveryLook) => readonly (string | null)[],
): ReadonlyMap<number, Date> {
  const earliest = new Map<number, Date>();
  for (const item of items) {
    for (const id of idOf(item).flatMap((text) => toId(text) ?? [])) {
      const known = earliest.get(id);
      if (known === undefined || item.since < known) earliest.set(id, item.since);
    }
  }
  return earliest;
}
