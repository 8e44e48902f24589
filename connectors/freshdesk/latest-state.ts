import { type Clock, MINUTE_MS } from '../../src/clock.ts';
import type { FreshdeskApi } from './client.ts';
import { RecordGone } from './refusal.ts';
import { Ticket } from './schema.ts';

/** A list costs a credit and two for its include, a ticket by itself one and one. */
const LIST_CREDITS = 3;
const TICKET_CREDITS = 2;

/** Some plans give 20 pages a minute, and the watch wants some too. */
const MOST_PAGES = 10;

/** A list begins so long before it was read last: clocks differ, and a ticket that moved to the front between two pages was missed. */
const OVERLAP_MS = 5 * MINUTE_MS;

/** About ten megabytes. The one that was wanted first makes room. */
const MOST_KEPT = 10_000;

/** What is known of a ticket. */
interface Known {
  /** Null: it is gone, or has not changed since an instant. */
  readonly ticket: Ticket | null;
  readonly unchangedSince: Date;
  /** When it was so. */
  readonly asOf: Date;
}

/** For what is gone. */
const EVER = new Date(0);

/** A ticket with the instant after which its changes are wanted. */
export interface Wanted {
  readonly id: number;
  readonly since: Date;
}

/** Tickets that changed after the given instants, as they are now, perhaps with others that did not. */
export type ReadLatest = (wanted: readonly Wanted[]) => Promise<ReadonlyMap<number, Ticket>>;

/**
 * Freshdesk has no call for many ids, so what changed is listed, latest first, from where the last reading of these tickets
 * stands: a ticket that is not in the list is as it was. Pages are read as long as they cost less than the tickets that they
 * have not come to would by themselves, ten at most. Those are asked for one by one, and kept: a reading that a limit cut off
 * goes on where it stopped.
 */
export function createLatestState(api: FreshdeskApi, clock: Clock): ReadLatest {
  const kept = new Map<number, Known>();

  function keep(id: number, known: Known): void {
    kept.delete(id);
    kept.set(id, known);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  }

  /** From when on changes of a ticket must be listed. Of one that had not changed, nothing is known from before that. */
  function startOf({ id, since }: Wanted): Date {
    const known = kept.get(id);
    if (known === undefined || (known.ticket === null && known.unchangedSince > since)) {
      kept.delete(id);
      return since;
    }
    return new Date(known.asOf.getTime() - OVERLAP_MS);
  }

  return async (wanted) => {
    const asOf = clock.now();
    const missing = new Map(wanted.map((one) => [one.id, startOf(one)]));
    const oldest = new Date(Math.min(...[...missing.values()].map((start) => start.getTime())));
    /** Every change from then on was in the list. */
    let listedFrom: Date | null = null;
    const beyond = (): number[] =>
      [...missing].filter(([, start]) => listedFrom === null || start < listedFrom).map(([id]) => id);
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      if (page * LIST_CREDITS > beyond().length * TICKET_CREDITS) break;
      const { items, hasNext } = await api.page('tickets', queryFrom(oldest), page, Ticket);
      for (const ticket of items)
        if (missing.delete(ticket.id)) keep(ticket.id, { ticket, unchangedSince: asOf, asOf });
      listedFrom = hasNext ? (items.at(-1)?.updated_at ?? listedFrom) : oldest;
    }
    for (const id of beyond()) {
      missing.delete(id);
      keep(id, { ticket: await readTicket(api, id), unchangedSince: EVER, asOf });
    }
    for (const [id, start] of missing) {
      const { ticket, unchangedSince } = kept.get(id) ?? { ticket: null, unchangedSince: start };
      keep(id, { ticket, unchangedSince, asOf });
    }
    return new Map(wanted.map(({ id }) => [id, kept.get(id)?.ticket] as const).filter(isThere));
  };
}

function queryFrom(oldest: Date): Readonly<Record<string, string>> {
  const updated_since = `${oldest.toISOString().slice(0, 19)}Z`;
  return { updated_since, order_by: 'updated_at', order_type: 'desc', include: 'stats' };
}

function isThere(entry: readonly [number, Ticket | null | undefined]): entry is readonly [number, Ticket] {
  return entry[1] != null;
}

/** Null when it is gone, or in the archive, where nobody answers any more. */
async function readTicket(api: FreshdeskApi, id: number): Promise<Ticket | null> {
  try {
    const ticket = await api.get(`tickets/${id}`, { include: 'stats' }, Ticket);
    return ticket.deleted === true || ticket.spam === true ? null : ticket;
  } catch (error) {
    if (error instanceof RecordGone) return null;
    throw error;
  }
}
