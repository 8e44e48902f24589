import { z } from 'zod';
import { MINUTE_MS } from '../../src/clock.ts';
import type { WatchFrom, WatchPage } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { type FreshdeskApi, LAST_PAGE } from './client.ts';
import { INCLUDE, type ReadTickets } from './reader.ts';
import { Ticket } from './schema.ts';

/** How far a watch goes back when it begins, for changes that Freshdesk shows late. */
const OVERLAP_MS = MINUTE_MS;

const SECOND_MS = 1_000;

/**
 * Where a watch stands: at a page of the tickets updated since an instant, oldest first.
 *
 * Pages are offsets into a list that moves: a ticket that is updated goes to the end, everything behind it shifts up, and the
 * next page begins behind a ticket that nobody has seen. So page 1 is asked for again and again, from the last `updated_at`
 * seen. Only when a whole page lies within one second is there a page 2; tickets can leave that second and none can join it,
 * so after the last page of it the pages are read once more backwards: what shifts up is met on the way.
 */
const Cursor = z.strictObject({
  v: z.literal(1),
  since: z.iso.datetime(),
  page: z.int().min(1).max(LAST_PAGE),
  /** Set on the way back through the pages of a second: where to go on after page 1, and whether that is the end. */
  after: z.strictObject({ since: z.iso.datetime(), more: z.boolean() }).optional(),
});
type Cursor = z.output<typeof Cursor>;

/**
 * One page of what changed since the cursor, open ones too. Costs 5 credits. The list leaves out spam, deleted and archived
 * tickets. https://developers.freshdesk.com/api/#list_all_tickets (2026-11-22)
 */
export async function watchPage(api: FreshdeskApi, read: ReadTickets, from: WatchFrom): Promise<WatchPage> {
  const at = readCursor(from);
  const query = {
    updated_since: at.since,
    order_by: 'updated_at',
    order_type: 'asc',
    include: INCLUDE,
  };
  const { items, hasNext } = await api.page('tickets', query, at.page, Ticket);
  const lastAt = items.at(-1)?.updated_at ?? null;
  const { cursor, more } = nextOf(at, lastAt, hasNext);
  return { cases: await read(items), cursor: JSON.stringify(cursor), more, reachedAt: reachedAt(at, lastAt) };
}

/** Where to go on from a page that ends with `lastAt`, null when it is empty. */
function nextOf(at: Cursor, lastAt: Date | null, hasNext: boolean): { cursor: Cursor; more: boolean } {
  if (at.after !== undefined) {
    if (at.page > 1) return { cursor: { ...at, page: at.page - 1 }, more: true };
    return { cursor: { v: 1, since: at.after.since, page: 1 }, more: at.after.more };
  }
  const sinceMs = Date.parse(at.since);
  if (hasNext && lastAt !== null && lastAt.getTime() < sinceMs + SECOND_MS) {
    return { cursor: deeper(at), more: true };
  }
  const after = hasNext ? goOn(at, lastAt) : rest(at, lastAt);
  if (at.page === 1) return { cursor: { v: 1, since: after.since, page: 1 }, more: after.more };
  return { cursor: { ...at, page: at.page - 1, after }, more: true };
}

type After = NonNullable<Cursor['after']>;

/** More is there. Behind page 1 that is a later second, which has begun: nothing joins this one any more. */
function goOn(at: Cursor, lastAt: Date | null): After {
  const nextSecond = new Date(Date.parse(at.since) + SECOND_MS);
  return { since: toSecond(at.page === 1 && lastAt !== null ? lastAt : nextSecond), more: true };
}

/** The end. With nothing read there is nothing to overlap with, and the start stays where it is. */
function rest(at: Cursor, lastAt: Date | null): After {
  if (lastAt === null && at.page === 1) return { since: at.since, more: false };
  const endsAt = lastAt ?? new Date(at.since);
  return { since: toSecond(new Date(endsAt.getTime() - OVERLAP_MS)), more: false };
}

function deeper(at: Cursor): Cursor {
  if (at.page < LAST_PAGE) return { ...at, page: at.page + 1 };
  throw new PermanentError(
    `Freshdesk watch: more than ${LAST_PAGE} pages of tickets were updated within one second, and Freshdesk shows no more`,
    { fix: 'Delete the cursor of this connector; the watch then begins at startFrom.' },
  );
}

/** Everything before the last `updated_at` of a page 1 was on it or before it; within a second nothing beyond it is known. */
function reachedAt(at: Cursor, lastAt: Date | null): Date | null {
  return at.page === 1 && at.after === undefined ? lastAt : new Date(at.since);
}

function readCursor(from: WatchFrom): Cursor {
  if ('startAt' in from) return { v: 1, since: toSecond(from.startAt), page: 1 };
  try {
    return Cursor.parse(JSON.parse(from.cursor));
  } catch (error) {
    throw new PermanentError('Freshdesk watch: the stored cursor is not one of ours', {
      fix: 'Delete the cursor of this connector; the watch then begins at startFrom.',
      cause: error,
    });
  }
}

/** As Freshdesk takes instants: whole seconds in UTC. It takes `updated_since` as "at or after" (unconfirmed, see README). */
function toSecond(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
