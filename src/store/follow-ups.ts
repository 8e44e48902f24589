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

/** From now on the CRM may have these tasks, whatever we hear: look before creating them again. */
export async function markOutcomeUnknown(db: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('follow_ups')
    .set({ outcome_unknown: true })
    .where('id', 'in', ids)
    .execute();
}

/** The task stands in the CRM. */
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
