import type { Kysely } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** Notes that a case could not be read or taken in, for whoever asks what became of it. Safe to repeat. */
export async function noteRefusal(
  db: Kysely<Tables>,
  refusal: { connector: string; caseId: string; reason: string; at: Date },
): Promise<void> {
  const { at, reason } = refusal;
  await db
    .withSchema(SCHEMA)
    .insertInto('refusals')
    .values({ connector: refusal.connector, case_id: refusal.caseId, at, reason })
    .onConflict((c) => c.columns(['connector', 'case_id']).doUpdateSet({ at, reason }))
    .execute();
}

/** Forgets what was noted about cases that have been taken in since. Safe to repeat. */
export async function forgetRefusals(
  db: Kysely<Tables>,
  connector: string,
  caseIds: readonly string[],
): Promise<void> {
  if (caseIds.length === 0) return;
  await db
    .withSchema(SCHEMA)
    .deleteFrom('refusals')
    .where('connector', '=', connector)
    .where('case_id', 'in', caseIds)
    .execute();
}
