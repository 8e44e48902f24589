import { type Kysely, type RawBuilder, sql } from 'kysely';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** A worker that has not been heard of for so long is dead, and its claims with it. */
const DEAD_AFTER_MS = 15 * SECOND_MS;

/** Says that this worker is alive. Safe to repeat; call it every few seconds. */
export async function beat(
  db: Kysely<Tables>,
  worker: { id: string; role: string; startedAt: Date },
  at: Date,
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .insertInto('workers')
    .values({ id: worker.id, role: worker.role, started_at: worker.startedAt, beat_at: at })
    .onConflict((c) => c.column('id').doUpdateSet({ beat_at: at }))
    .execute();
}

/** Takes a worker off the list, so that its claims are free at once. */
export async function retire(db: Kysely<Tables>, workerId: string): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('workers').where('id', '=', workerId).execute();
}

/** Forgets workers that died, and gives back the leases they held. */
export async function buryDeadWorkers(db: Kysely<Tables>, now: Date): Promise<void> {
  const s = db.withSchema(SCHEMA);
  const dead = await s
    .deleteFrom('workers')
    .where('beat_at', '<', new Date(now.getTime() - DEAD_AFTER_MS))
    .returning('id')
    .execute();
  if (dead.length === 0) return;
  const ids = dead.map((worker) => worker.id);
  await s.deleteFrom('leases').where('holder', 'in', ids).execute();
}

/** Longer than any attempt may take, the CRM's and the relay's time limits included. */
const CLAIM_LIMIT_MS = 15 * MINUTE_MS;

/** True of claimed rows whose worker is dead, or has sat on them for longer than any attempt may take. */
export function isOrphaned(db: Kysely<Tables>, now: Date): RawBuilder<boolean> {
  const living = db.withSchema(SCHEMA).selectFrom('workers').select('workers.id');
  const tooLongAgo = new Date(now.getTime() - CLAIM_LIMIT_MS);
  return sql<boolean>`(claimed_by is not null and (claimed_by not in ${living} or claimed_at < ${tooLongAgo}))`;
}

/**
 * Takes a lease for one holder at a time. True when it is ours now, also when it was already. A lease whose time ran out
 * may be taken by anyone.
 */
export async function takeLease(
  db: Kysely<Tables>,
  lease: { name: string; holder: string; now: Date; forMs: number },
): Promise<boolean> {
  const expiresAt = new Date(lease.now.getTime() + lease.forMs);
  const row = await db
    .withSchema(SCHEMA)
    .insertInto('leases')
    .values({ name: lease.name, holder: lease.holder, expires_at: expiresAt })
    .onConflict((c) =>
      c
        .column('name')
        .doUpdateSet({ holder: lease.holder, expires_at: expiresAt })
        .where((e) => e.or([e('leases.expires_at', '<=', lease.now), e('leases.holder', '=', lease.holder)])),
    )
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives a lease back. Safe to repeat; somebody else's lease is left alone. */
export async function giveLease(db: Kysely<Tables>, lease: { name: string; holder: string }): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .deleteFrom('leases')
    .where('name', '=', lease.name)
    .where('holder', '=', lease.holder)
    .execute();
}
