import type { FollowUpTask, Receipt } from '../../src/connector.ts';
import type { ZendeskApi } from './client.ts';
import { type Job, outcomesWithoutJob, receiptFor } from './jobs.ts';
import { JobStatus, TicketList } from './schema.ts';
import { agentUrl, FOLLOW_UP_TAG } from './snapshot.ts';

/**
 * Makes one task ticket per follow-up by `create_many`. No requester is named, so it is the user behind our credentials,
 * never the customer, and the comment is private: nothing reaches the customer. The key is the external id; a task whose
 * outcome is unknown is looked up by it first, since bulk creation takes no Idempotency-Key.
 *
 * https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-many-tickets (2026-11-21)
 */
export async function followUpAll(api: ZendeskApi, tasks: readonly FollowUpTask[]): Promise<Receipt> {
  const found: Job['found'] = [];
  const missing: FollowUpTask[] = [];
  for (const task of tasks) {
    const ticketId = task.outcomeUnknown ? await findByKey(api, task.key) : null;
    if (ticketId === null) missing.push(task);
    else found.push({ key: task.key, ticketId });
  }
  if (missing.length === 0) return { outcomes: outcomesWithoutJob(api, { found, refused: [] }) };
  const tickets = missing.map((task) => toTicket(task, api.baseUrl));
  const started = await api.call(JobStatus, (zendesk) =>
    zendesk.tickets.post(['tickets', 'create_many'], { tickets }),
  );
  const entries = missing.map(({ key }) => ({ keys: [key], ticketId: null }));
  return receiptFor(api, started, { action: 'create', of: 'tickets', entries, found });
}

/** The ticket with that external id, or null. They are not unique in Zendesk: the oldest is the one that others may already point at. */
export async function findByKey(api: ZendeskApi, key: string): Promise<number | null> {
  const { tickets } = await api.read('tickets.json', { external_id: key }, TicketList);
  const ids = tickets.map(({ id }) => id);
  return ids.length === 0 ? null : Math.min(...ids);
}

function toTicket(task: FollowUpTask, baseUrl: string): Record<string, unknown> {
  return {
    type: 'task',
    priority: 'high',
    subject: task.subject,
    comment: {
      body: `${task.body}\n\nCase #${task.caseId}: ${agentUrl(baseUrl, task.caseId)}`,
      public: false,
    },
    due_at: task.dueAt.toISOString(),
    external_id: task.key,
    tags: [FOLLOW_UP_TAG],
    ...(task.ownerId === null ? {} : { assignee_id: Number(task.ownerId) }),
    ...(task.teamId === null ? {} : { group_id: Number(task.teamId) }),
  };
}
