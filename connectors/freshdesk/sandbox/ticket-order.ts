import type { Ticket } from './model.ts';

/** All tickets in the order of their last change, cheap to ask for again and again while a few of them change. */
export interface TicketOrder {
  add(ticket: Ticket): void;
  /** Some ticket's `updatedAt` moved. */
  changed(): void;
  /** Oldest change first, then by id. */
  sorted(): readonly Ticket[];
}

/** An order without tickets. */
export function createTicketOrder(): TicketOrder {
  const tickets: Ticket[] = [];
  let isSorted = true;
  return {
    add(ticket) {
      tickets.push(ticket);
      isSorted = false;
    },
    changed() {
      isSorted = false;
    },
    sorted() {
      // The sort of the engine takes a time near to linear for a list that is nearly in order.
      if (!isSorted) tickets.sort((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime() || a.id - b.id);
      isSorted = true;
      return tickets;
    },
  };
}

/** The place of the first ticket that changed at that instant or later, in a list sorted by it. */
export function firstChangedSince(sorted: readonly Ticket[], since: Date): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const ticket = sorted[middle];
    if (ticket !== undefined && ticket.updatedAt < since) low = middle + 1;
    else high = middle;
  }
  return low;
}
