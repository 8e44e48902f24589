import { type Clock, DAY_MS } from '../../src/clock.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { readTicket } from './archive.ts';
import type { FreshdeskApi } from './client.ts';
import { toId } from './ids.ts';
import { INCLUDE, type ReadTickets } from './reader.ts';
import { Ticket } from './schema.ts';

/**
 * Three quarters of a page of a list: the tickets that pushes just named are among the newest 100 even while others change
 * too. Also the most that one call of a writing method takes, one request after another.
 */
export const BATCH_SIZE = 75;

/**
 * The current truth of these tickets. Freshdesk has no call for many ids: one is asked for by itself (3 credits), more are
 * looked for among the tickets updated last (5 credits), and only what that list does not hold is asked for by itself.
 * Archived ones are locked; unknown ones are left out.
 */
export async function fetchCases(
  api: FreshdeskApi,
  read: ReadTickets,
  clock: Clock,
  ids: readonly string[],
): Promise<readonly CaseSnapshot[]> {
  const wanted = [...new Set(ids)].flatMap((id) => toId(id) ?? []);
  const tickets: Ticket[] = [];
  for (let start = 0; start < wanted.length; start += BATCH_SIZE) {
    const batch = wanted.slice(start, start + BATCH_SIZE);
    const listed = batch.length === 1 ? new Map<number, Ticket>() : await listNewest(api, clock);
    for (const id of batch) {
      const ticket = listed.get(id) ?? (await readTicket(api, id));
      if (ticket !== null) tickets.push(ticket);
    }
  }
  return read(tickets);
}

/** The 100 tickets that were updated last. A day's bound is only there because without any the list is by creation. */
async function listNewest(api: FreshdeskApi, clock: Clock): Promise<ReadonlyMap<number, Ticket>> {
  const since = new Date(clock.now().getTime() - DAY_MS);
  const query = {
    updated_since: `${since.toISOString().slice(0, 19)}Z`,
    order_by: 'updated_at',
    order_type: 'desc',
    include: INCLUDE,
  };
  const { items } = await api.page('tickets', query, 1, Ticket);
  return new Map(items.map((ticket) => [ticket.id, ticket]));
}
