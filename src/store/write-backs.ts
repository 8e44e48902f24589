import type { Kysely } from 'kysely';
import { type AnswerRow, SCHEMA, type SurveyRow, type Tables, type WriteBackRow } from './tables.ts';

export interface DueWriteBack {
  readonly row: WriteBackRow;
  readonly survey: SurveyRow;
  readonly answer: AnswerRow;
}

/** Reads claimed write-backs with the answers they carry, and notes which version this attempt hands over. */
export async function readWriteBacks(db: Kysely<Tables>, ids: readonly string[]): Promise<DueWriteBack[]> {
  if (ids.length === 0) return [];
  const s = db.withSchema(SCHEMA);
  const rows = await s
    .updateTable('write_backs')
    .set((e) => ({ sent_version: e.ref('version') }))
    .where('id', 'in', ids)
    .returningAll()
    .execute();
  const surveys = await s
    .selectFrom('surveys')
    .selectAll()
    .where(
      'closure_id',
      'in',
      rows.map((row) => row.closure_id),
    )
    .execute();
  const answers = await s
    .selectFrom('answers')
    .selectAll()
    .where(
      'survey_id',
      'in',
      surveys.map((survey) => survey.id),
    )
    .execute();
  return rows.map((row) => {
    const survey = surveys.find((one) => one.closure_id === row.closure_id);
    const answer = answers.find((one) => one.survey_id === survey?.id && one.version === row.sent_version);
    if (survey === undefined || answer === undefined) {
      throw new Error(`Write-back ${row.id} has no answer of version ${row.sent_version}.`);
    }
    return { row, survey, answer };
  });
}

/** The record shows the version that was handed over. A newer one, answered meanwhile, is due at once. */
export async function markWritten(
  db: Kysely<Tables>,
  write: { id: string; state: 'written' | 'kept'; at: Date },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('write_backs')
    .set((e) => ({
      written_version: write.state === 'written' ? e.ref('sent_version') : e.ref('written_version'),
      state: e
        .case()
        .when('version', '>', e.ref('sent_version'))
        .then('due')
        .else(write.state)
        .end()
        .$castTo<WriteBackRow['state']>(),
      claimed_by: null,
      vendor_job_id: null,
      done_at: write.at,
      last_error:
        write.state === 'kept'
          ? 'The case is closed for good, so its record cannot be written. The answer is kept here.'
          : null,
      fix: null,
    }))
    .where('id', '=', write.id)
    .execute();
}
