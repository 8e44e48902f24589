import type { Kysely } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** Notes that a case could not be read or taken in, until it is: see `saveCases`. Safe to repeat. */
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
