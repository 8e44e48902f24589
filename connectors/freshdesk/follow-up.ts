import type { FollowUpTask, Receipt, RecordRef } from '../../src/connector.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { toId } from './ids.ts';
import { inTurn } from './in-turn.ts';
import type { MadeTickets } from './made-tickets.ts';
import { agentUrl, OPEN_STATUS } from './snapshot.ts';

const HIGH_PRIORITY = 3;

/**
 * Makes one ticket per follow-up, for the internal requester, so that nothing reaches the customer. Its key stands in our own
 * field. Those whose outcome is unknown are looked for first, among the tickets that we made and not in the search index, which
 * is minutes behind. Throws ConfigError when our field is missing.
 * https://developers.freshdesk.com/api/#create_ticket (2026-11-22)
 */
export async function followUpAll(
  api: FreshdeskApi,
  made: MadeTickets,
  { as }: Config['followUp'],
  tasks: readonly FollowUpTask[],
): Promise<Receipt> {
  if (tasks.length === 0) return { outcomes: [] };
  await made.requireField();
  const found = await findAgain(made, tasks);
  const items = tasks.map((task) => ({ keys: [task.key], task }));
  return inTurn(items, async ({ task }) => ({
    ref:
      found.get(task.key) ??
      (await made.make({
        ...task,
        body: `${task.body}\n\nCase #${task.caseId}: ${agentUrl(api.baseUrl, task.caseId)}`,
        status: OPEN_STATUS,
        priority: HIGH_PRIORITY,
        parentId: as === 'child' ? toId(task.caseId) : null,
        customFields: {},
      })),
  }));
}

/** The records of those whose outcome is unknown, as far as they are there. Asks nothing when there are none. */
export async function findAgain(
  made: MadeTickets,
  items: readonly { readonly key: string; readonly outcomeUnknown: boolean }[],
): Promise<ReadonlyMap<string, RecordRef>> {
  const unknown = items.filter(({ outcomeUnknown }) => outcomeUnknown).map(({ key }) => key);
  return unknown.length === 0 ? new Map() : made.find(unknown);
}
