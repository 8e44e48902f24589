import type { Kysely } from 'kysely';
import { CAUSES, type Cause } from '../domain/causes.ts';
import { needsFollowUp } from '../domain/score.ts';
import { PermanentError } from '../errors.ts';
import { noteInAudit } from './audit.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** What somebody who looked at a low score found. */
export interface Review {
  /** In the order of `CAUSES`; empty where it was looked at and nothing is to change. */
  readonly causes: readonly Cause[];
  readonly note: string | null;
  readonly at: Date;
  /** The id of a viewer. */
  readonly by: string;
}

/** The longest note, in characters. */
export const LONGEST_NOTE = 500;

/**
 * Keeps what a person found about a low score, in place of what stood there. False when it says the same already: then
 * nothing is written. Throws PermanentError for a closure whose score is not low.
 */
export async function markReview(
  db: Kysely<Tables>,
  closureId: string,
  { causes, note, at, by }: Review,
): Promise<boolean> {
  const marked = CAUSES.filter((cause) => causes.includes(cause));
  return db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    const about = await lockLowScore(tx, closureId);
    const before = (await readReviews(tx, [closureId])).get(closureId);
    if (before !== undefined && before.note === note && before.causes.join() === marked.join()) return false;
    const review = { note, reviewed_at: at, reviewed_by: by };
    await s
      .insertInto('reviews')
      .values({ closure_id: closureId, ...review })
      .onConflict((c) => c.column('closure_id').doUpdateSet(review))
      .execute();
    await s.deleteFrom('review_causes').where('closure_id', '=', closureId).execute();
    if (marked.length > 0)
      await s
        .insertInto('review_causes')
        .values(marked.map((cause) => ({ closure_id: closureId, cause })))
        .execute();
    const detail = `${about}: ${marked.length === 0 ? 'no cause' : marked.join(', ')}`;
    await noteInAudit(tx, { at, actor: by, what: 'causes marked', detail });
    return true;
  });
}

/** Locks the closure for this transaction; gives what the audit calls it. */
async function lockLowScore(tx: Kysely<Tables>, closureId: string): Promise<string> {
  const s = tx.withSchema(SCHEMA);
  const row = await s
    .selectFrom('closures as c')
    .innerJoin('surveys as v', 'v.closure_id', 'c.id')
    .innerJoin('answers as a', 'a.survey_id', 'v.id')
    .select(['c.connector', 'c.case_id', 'c.cycle', 'v.scale', 'v.follow_up_below', 'a.score'])
    .where('c.id', '=', closureId)
    .orderBy('a.version', 'desc')
    .limit(1)
    .forUpdate('c')
    .executeTakeFirst();
  if (
    row === undefined ||
    !needsFollowUp({ scale: row.scale, followUpBelow: row.follow_up_below }, row.score)
  )
    throw new PermanentError(`review: closure ${closureId} has no low score.`, {
      fix: 'Look at the case: its answer may have been changed.',
    });
  return `closing ${row.cycle} of case ${row.case_id} on ${row.connector}`;
}

/** What was found, by closure. */
export async function readReviews(
  db: Kysely<Tables>,
  closureIds: readonly string[],
): Promise<ReadonlyMap<string, Review>> {
  if (closureIds.length === 0) return new Map();
  const s = db.withSchema(SCHEMA);
  const rows = await s.selectFrom('reviews').selectAll().where('closure_id', 'in', closureIds).execute();
  const marks = await s
    .selectFrom('review_causes')
    .selectAll()
    .where('closure_id', 'in', closureIds)
    .execute();
  return new Map(
    rows.map(({ closure_id, note, reviewed_at, reviewed_by }) => {
      const found = marks.filter((mark) => mark.closure_id === closure_id).map(({ cause }) => cause);
      const causes = CAUSES.filter((cause) => found.includes(cause));
      return [closure_id, { causes, note, at: reviewed_at, by: reviewed_by }];
    }),
  );
}
