import type { FollowUpTask, Receipt } from '../../src/connector.ts';
import type { ZendeskApi } from './client.ts';
import { findComment } from './comments.ts';
import { toId } from './ids.ts';
import { outcomesWithoutJob, receiptFor, type Settled } from './jobs.ts';
import { TicketClosed } from './refusal.ts';
import { JobStatus } from './schema.ts';

/**
 * Opens solved tickets again by one `update_many`, each with a private note, so that nothing mails the customer. The note ends
 * with the task's key: one whose outcome is unknown is looked for first, since opening a ticket again that an agent has solved
 * meanwhile would be wrong, and a second note too.
 *
 * A closed ticket cannot be opened again: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ (2026-11-21)
 */
export async function reopenAll(api: ZendeskApi, tasks: readonly FollowUpTask[]): Promise<Receipt> {
  const settled: Settled = { found: [], refused: [] };
  const missing = new Map<number, FollowUpTask[]>();
  for (const task of tasks) {
    const ticketId = toId(task.caseId);
    const noted = ticketId === null ? 'no ticket' : await findNote(api, ticketId, task);
    if (ticketId === null || noted === 'no ticket') {
      settled.refused.push({ key: task.key, why: `Zendesk reopening: there is no ticket ${task.caseId}` });
    } else if (noted === 'there') settled.found.push({ key: task.key, ticketId: null });
    else missing.set(ticketId, [...(missing.get(ticketId) ?? []), task]);
  }
  if (missing.size === 0) return { outcomes: outcomesWithoutJob(api, settled) };
  const tickets = [...missing].map(([id, wanted]) => toUpdate(id, wanted));
  let started: JobStatus;
  try {
    started = await api.call(JobStatus, (zendesk) =>
      zendesk.tickets.put(['tickets', 'update_many'], { tickets }),
    );
  } catch (error) {
    // A refusal of the whole request names no ticket, so it must be the only one.
    if (!(error instanceof TicketClosed) || missing.size > 1) throw error;
    const locked = [...missing.values()].flat().map(({ key }) => ({ key, result: 'locked' as const }));
    return { outcomes: [...outcomesWithoutJob(api, settled), ...locked] };
  }
  const entries = [...missing].map(([ticketId, wanted]) => ({
    keys: wanted.map(({ key }) => key),
    ticketId,
  }));
  return receiptFor(api, started, { action: 'update', of: 'tickets', entries, ...settled });
}

/**
 * A ticket stands once in a job, since the results of two items for one ticket could not be told apart: all its tasks are one
 * note, and the last one says whose it is.
 */
function toUpdate(id: number, wanted: readonly FollowUpTask[]): Record<string, unknown> {
  const last = wanted.at(-1);
  return {
    id,
    status: 'open',
    comment: { body: wanted.map((task) => `${task.body}\n\n${lineOf(task)}`).join('\n\n'), public: false },
    ...(last?.ownerId == null ? {} : { assignee_id: Number(last.ownerId) }),
    ...(last?.teamId == null ? {} : { group_id: Number(last.teamId) }),
  };
}

/** The line of the note by which it is known again. */
function lineOf({ key }: FollowUpTask): string {
  return `Caseloop ${key}`;
}

/** Whether an earlier attempt left the note. Asks only where that is not known; "no ticket" when Zendesk has none of that id. */
async function findNote(
  api: ZendeskApi,
  ticketId: number,
  task: FollowUpTask,
): Promise<'there' | 'missing' | 'no ticket'> {
  return task.outcomeUnknown ? findComment(api, ticketId, lineOf(task)) : 'missing';
}
