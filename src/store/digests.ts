import { type Kysely, sql } from 'kysely';
import type { DigestReader, DigestWeek } from '../domain/digest.ts';
import { SCHEMA, type Tables } from './tables.ts';
import { isOrphaned } from './workers.ts';

/** A digest that this worker hands over. */
export interface DigestInHand {
  readonly id: string;
  readonly week: Pick<DigestWeek, 'from' | 'to'>;
  /** Null is all of them together. */
  readonly team: string | null;
  readonly address: string;
  readonly messageId: string;
  readonly plannedAt: Date;
  /** This one included. */
  readonly attempts: number;
}

/** Gives every reader the digest of a week, due now; who has one of it already gets no other. Safe to repeat and to run at once. */
export async function planDigests(
  db: Kysely<Tables>,
  plan: { week: DigestWeek; readers: readonly DigestReader[]; domain: string; now: Date },
): Promise<void> {
  const { week, readers, domain, now } = plan;
  const wanted = readers.map(({ team, address }) => ({ team: team ?? '', address }));
  await sql`
    insert into caseloop.digests (id, week_from, week_to, team, address, message_id, state, created_at, next_attempt_at)
    select id, ${week.from}, ${week.to}, team, address, 'digest.' || id || '@' || ${domain}::text, 'due', ${now}, ${now}
      from (select gen_random_uuid() as id, r.team, r.address
              from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as r (team text, address text)) as wanted
     where not exists (
       select from caseloop.digests d
        where d.week_from = ${week.from} and d.team = wanted.team and d.address = wanted.address)
    on conflict (week_from, team, address) do nothing`.execute(db);
}

/** Digests that are due and in nobody's hands, oldest first. */
export async function dueDigests(db: Kysely<Tables>, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('digests')
    .select('id')
    .where('state', '=', 'due')
    .where('claimed_by', 'is', null)
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Marks a digest as being handed over by this worker; null when it is not due, or another one has it. From here on only
 * `afterCrash` decides when the worker dies.
 */
export async function claimDigest(
  db: Kysely<Tables>,
  id: string,
  claim: { workerId: string; at: Date },
): Promise<DigestInHand | null> {
  const row = await db
    .withSchema(SCHEMA)
    .updateTable('digests')
    .set((e) => ({
      state: 'sending',
      attempts: e('attempts', '+', 1),
      claimed_by: claim.workerId,
      claimed_at: claim.at,
    }))
    .where('id', '=', id)
    .where('state', '=', 'due')
    .where('claimed_by', 'is', null)
    .where('next_attempt_at', '<=', claim.at)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    week: { from: row.week_from, to: row.week_to },
    team: row.team === '' ? null : row.team,
    address: row.address,
    messageId: row.message_id,
    plannedAt: row.created_at,
    attempts: row.attempts,
  };
}

/** True while the digest is this worker's to hand over. */
export async function isDigestWith(
  db: Kysely<Tables>,
  digest: { id: string; workerId: string },
): Promise<boolean> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('digests')
    .select('id')
    .where('id', '=', digest.id)
    .where('state', '=', 'sending')
    .where('claimed_by', '=', digest.workerId)
    .executeTakeFirst();
  return row !== undefined;
}

/** What became of a digest in a worker's hands. */
export type DigestEnd =
  | { readonly state: 'sent'; readonly at: Date }
  | { readonly state: 'due'; readonly at: Date; readonly error: string }
  | { readonly state: 'held' | 'failed'; readonly error: string };

/** Notes what became of it. One that another worker has by now is that one's. */
export async function settleDigest(
  db: Kysely<Tables>,
  digest: { id: string; workerId: string },
  end: DigestEnd,
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('digests')
    .set({
      state: end.state,
      claimed_by: null,
      last_error: 'error' in end ? end.error : null,
      ...(end.state === 'sent' ? { sent_at: end.at } : {}),
      ...(end.state === 'due' ? { next_attempt_at: end.at } : {}),
    })
    .where('id', '=', digest.id)
    .where('state', '=', 'sending')
    .where('claimed_by', '=', digest.workerId)
    .execute();
}

/** Settles digests whose worker died while it handed them over: nobody knows whether the relay took them. */
export async function settleOrphanedDigests(
  db: Kysely<Tables>,
  options: { afterCrash: 'resend' | 'hold'; now: Date },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('digests')
    .set({
      state: options.afterCrash === 'resend' ? 'due' : 'held',
      claimed_by: null,
      next_attempt_at: options.now,
      last_error:
        'The worker died or hung while it was handing this over; whether the relay took it is not known.',
    })
    .where('state', '=', 'sending')
    .where(isOrphaned(db))
    .execute();
  if (options.afterCrash === 'hold') return;
  await db
    .withSchema(SCHEMA)
    .updateTable('digests')
    .set({ state: 'due', next_attempt_at: options.now })
    .where('state', '=', 'held')
    .execute();
}
