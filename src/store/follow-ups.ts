import type { Kysely } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import { snapshotFromJson } from './snapshot.ts';
import { type AnswerRow, type FollowUpRow, SCHEMA, type SurveyRow, type Tables } from './tables.ts';

export interface DueFollowUp {
  readonly row: FollowUpRow;
  readonly survey: SurveyRow;
  /** The answer that counts now. */
  readonly answer: AnswerRow;
  /** The case as it was when it closed: its owner then is asked to follow up. */
  readonly snapshot: CaseSnapshot;
}

/** Reads claimed follow-ups with what their text is made of. */
export async function readFollowUps(db: Kysely<Tables>, ids: readonly string[]): Promise<DueFollowUp[]> {
  if (ids.length === 0) return [];
  const s = db.withSchema(SCHEMA);
  const rows = await s.selectFrom('follow_ups').selectAll().where('id', 'in', ids).execute();
  const closureIds = rows.map((row) => row.closure_id);
  const closures = await s
    .selectFrom('closures')
    .select(['id', 'snapshot'])
    .where('id', 'in', closureIds)
    .execute();
  const surveys = await s.selectFrom('surveys').selectAll().where('closure_id', 'in', closureIds).execute();
  const answers = await s
    .selectFrom('answers')
    .selectAll()
    .where(
      'survey_id',
      'in',
      surveys.map((survey) => survey.id),
    )
    .orderBy('version', 'desc')
    .execute();
  return rows.map((row) => {
    const closure = closures.find((one) => one.id === row.closure_id);
    const survey = surveys.find((one) => one.closure_id === row.closure_id);
    const answer = answers.find((one) => one.survey_id === survey?.id);
    if (closure === undefined || survey === undefined || answer === undefined) {
      throw new Error(`Follow-up ${row.id} has no closure or answer.`);
    }
    return { row, survey, answer, snapshot: snapshotFromJson(closure.snapshot) };
  });
}

/** The rows behind the keys of follow-ups. */
export async function rowsOfKeys(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('follow_ups')
    .select(['id', 'key'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.key, row.id]));
}

/** The task stands in the CRM, or the case is open again. */
export async function markMade(
  db: Kysely<Tables>,
  made: { id: string; refId: string | null; refUrl: string | null; at: Date },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('follow_ups')
    .set({
      state: 'made',
      ref_id: made.refId,
      ref_url: made.refUrl,
      done_at: made.at,
      claimed_by: null,
      vendor_job_id: null,
      last_error: null,
      fix: null,
    })
    .where('id', '=', made.id)
    .execute();
}

/**
 * A case that is closed for good cannot be opened again: a task is made instead, unless this closure has one of its own.
 */
export async function turnIntoTask(db: Kysely<Tables>, turn: { id: string; at: Date }): Promise<void> {
  const s = db.withSchema(SCHEMA);
  const row = await s
    .selectFrom('follow_ups')
    .select('closure_id')
    .where('id', '=', turn.id)
    .executeTakeFirstOrThrow();
  const task = await s
    .selectFrom('follow_ups')
    .select('id')
    .where('closure_id', '=', row.closure_id)
    .where('action', '=', 'task')
    .where('state', '<>', 'cancelled')
    .executeTakeFirst();
  await s
    .updateTable('follow_ups')
    .set({
      ...(task === undefined
        ? { action: 'task', is_fallback: true, state: 'due', next_attempt_at: turn.at, attempts: 0 }
        : { state: 'cancelled' }),
      // Nothing was written on a closed case, so there is no task to look for.
      outcome_unknown: false,
      claimed_by: null,
      vendor_job_id: null,
      last_error: null,
      fix: null,
    })
    .where('id', '=', turn.id)
    .execute();
}

/**
 * A follow-up that the CRM refuses for good is tried once more without owner and team: people leave, and a low score must not
 * be lost over that. False when it named none, so that was not the reason.
 */
export async function dropOwner(
  db: Kysely<Tables>,
  drop: { id: string; reason: string; at: Date },
): Promise<boolean> {
  const row = await db
    .withSchema(SCHEMA)
    .updateTable('follow_ups')
    .set({
      owner_refused: drop.reason,
      state: 'due',
      next_attempt_at: drop.at,
      claimed_by: null,
      vendor_job_id: null,
    })
    .where('id', '=', drop.id)
    .where('owner_refused', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
