import { type Kysely, type RawBuilder, sql } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

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

/** The last beat of every worker, by id. */
export async function readBeats(db: Kysely<Tables>): Promise<ReadonlyMap<string, Date>> {
  const rows = await db.withSchema(SCHEMA).selectFrom('workers').select(['id', 'beat_at']).execute();
  return new Map(rows.map((row) => [row.id, row.beat_at]));
}

/** Takes workers off the list: their leases are free at once, their claims at the next sweep. Safe to repeat. */
export async function buryWorkers(db: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const s = db.withSchema(SCHEMA);
  await s.deleteFrom('workers').where('id', 'in', ids).execute();
  await s.deleteFrom('leases').where('holder', 'in', ids).execute();
}

/** True of claimed rows whose worker is dead, or has given them up. */
export function isOrphaned(db: Kysely<Tables>): RawBuilder<boolean> {
  const living = db.withSchema(SCHEMA).selectFrom('workers').select('workers.id');
  return sql<boolean>`(claimed_by is not null and claimed_by not in ${living})`;
}

const CLAIMED_TABLES = [
  'mails',
  'write_backs',
  'follow_ups',
  'case_asks',
  'webhook_events',
  'digests',
  'alert_messages',
] as const;

/** The ids of all rows that this worker has claimed. */
export async function claimsOf(db: Kysely<Tables>, workerId: string): Promise<readonly string[]> {
  const claims = CLAIMED_TABLES.map(
    (table) => sql`select id from ${sql.table(`${SCHEMA}.${table}`)} where claimed_by = ${workerId}`,
  );
  const { rows } = await sql<{ id: string }>`${sql.join(claims, sql` union all `)}`.execute(db);
  return rows.map((row) => row.id);
}

/** Gives up claims of this worker: the next sweep takes them for those of a dead one. Safe to repeat. */
export async function abandonClaims(
  db: Kysely<Tables>,
  workerId: string,
  ids: readonly string[],
): Promise<void> {
  for (const table of CLAIMED_TABLES) {
    await db
      .withSchema(SCHEMA)
      .updateTable(table)
      .set({ claimed_by: `given up by ${workerId}` })
      .where('claimed_by', '=', workerId)
      .where('id', 'in', ids)
      .execute();
  }
}

/**
 * Takes a lease for one holder at a time. True when it is ours now, also when it was already. A lease whose time ran out
 * may be taken by anyone, and so may one that ends far later than any could: the clock has been set back since.
 */
export async function takeLease(
  db: Kysely<Tables>,
  lease: { name: string; holder: string; now: Date; forMs: number },
): Promise<boolean> {
  const expiresAt = new Date(lease.now.getTime() + lease.forMs);
  // Processes' clocks may differ by some seconds.
  const tooLate = new Date(expiresAt.getTime() + lease.forMs);
  const row = await db
    .withSchema(SCHEMA)
    .insertInto('leases')
    .values({ name: lease.name, holder: lease.holder, expires_at: expiresAt })
    .onConflict((c) =>
      c
        .column('name')
        .doUpdateSet({ holder: lease.holder, expires_at: expiresAt })
        .where((e) =>
          e.or([
            e('leases.expires_at', '<=', lease.now),
            e('leases.expires_at', '>', tooLate),
            e('leases.holder', '=', lease.holder),
          ]),
        ),
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
