import type { ConnectorContext, RecoveryLook, RecoveryState } from '../../src/connector.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { toId } from './ids.ts';
import { RecordGone } from './refusal.ts';
import { type Reply, readReplies } from './replies.ts';
import { Ticket } from './schema.ts';
import { closingOf } from './snapshot.ts';
import type { FieldDirectory } from './ticket-fields.ts';

/** A list costs a credit and two for its include, a ticket by itself one and one. */
const LIST_CREDITS = 3;
const TICKET_CREDITS = 2;

/**
 * Whether customers were answered after a low score, or the task was resolved. Freshdesk has no call for many ids, but what was
 * answered has changed: the tickets updated since the oldest score are listed, latest first, and who is not among them was not
 * answered. Where an agent responded after the score, the conversation tells when, and whether it was more than our own survey.
 *
 * https://developers.freshdesk.com/api/#list_all_tickets (2026-11-22)
 */
export async function lookAfterAll(
  api: FreshdeskApi,
  about: { readonly config: Config; readonly context: ConnectorContext; readonly fields: FieldDirectory },
  items: readonly RecoveryLook[],
): Promise<readonly RecoveryState[]> {
  const tickets = await readChanged(api, items);
  const replies = new Map<number, readonly Reply[]>();
  for (const [id, since] of earliestBy(items)) {
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

/**
 * The cases and tasks of these that changed since the oldest score, perhaps with others that did not. A page more is read as
 * long as all pages cost less than what is missing would by itself. A ticket that moves to the front between two pages is
 * missed this time.
 */
async function readChanged(
  api: FreshdeskApi,
  items: readonly RecoveryLook[],
): Promise<ReadonlyMap<number, Ticket>> {
  const missing = new Set(
    items.flatMap(({ caseId, taskId }) => [toId(caseId) ?? [], toId(taskId) ?? []].flat()),
  );
  const found = new Map<number, Ticket>();
  const oldest = Math.min(...items.map(({ since }) => since.getTime()));
  const query = { order_by: 'updated_at', order_type: 'desc', include: 'stats' };
  for (let page = 1; page * LIST_CREDITS <= missing.size * TICKET_CREDITS; page += 1) {
    const since = { updated_since: `${new Date(oldest).toISOString().slice(0, 19)}Z` };
    const { items: listed, hasNext } = await api.page('tickets', { ...since, ...query }, page, Ticket);
    for (const ticket of listed) if (missing.delete(ticket.id)) found.set(ticket.id, ticket);
    if (!hasNext) return found;
  }
  for (const id of missing) {
    const ticket = await readTicket(api, id);
    if (ticket !== null && ticket.deleted !== true && ticket.spam !== true) found.set(id, ticket);
  }
  return found;
}

/** Null when it is gone, or in the archive, where nobody answers any more. */
async function readTicket(api: FreshdeskApi, id: number): Promise<Ticket | null> {
  try {
    return await api.get(`tickets/${id}`, { include: 'stats' }, Ticket);
  } catch (error) {
    if (error instanceof RecordGone) return null;
    throw error;
  }
}

/** Each case with its oldest score: two closings of one case may both be waited for. */
function earliestBy(items: readonly RecoveryLook[]): ReadonlyMap<number, Date> {
  const earliest = new Map<number, Date>();
  for (const { caseId, since } of items) {
    const id = toId(caseId);
    const known = id === null ? undefined : earliest.get(id);
    if (id !== null && (known === undefined || since < known)) earliest.set(id, since);
  }
  return earliest;
}
