import type { FreshdeskApi } from './client.ts';
import { RecordGone } from './refusal.ts';
import { Conversation, type Ticket } from './schema.ts';
import { CLOSED_STATUS } from './snapshot.ts';

/** About a megabyte. The one that was looked at first makes room. */
const MOST_KEPT = 20_000;

/** Tells whether a closed ticket was merged into another. */
export type LookForMerge = (ticket: Ticket) => Promise<boolean>;

/**
 * The API has no mark on a ticket that was merged away: only a private note says so. It costs a call, once per closing, and
 * only where a merge is possible: Freshdesk closes such a ticket at once, without resolving it first.
 */
export function createMergeLook(api: FreshdeskApi): LookForMerge {
  const kept = new Map<string, boolean>();
  return async (ticket) => {
    if (!couldBeMerged(ticket)) return false;
    const closing = `${ticket.id}/${ticket.stats?.closed_at?.getTime() ?? 0}`;
    const known = kept.get(closing);
    if (known !== undefined) return known;
    const isMerged = await hasMergeNote(api, ticket.id);
    kept.set(closing, isMerged);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return isMerged;
  };
}

/** Closed and never resolved before: both instants are the same then (2026-11-22). */
function couldBeMerged({ status, archived, stats }: Ticket): boolean {
  if (status !== CLOSED_STATUS || archived === true || stats?.closed_at == null) return false;
  return stats.resolved_at == null || stats.resolved_at.getTime() === stats.closed_at.getTime();
}

async function hasMergeNote(api: FreshdeskApi, ticketId: number): Promise<boolean> {
  try {
    const conversations = await api.all(`tickets/${ticketId}/conversations`, {}, Conversation);
    return conversations.some((one) => one.private === true && saysMerged(one.body ?? ''));
  } catch (error) {
    // Deleted or archived since it was listed: the next look at it will say so.
    if (error instanceof RecordGone) return false;
    throw error;
  }
}

/** Unconfirmed (2026-11-22): the words that Freshdesk proposes; agents can change them, and other languages have their own. */
function saysMerged(html: string): boolean {
  return /\bmerged into\b/i.test(html);
}
