import { type Kysely, sql } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** A stored notice that a case changed. One row per case, however often it rings. */
export interface Doorbell {
  readonly caseId: string;
  readonly rings: number;
  readonly rungAt: Date;
}

/** Stores the notice; when this resolves it survives anything. Safe to repeat. */
export async function ring(
  db: Kysely<Tables>,
  connector: string,
  caseIds: readonly string[],
  at: Date,
): Promise<void> {
  if (caseIds.length === 0) return;
  await db
    .withSchema(SCHEMA)
    .insertInto('doorbells')
    .values([...new Set(caseIds)].sort().map((id) => ({ connector, case_id: id, rung_at: at, rings: 1 })))
    .onConflict((c) =>
      c
        .columns(['connector', 'case_id'])
        .doUpdateSet({ rung_at: at, rings: sql`caseloop.doorbells.rings + 1` }),
    )
    .execute();
}

/** The oldest notices of a connector. */
export async function dueDoorbells(
  db: Kysely<Tables>,
  connector: string,
  limit: number,
): Promise<Doorbell[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('doorbells')
    .select(['case_id', 'rings', 'rung_at'])
    .where('connector', '=', connector)
    .orderBy('rung_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ caseId: row.case_id, rings: row.rings, rungAt: row.rung_at }));
}

/** Takes notices away after their cases were read, unless they rang again meanwhile. */
export async function answerDoorbells(
  db: Kysely<Tables>,
  connector: string,
  bells: readonly Doorbell[],
): Promise<void> {
  if (bells.length === 0) return;
  await db
    .withSchema(SCHEMA)
    .deleteFrom('doorbells')
    .where('connector', '=', connector)
    .where((e) =>
      e.or(
        bells.map((bell) =>
          e.and([
            e('case_id', '=', bell.caseId),
            e('rings', '=', bell.rings),
            e('rung_at', '=', bell.rungAt),
          ]),
        ),
      ),
    )
    .execute();
}

/** Connectors whose cases are waiting to be read. */
export async function connectorsWithDoorbells(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.withSchema(SCHEMA).selectFrom('doorbells').select('connector').distinct().execute();
  return rows.map((row) => row.connector);
}
