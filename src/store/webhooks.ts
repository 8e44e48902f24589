import { type Kysely, sql } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** The receiver wants to hear no more: nothing is sent to it until the next start. True when that is news. */
export async function disableWebhook(
  db: Kysely<Tables>,
  webhook: { name: string; reason: string; at: Date },
): Promise<boolean> {
  const row = await db
    .withSchema(SCHEMA)
    .insertInto('webhooks')
    .values({ name: webhook.name, disabled_at: webhook.at, reason: webhook.reason })
    .onConflict((c) => c.column('name').doNothing())
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** A start is how a changed configuration arrives: every webhook is tried again, and what waited is due. Safe to repeat. */
export async function enableWebhooks(db: Kysely<Tables>): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('webhooks').execute();
}

/** True while nothing is to be sent to it. */
export async function isWebhookDisabled(db: Kysely<Tables>, name: string): Promise<boolean> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('webhooks')
    .select('name')
    .where('name', '=', name)
    .executeTakeFirst();
  return row !== undefined;
}

/** How deliveries to one webhook stand. */
export interface WebhookHealth {
  /** Null: it is not disabled. */
  readonly disabledAt: Date | null;
  readonly reason: string | null;
  /** Events that wait, those that were never tried included, and what went wrong last. */
  readonly waiting: number;
  readonly lastError: string | null;
  /** Events that were given up. */
  readonly givenUp: number;
}

/** Reads how deliveries to a webhook stand. */
export async function readWebhookHealth(db: Kysely<Tables>, name: string): Promise<WebhookHealth> {
  const events = sql`caseloop.webhook_events where webhook = ${name}`;
  const { rows } = await sql<{
    disabled_at: Date | null;
    reason: string | null;
    waiting: number;
    last_error: string | null;
    given_up: number;
  }>`
    select (select count(*)::int from ${events} and state = 'due') as waiting,
           (select count(*)::int from ${events} and state = 'failed') as given_up,
           (select last_error from ${events} and state = 'due' and last_error is not null
             order by claimed_at desc limit 1) as last_error,
           disabled_at, reason
      from (select 1) as one left join caseloop.webhooks on name = ${name}`.execute(db);
  const row = rows[0];
  return {
    disabledAt: row?.disabled_at ?? null,
    reason: row?.reason ?? null,
    waiting: row?.waiting ?? 0,
    lastError: row?.last_error ?? null,
    givenUp: row?.given_up ?? 0,
  };
}
