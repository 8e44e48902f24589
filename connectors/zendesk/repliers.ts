import type { Named } from '../../src/domain/case.ts';
import { isOwnAsk } from '../../src/domain/own-ask.ts';
import type { ZendeskApi } from './client.ts';
import { readLatest } from './comments.ts';
import { readStaff } from './people.ts';
import type { Comment, MetricSet, Ticket, User } from './schema.ts';
import { FOLLOW_UP_TAG, isStaff } from './snapshot.ts';

/** About two megabytes. The one that was looked at first makes room. */
const MOST_KEPT = 20_000;

/** Who answered last in public on each of these tickets that are solved. */
export type FindRepliers = (
  tickets: readonly Ticket[],
  around: { readonly metrics: ReadonlyMap<number, MetricSet>; readonly users: ReadonlyMap<number, User> },
) => Promise<ReadonlyMap<number, Named>>;

/**
 * Looks at the latest 100 comments of each solved ticket, once for a solving: a call for each, and one for all authors whom no
 * ticket brought along. A survey of ours is no answer. Asks nothing of tickets without a public reply.
 */
export function createRepliers(api: ZendeskApi, optOutUrl: string): FindRepliers {
  const kept = new Map<string, Named | null>();

  function keep(solving: string, replier: Named | null): void {
    kept.set(solving, replier);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  }

  return async (tickets, { metrics, users }) => {
    const found = new Map<number, Named>();
    for (const ticket of tickets) {
      const metric = metrics.get(ticket.id);
      if (ticket.status !== 'solved' || metric?.replies === 0 || ticket.tags?.includes(FOLLOW_UP_TAG))
        continue;
      const solving = `${ticket.id}/${metric?.solved_at?.getTime() ?? 0}`;
      if (!kept.has(solving)) {
        const isCandidate = (one: Comment): boolean =>
          one.public === true &&
          one.author_id !== ticket.requester_id &&
          !isOwnAsk(one.body ?? '', optOutUrl);
        keep(solving, await latestByStaff((await readLatest(api, ticket.id)).filter(isCandidate), users));
      }
      const replier = kept.get(solving) ?? null;
      if (replier !== null) found.set(ticket.id, replier);
    }
    return found;
  };

  /** Newest first, as they were asked for. */
  async function latestByStaff(
    comments: readonly Comment[],
    users: ReadonlyMap<number, User>,
  ): Promise<Named | null> {
    const authors = comments.flatMap(({ author_id: id }) => id ?? []);
    const strangers = authors.filter((id) => !users.has(id));
    const staff = await readStaff(api, strangers);
    for (const id of authors) {
      const user = users.get(id) ?? staff.get(id);
      if (isStaff(user)) return { id: String(id), name: user?.name ?? null };
    }
    return null;
  }
}
