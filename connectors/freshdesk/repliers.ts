import type { Named } from '../../src/domain/case.ts';
import type { FreshdeskApi } from './client.ts';
import type { Names } from './names.ts';
import { readReplies } from './replies.ts';
import type { Ticket } from './schema.ts';

/** About two megabytes. The one that was looked at first makes room. */
const MOST_KEPT = 20_000;

/** Who answered last in public on a ticket that was closed at this instant; null when no agent did. */
export type FindReplier = (ticket: Ticket, closedAt: Date, names: Names) => Promise<Named | null>;

/** Reads the conversation of a closed ticket, once for a closing: a call for each. Asks nothing where no agent responded. */
export function createReplierLook(api: FreshdeskApi, optOutUrl: string): FindReplier {
  const kept = new Map<string, Named | null>();
  return async (ticket, closedAt, names) => {
    if (ticket.stats?.agent_responded_at == null) return null;
    const closing = `${ticket.id}/${closedAt.getTime()}`;
    const known = kept.get(closing);
    if (known !== undefined) return known;
    const replies = await readReplies(api, ticket.id, optOutUrl);
    const last = replies.findLast(({ userId }) => userId !== null && names.agents.has(userId));
    const id = last?.userId ?? null;
    const replier =
      id === null ? null : { id: String(id), name: names.agents.get(id)?.contact?.name ?? null };
    kept.set(closing, replier);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return replier;
  };
}
