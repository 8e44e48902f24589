import type { FollowUpTask, Receipt } from '../../src/connector.ts';
import type { ZendeskApi } from './client.ts';
import { type Job, receiptFor, receiptForFound } from './jobs.ts';
import { TicketClosed } from './refusal.ts';
import { CommentList, JobStatus } from './schema.ts';

/** Comments looked through for our note, latest first. */
const LATEST = 100;

/**
 * Opens solved tickets again by one `update_many`, each with a private note, so that nothing mails the customer. The note ends
 * with the task's key: one whose outcome is unknown is looked for first, since opening a ticket again that an agent has solved
 * meanwhile would be wrong, and a second note too.
 *
 * A closed ticket cannot be opened again: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ (2026-11-21)
 */
export async function reopenAll(api: ZendeskApi, tasks: readonly FollowUpTask[]): Promise<Receipt> {
  const noted: Job['found'] = [];
  const missing: FollowUpTask[] = [];
  for (const task of tasks) {
    if (task.outcomeUnknown && (await hasNote(api, task))) noted.push({ key: task.key, ticketId: null });
    else missing.push(task);
  }
  if (missing.length === 0) return receiptForFound(api, noted);
  const tickets = missing.map((task) => ({
    id: Number(task.caseId),
    status: 'open',
    comment: { body: `${task.body}\n\nCaseloop ${task.key}`, public: false },
    ...(task.ownerId === null ? {} : { assignee_id: Number(task.ownerId) }),
    ...(task.teamId === null ? {} : { group_id: Number(task.teamId) }),
  }));
  let started: JobStatus;
  try {
    started = await api.call(JobStatus, (zendesk) =>
      zendesk.tickets.put(['tickets', 'update_many'], { tickets }),
    );
  } catch (error) {
    // A refusal of the whole request names no ticket, so it must be the only one.
    if (!(error instanceof TicketClosed) || tasks.length > 1) throw error;
    return { outcomes: tasks.map(({ key }) => ({ key, result: 'locked' })) };
  }
  const entries: Job['entries'] = missing.map(({ key, caseId }) => ({
    keys: [key],
    ticketId: Number(caseId),
  }));
  return receiptFor(api, started, { action: 'update', of: 'tickets', entries, found: noted });
}

async function hasNote(api: ZendeskApi, { caseId, key }: FollowUpTask): Promise<boolean> {
  const query = { 'page[size]': String(LATEST), sort: '-created_at' };
  const { comments } = await api.read(`tickets/${caseId}/comments.json`, query, CommentList);
  return comments.some(({ body }) => body?.includes(key));
}
