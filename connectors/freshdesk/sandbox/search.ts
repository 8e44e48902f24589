import { MINUTE_MS } from '../../../src/clock.ts';
import type { ApiCall, ApiReply, ApiRoute } from './api.ts';
import type { Ticket } from './model.ts';
import { allowOnly, readPositive } from './params.ts';
import { presentListed } from './presenters.ts';
import { invalidValue } from './refusal.ts';
import { parseSearch, type SearchTerm, type SearchValue } from './search-query.ts';
import type { State } from './state.ts';
import { isTrashed } from './tickets.ts';

const PAGE_SIZE = 30;
const MOST_PAGES = 10;
const LONGEST_QUERY = 512;

/** The vendor's index is minutes behind; a ticket that changed since is not found at all here. */
const INDEX_LAG_MS = 3 * MINUTE_MS;

type FieldReader = (ticket: Ticket) => SearchValue | readonly string[];

/** `GET /search/tickets`: 30 a page, 10 pages, days for dates, nothing archived and nothing of the last minutes. */
export function searchRoute(state: State): ApiRoute {
  return { method: 'GET', path: '/search/tickets', handle: (call) => searchTickets(state, call) };
}

function searchTickets(state: State, call: ApiCall): ApiReply {
  allowOnly(call.query, ['query', 'page']);
  const quoted = /^"(.+)"$/s.exec(call.query.get('query') ?? '')?.[1];
  const wrong = (): Error => invalidValue('query', 'Query is not in the right format');
  if (quoted === undefined) throw wrong();
  if (quoted.length > LONGEST_QUERY)
    throw invalidValue('query', `It should have maximum of ${LONGEST_QUERY} characters`);
  const page = readPositive(call.query, 'page', { byDefault: 1, most: MOST_PAGES });
  const term = parseSearch(quoted);
  if (term === null) throw wrong();
  const readers = readersOf(state);
  demandKnownFields(term, readers);

  const indexedUntil = state.clock.now().getTime() - INDEX_LAG_MS;
  const found = [...state.tickets.values()].filter(
    (ticket) =>
      ticket.updatedAt.getTime() <= indexedUntil &&
      !ticket.isArchived &&
      !isTrashed(ticket) &&
      holds(term, readers, ticket),
  );
  const end = page * PAGE_SIZE;
  return {
    body: {
      total: found.length,
      results: found
        .slice(end - PAGE_SIZE, end)
        .map((ticket) => presentListed(state, ticket, new Set(['description']))),
    },
  };
}

function readersOf(state: State): ReadonlyMap<string, FieldReader> {
  const readers = new Map<string, FieldReader>([
    ['agent_id', (ticket) => ticket.responderId],
    ['group_id', (ticket) => ticket.groupId],
    ['priority', (ticket) => ticket.priority],
    ['status', (ticket) => ticket.status],
    ['tag', (ticket) => ticket.tags],
    ['type', (ticket) => ticket.type],
    ['due_by', (ticket) => dayOf(ticket.dueBy)],
    ['fr_due_by', (ticket) => dayOf(ticket.firstResponseDueBy)],
    ['created_at', (ticket) => dayOf(ticket.createdAt)],
    ['updated_at', (ticket) => dayOf(ticket.updatedAt)],
  ]);
  for (const field of state.fields.values())
    if (/^custom_(text|number|checkbox|dropdown)$/.test(field.type))
      readers.set(field.name, (ticket) => ticket.fieldValues.get(field.name) ?? null);
  return readers;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function demandKnownFields(term: SearchTerm, readers: ReadonlyMap<string, FieldReader>): void {
  if ('all' in term || 'any' in term) {
    for (const part of 'all' in term ? term.all : term.any) demandKnownFields(part, readers);
    return;
  }
  if (!readers.has(term.field))
    throw invalidValue(term.field, 'Unexpected/invalid field in request', 'invalid_field');
}

function holds(term: SearchTerm, readers: ReadonlyMap<string, FieldReader>, ticket: Ticket): boolean {
  if ('all' in term) return term.all.every((part) => holds(part, readers, ticket));
  if ('any' in term) return term.any.some((part) => holds(part, readers, ticket));
  const value = readers.get(term.field)?.(ticket) ?? null;
  if (Array.isArray(value)) return term.comparison === 'is' && value.includes(String(term.value));
  if (term.comparison === 'is') return value === term.value;
  if (value === null || term.value === null) return false;
  return term.comparison === 'at least' ? value >= term.value : value <= term.value;
}
