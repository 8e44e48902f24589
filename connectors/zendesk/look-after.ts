import type { RecoveryLook, RecoveryState } from '../../src/connector.ts';
import { isOwnAsk } from '../../src/domain/own-ask.ts';
import type { ZendeskApi } from './client.ts';
import { readLatest } from './comments.ts';
import { toId } from './ids.ts';
import { readStaff } from './people.ts';
import { type Comment, type MetricSet, type Ticket, TicketPage } from './schema.ts';
import { BATCH_SIZE } from './watch.ts';

/** A ticket with when something was last said on it, as far as Zendesk tells. */
interface Seen {
  readonly ticket: Ticket;
  readonly metric: MetricSet | null;
}

/**
 * Whether customers were answered after a low score, or the task ticket was solved. One `show_many` tells for 100 tickets when
 * something was last said; only where that was after the score, the latest 100 comments are read. Authors whom no ticket
 * brought along are looked up together. An answer is public, by an agent, and not a survey of ours.
 *
 * https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/ (2026-11-21)
 */
export async function lookAfterAll(
  api: ZendeskApi,
  optOutUrl: string,
  items: readonly RecoveryLook[],
): Promise<readonly RecoveryState[]> {
  const wanted = items.flatMap(({ caseId, taskId }) => [toId(caseId) ?? [], toId(taskId) ?? []].flat());
  const tickets = await readTickets(api, [...new Set(wanted)]);
  const said = new Map<number, readonly Comment[]>();
  for (const [id, since] of earliestBy(items)) {
    const seen = tickets.get(id);
    if (seen === undefined || (lastSaidAt(seen) ?? seen.ticket.updated_at) <= since) continue;
    const requester = seen.ticket.requester_id;
    const isCandidate = (one: Comment): boolean =>
      one.public === true && one.author_id !== requester && !isOwnAsk(one.body ?? '', optOutUrl);
    said.set(id, (await readLatest(api, id)).filter(isCandidate));
  }
  const authors = [...said.values()].flat().flatMap(({ author_id }) => author_id ?? []);
  const staff = await readStaff(api, authors);
  return items.map(({ key, caseId, since, taskId }) => {
    const replies = (said.get(toId(caseId) ?? -1) ?? []).filter(({ author_id }) =>
      staff.has(author_id ?? -1),
    );
    return {
      key,
      repliedAt: firstAfter(since, replies),
      taskDoneAt: doneAt(tickets.get(toId(taskId) ?? -1)),
    };
  });
}

/** Deleted and unknown ones are left out. */
async function readTickets(api: ZendeskApi, ids: readonly number[]): Promise<ReadonlyMap<number, Seen>> {
  const found = new Map<number, Seen>();
  for (let start = 0; start < ids.length; start += BATCH_SIZE) {
    const query = { ids: ids.slice(start, start + BATCH_SIZE).join(','), include: 'metric_sets' };
    const page = await api.read('tickets/show_many.json', query, TicketPage);
    const metrics = new Map(page.metric_sets.map((metric) => [metric.ticket_id, metric]));
    for (const ticket of page.tickets)
      found.set(ticket.id, { ticket, metric: ticket.metric_set ?? metrics.get(ticket.id) ?? null });
  }
  return found;
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

/** Null where Zendesk gives no metrics: a ticket out of its archive. */
function lastSaidAt({ metric }: Seen): Date | null {
  return metric?.latest_comment_added_at ?? null;
}

function firstAfter(since: Date, replies: readonly Comment[]): Date | null {
  const times = replies.flatMap(({ created_at: at }) => (at != null && at > since ? [at.getTime()] : []));
  return times.length === 0 ? null : new Date(Math.min(...times));
}

function doneAt(seen: Seen | undefined): Date | null {
  if (seen === undefined || !['solved', 'closed'].includes(seen.ticket.status.toLowerCase())) return null;
  return seen.metric?.solved_at ?? seen.ticket.updated_at;
}
