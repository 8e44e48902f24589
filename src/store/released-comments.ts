import type { Kysely } from 'kysely';
import { noteInAudit } from './audit.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Shows the comment of a survey to the agent whose answer it is. False when it was shown before. */
export async function releaseComment(
  db: Kysely<Tables>,
  { surveyId, actor, at }: { surveyId: string; actor: string; at: Date },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const released = await tx
      .withSchema(SCHEMA)
      .insertInto('released_comments')
      .values({ survey_id: surveyId, released_at: at, released_by: actor })
      .onConflict((conflict) => conflict.column('survey_id').doNothing())
      .returning('survey_id')
      .executeTakeFirst();
    if (released === undefined) return false;
    await noteInAudit(tx, { at, actor, what: 'comment released', detail: `survey ${surveyId}` });
    return true;
  });
}

/** Those of these surveys whose comments were released. */
export async function releasedOf(
  db: Kysely<Tables>,
  surveyIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (surveyIds.length === 0) return new Set();
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('released_comments')
    .select('survey_id')
    .where('survey_id', 'in', surveyIds)
    .execute();
  return new Set(rows.map(({ survey_id }) => survey_id));
}
