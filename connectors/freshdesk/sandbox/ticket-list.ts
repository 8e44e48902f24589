import { DAY_MS } from '../../../src/clock.ts';
import type { ApiCall, ApiReply, ApiRoute } from './api.ts';
import type { Ticket } from './model.ts';
import { nextLink, PAGE_PARAMS, readPage } from './paging.ts';
import { allowOnly, readChoice, readChoices, readIdParam, readInstantParam } from './params.ts';
import { presentListed } from './presenters.ts';
import { invalidValue } from './refusal.ts';
import { findPersonByEmail, type State } from './state.ts';
import { firstChangedSince } from './ticket-order.ts';
import { isTrashed } from './tickets.ts';

const DEFAULT_WINDOW_MS = 30 * DAY_MS;
const LAST_PAGE = 300;

/** `GET /tickets`: 30 days unless `updated_since` is given, a wall after 300 pages, and two credits for each include. */
export function ticketListRoute(state: State): ApiRoute {
  return {
    method: 'GET',
    path: '/tickets',
    endpoint: 'ticket list',
    creditsPerInclude: 2,
    handle: (call) => listTickets(state, call),
  };
}

function listTickets(state: State, call: ApiCall): ApiReply {
  const { query } = call;
  allowOnly(query, [
    ...[
      'filter',
      'requester_id',
      'email',
      'company_id',
      'updated_since',
      'include',
      'order_by',
      'order_type',
    ],
    ...PAGE_PARAMS,
  ]);
  const include = readChoices(query, 'include', ['stats', 'requester', 'description', 'company'] as const);
  const orderBy = readChoice(query, 'order_by', ['created_at', 'due_by', 'updated_at', 'status'] as const);
  const isAscending = readChoice(query, 'order_type', ['asc', 'desc'] as const) === 'asc';
  const { page, size } = readPage(query);
  if (page > LAST_PAGE)
    throw invalidValue(
      'page',
      `You cannot access tickets beyond the ${LAST_PAGE}th page. Please provide a smaller page number.`,
    );
  const isWanted = readFilter(state, query);
  const since = readInstantParam(query, 'updated_since');

  const byUpdate = state.order.sorted();
  const rows = byUpdate.slice(since === undefined ? 0 : firstChangedSince(byUpdate, since)).filter(isWanted);
  if (orderBy !== 'updated_at') rows.sort(comparing(orderBy ?? 'created_at'));
  if (!isAscending) rows.reverse();
  const end = page * size;
  return {
    body: rows.slice(end - size, end).map((ticket) => presentListed(state, ticket, include)),
    headers: end < rows.length ? nextLink(call, page + 1) : {},
  };
}

function readFilter(state: State, query: URLSearchParams): (ticket: Ticket) => boolean {
  const filter = readChoice(query, 'filter', ['new_and_my_open', 'watching', 'spam', 'deleted'] as const);
  const requesterId = readIdParam(query, 'requester_id');
  const companyId = readIdParam(query, 'company_id');
  const email = query.get('email');
  const person = email === null ? undefined : findPersonByEmail(state, email);
  if (email !== null && person === undefined)
    throw invalidValue('email', 'There is no contact matching the given email');
  // Without `updated_since` only what was created of late is shown.
  const createdFrom = query.has('updated_since') ? 0 : state.clock.now().getTime() - DEFAULT_WINDOW_MS;

  const isInView = (ticket: Ticket): boolean => {
    if (filter === 'deleted') return ticket.isDeleted;
    if (filter === 'spam') return ticket.isSpam && !ticket.isDeleted;
    return (
      !isTrashed(ticket) && filter !== 'watching' && (filter === undefined || ticket.responderId === null)
    );
  };
  return (ticket) =>
    !ticket.isArchived &&
    isInView(ticket) &&
    ticket.createdAt.getTime() >= createdFrom &&
    (requesterId === undefined || ticket.requesterId === requesterId) &&
    (companyId === undefined || ticket.companyId === companyId) &&
    (person === undefined || ticket.requesterId === person.id);
}

function comparing(key: 'created_at' | 'due_by' | 'status'): (a: Ticket, b: Ticket) => number {
  const sortKeyOf = (ticket: Ticket): number => {
    if (key === 'status') return ticket.status;
    return (key === 'due_by' ? ticket.dueBy : ticket.createdAt).getTime();
  };
  return (a, b) => sortKeyOf(a) - sortKeyOf(b) || a.id - b.id;
}
