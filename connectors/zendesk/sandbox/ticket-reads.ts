import type { ApiRoute } from './api.ts';
import type { Ticket, TicketComment } from './model.ts';
import { paginate } from './paging.ts';
import { readId, readIdList } from './params.ts';
import { presentAudit, presentComment, presentMetrics, presentTicket } from './presenters.ts';
import { invalidAttribute, recordNotFound, tooManyValues } from './refusal.ts';
import { sideload } from './sideloads.ts';
import type { State } from './state.ts';
import { findTicket } from './tickets.ts';

const SHOW_MANY = 100;

/** The endpoints that read tickets and what hangs on them. */
export function ticketReadRoutes(state: State): readonly ApiRoute[] {
  const resource = 'tickets';
  const listed = (): Ticket[] => [...state.tickets.values()].filter((ticket) => ticket.status !== 'deleted');

  return [
    {
      method: 'get',
      path: '/tickets',
      resource,
      handle: (call) => {
        const externalId = call.query.get('external_id');
        const rows = listed().filter((ticket) => externalId === null || ticket.externalId === externalId);
        const present = (ticket: Ticket): unknown => presentTicket(state, call.url, ticket);
        const page = paginate(call, 'tickets', rows, present, 'tickets');
        const shown = rows.filter((ticket) => isOnPage(page, ticket));
        return { body: { ...page, ...sideload(state, call.url, call.query.get('include'), shown) } };
      },
    },
    {
      method: 'get',
      path: '/tickets/show_many',
      resource,
      handle: ({ url, query }) => {
        const ids = readIdList('ids', query.get('ids'));
        if (ids.length > SHOW_MANY) throw tooManyValues('ids', SHOW_MANY);
        const wanted = new Set(ids);
        const found = listed().filter((ticket) => wanted.has(ticket.id));
        return {
          body: {
            tickets: found.map((ticket) => presentTicket(state, url, ticket)),
            next_page: null,
            previous_page: null,
            count: found.length,
            ...sideload(state, url, query.get('include'), found),
          },
        };
      },
    },
    {
      method: 'get',
      path: '/tickets/:id',
      resource,
      handle: ({ url, query, params }) => {
        const ticket = findTicket(state, readId('id', params.id));
        const body = { ticket: presentTicket(state, url, ticket) };
        return { body: { ...body, ...sideload(state, url, query.get('include'), [ticket]) } };
      },
    },
    {
      method: 'get',
      path: '/tickets/:id/tags',
      resource,
      handle: ({ params }) => ({ body: { tags: findTicket(state, readId('id', params.id)).tags } }),
    },
    {
      method: 'get',
      path: '/tickets/:id/comments',
      resource,
      handle: (call) => {
        const ticket = findTicket(state, readId('id', call.params.id));
        const rows = inOrder(call.query.get('sort'), ticket.comments);
        return { body: paginate(call, 'comments', rows, presentComment, `tickets/${ticket.id}/comments`) };
      },
    },
    {
      method: 'get',
      path: '/tickets/:id/audits',
      resource,
      handle: (call) => {
        const ticket = findTicket(state, readId('id', call.params.id));
        return { body: paginate(call, 'audits', ticket.audits, presentAudit, `tickets/${ticket.id}/audits`) };
      },
    },
    {
      method: 'get',
      path: '/tickets/:id/metrics',
      resource,
      handle: ({ url, params }) => {
        const ticket = findTicket(state, readId('id', params.id));
        return { body: { ticket_metric: presentMetrics(url, ticket) } };
      },
    },
    {
      method: 'get',
      path: '/ticket_metrics',
      resource,
      handle: (call) => {
        const present = (ticket: Ticket): unknown => presentMetrics(call.url, ticket);
        return { body: paginate(call, 'ticket_metrics', listed(), present, 'ticket_metrics') };
      },
    },
    {
      method: 'get',
      path: '/ticket_metrics/:id',
      resource,
      handle: ({ url, params }) => {
        const id = readId('id', params.id);
        const ticket = listed().find((one) => one.metrics.id === id);
        if (ticket === undefined) throw recordNotFound();
        return { body: { ticket_metric: presentMetrics(url, ticket) } };
      },
    },
  ];
}

/** Oldest first, unless the newest are asked for. Throws for any other order. */
function inOrder(sort: string | null, comments: readonly TicketComment[]): readonly TicketComment[] {
  if (sort === null || sort === 'created_at') return comments;
  if (sort === '-created_at') return [...comments].reverse();
  throw invalidAttribute('sort', 'created_at or -created_at');
}

function isOnPage(page: Record<string, unknown>, ticket: Ticket): boolean {
  const rows = page.tickets;
  return Array.isArray(rows) && rows.some((row: { id: number }) => row.id === ticket.id);
}
