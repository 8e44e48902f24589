import type { ApiRoute } from './api.ts';
import type { Ticket } from './model.ts';
import { allowOnly, readChoices } from './params.ts';
import { type Include, presentTicket } from './presenters.ts';
import { methodNotAllowed, notFound } from './refusal.ts';
import type { State } from './state.ts';
import { readNewTicket, readTicketChanges } from './ticket-body.ts';
import { createTicket, isTrashed, mailPerson, updateTicket } from './tickets.ts';

const INCLUDES = ['conversations', 'requester', 'company', 'stats'] as const satisfies readonly Include[];

/** Tickets one by one, and the archive. */
export function ticketRoutes(state: State): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/tickets/:id',
      creditsPerInclude: 1,
      handle({ id, query }) {
        allowOnly(query, ['include']);
        const include = readChoices(query, 'include', INCLUDES);
        return { body: presentTicket(state, livingTicket(state, id), include) };
      },
    },
    {
      method: 'POST',
      path: '/tickets',
      endpoint: 'ticket create',
      handle({ query, body, url }) {
        allowOnly(query, []);
        const ticket = createTicket(state, readNewTicket(state, body));
        // An agent who writes on behalf of a customer: the customer is told.
        if (state.contacts.has(ticket.requesterId)) mailPerson(state, ticket, ticket.requesterId);
        return {
          status: 201,
          body: presentTicket(state, ticket, new Set()),
          headers: { Location: `${url}/api/v2/tickets/${ticket.id}` },
        };
      },
    },
    {
      method: 'PUT',
      path: '/tickets/:id',
      endpoint: 'ticket update',
      handle({ id, query, body }) {
        allowOnly(query, []);
        const ticket = changeableTicket(state, id);
        updateTicket(state, ticket, readTicketChanges(state, ticket, body));
        return { body: presentTicket(state, ticket, new Set()) };
      },
    },
    {
      method: 'GET',
      path: '/tickets/archived/:id',
      creditsPerInclude: 1,
      handle({ id, query }) {
        allowOnly(query, ['include']);
        const include = readChoices(query, 'include', INCLUDES);
        const ticket = state.tickets.get(id);
        if (ticket === undefined || !ticket.isArchived || ticket.isDeleted) throw notFound();
        return { body: { ...presentTicket(state, ticket, include), archived: true } };
      },
    },
  ];
}

/** A ticket outside the archive, deleted ones too. Throws a 404 without a body. */
export function livingTicket(state: State, id: number): Ticket {
  const ticket = state.tickets.get(id);
  if (ticket === undefined || ticket.isArchived) throw notFound();
  return ticket;
}

/** A ticket that can be written: 404 from the archive, 405 from the trash. */
export function changeableTicket(state: State, id: number): Ticket {
  const ticket = livingTicket(state, id);
  if (isTrashed(ticket)) throw methodNotAllowed(['GET']);
  return ticket;
}
