import type { Kysely } from 'kysely';
import { noteInAudit } from './audit.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Events that a webhook's receiver did not take for three days. */
export interface GivenUpEvents {
  readonly webhook: string;
  readonly count: number;
  readonly oldestAt: Date;
  readonly lastError: string | null;
}

/** What was given up, by webhook. */
export async function readGivenUpEvents(db: Kysely<Tables>): Promise<readonly GivenUpEvents[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('webhook_events')
    .select((e) => [
      'webhook',
      e.fn.countAll<string>().as('count'),
      e.fn.min('created_at').as('oldest_at'),
      e.fn.max('last_error').as('last_error'),
    ])
    .where('state', '=', 'failed')
    .groupBy('webhook')
    .orderBy('webhook')
    .execute();
  return rows.map(({ webhook, count, oldest_at, last_error }) => ({
    webhook,
    count: Number(count),
    oldestAt: oldest_at,
    lastError: last_error,
  }));
}

/** Has a webhook's events that were given up tried again, under the same ids, for three more days. Gives how many. */
export async function retryGivenUp(
  db: Kysely<Tables>,
  { webhook, actor, at }: { webhook: string; actor: string; at: Date },
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const rows = await tx
      .withSchema(SCHEMA)
      .updateTable('webhook_events')
      .set({ state: 'due', attempts: 0, next_attempt_at: at, retried_at: at, done_at: null })
      .where('webhook', '=', webhook)
      .where('state', '=', 'failed')
      .where('claimed_by', 'is', null)
      .returning('id')
      .execute();
    const detail = `${rows.length} of ${webhook}`;
    if (rows.length > 0) await noteInAudit(tx, { at, actor, what: 'webhook events retried', detail });
    return rows.length;
  });
}
