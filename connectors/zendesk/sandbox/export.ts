import { MINUTE_MS } from '../../../src/clock.ts';
import type { ApiCall, ApiReply, ApiRoute } from './api.ts';
import type { Ticket } from './model.ts';
import { readBoolean, readCount } from './params.ts';
import { presentTicket } from './presenters.ts';
import { invalidAttribute, Refusal } from './refusal.ts';
import { sideload } from './sideloads.ts';
import { epochSeconds, type State } from './state.ts';

/** Where an export stands: everything up to this second and, within it, up to this ticket has been given out. */
interface Position {
  readonly second: number;
  readonly ticketId: number;
}

const NEWEST_START_SECONDS = 5 * 60;

/** `GET /api/v2/incremental/tickets/cursor`: tickets in the order in which they changed, the last minute withheld. */
export function exportRoutes(state: State): readonly ApiRoute[] {
  return [
    {
      method: 'get',
      path: '/incremental/tickets/cursor',
      resource: 'tickets',
      adminOnly: true,
      handle: (call) => exportPage(state, call),
    },
  ];
}

function exportPage(state: State, call: ApiCall): ApiReply {
  const { query, url } = call;
  const size = readCount(query, 'per_page', { min: 1, max: 1_000, byDefault: 1_000 });
  const hidesDeleted = readBoolean('exclude_deleted', query.get('exclude_deleted') ?? false);
  const start = readStart(state, query);
  const newestMs = state.clock.now().getTime() - MINUTE_MS;
  const rows = [...state.tickets.values()]
    .filter((ticket) => ticket.generatedAt.getTime() <= newestMs && isAfter(positionOf(ticket), start))
    .filter((ticket) => !hidesDeleted || ticket.status !== 'deleted')
    .sort((a, b) => (isAfter(positionOf(a), positionOf(b)) ? 1 : -1));
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const afterCursor = encodeCursor(last === undefined ? start : positionOf(last));
  const next = new URLSearchParams(query);
  next.delete('start_time');
  next.set('cursor', afterCursor);
  return {
    body: {
      tickets: page.map((ticket) => ({
        ...presentTicket(state, url, ticket),
        generated_timestamp: epochSeconds(ticket.generatedAt),
      })),
      ...sideload(state, url, query.get('include'), page),
      after_url: `${url}/api/v2/incremental/tickets/cursor.json?${next}`,
      after_cursor: afterCursor,
      before_url: null,
      before_cursor: null,
      end_of_stream: page.length === rows.length,
    },
  };
}

function readStart(state: State, query: URLSearchParams): Position {
  const cursor = query.get('cursor');
  if (cursor !== null && cursor !== '') return decodeCursor(cursor);
  const text = query.get('start_time');
  if (text === null || !/^\d+$/.test(text)) throw invalidAttribute('start_time', 'a time in epoch seconds');
  const second = Number(text);
  if (second > epochSeconds(state.clock.now()) - NEWEST_START_SECONDS) {
    throw new Refusal(422, {
      error: 'InvalidValue',
      description: 'Too recent start_time. Use a start_time older than 5 minutes',
    });
  }
  return { second, ticketId: 0 };
}

function positionOf(ticket: Ticket): Position {
  return { second: epochSeconds(ticket.generatedAt), ticketId: ticket.id };
}

function isAfter(a: Position, b: Position): boolean {
  return a.second > b.second || (a.second === b.second && a.ticketId > b.ticketId);
}

function encodeCursor({ second, ticketId }: Position): string {
  return Buffer.from(`${second}.0||${ticketId}|`).toString('base64');
}

function decodeCursor(cursor: string): Position {
  const match = /^(\d+)\.0\|\|(\d+)\|$/.exec(Buffer.from(cursor, 'base64').toString('utf8'));
  if (match === null) throw invalidAttribute('cursor', 'a cursor of an earlier export');
  return { second: Number(match[1]), ticketId: Number(match[2]) };
}
