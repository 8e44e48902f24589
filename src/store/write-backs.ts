import { type Kysely, sql } from 'kysely';
import type { LatePlace } from '../connector.ts';
import type { CaseSnapshot } from '../domain/case.ts';
import { snapshotFromJson } from './snapshot.ts';
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

export interface DueLateAnswer extends DueWriteBack {
  /** Unique over all installations. It stays the same until the record that bears it is there. */
  readonly key: string;
  /** The case as it was when it closed. */
  readonly snapshot: CaseSnapshot;
}

/** As `readWriteBacks`, for answers that go elsewhere; gives each its key the first time. */
export async function readLateAnswers(db: Kysely<Tables>, ids: readonly string[]): Promise<DueLateAnswer[]> {
  if (ids.length === 0) return [];
  const s = db.withSchema(SCHEMA);
  await s
    .updateTable('write_backs')
    .set({ late_key: sql`coalesce(late_key, ${lateKeyOf('version')})` })
    .where('id', 'in', ids)
    .execute();
  const due = await readWriteBacks(db, ids);
  const closures = await s
    .selectFrom('closures')
    .select(['id', 'snapshot'])
    .where(
      'id',
      'in',
      due.map(({ row }) => row.closure_id),
    )
    .execute();
  return due.map((one) => {
    const closure = closures.find(({ id }) => id === one.row.closure_id);
    const key = one.row.late_key;
    if (closure === undefined || key === null)
      throw new Error(`Write-back ${one.row.id} has no closure or key.`);
    return { ...one, key, snapshot: snapshotFromJson(closure.snapshot) };
  });
}

/** The rows behind the keys of late answers. */
export async function rowsOfLateKeys(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('write_backs')
    .select(['id', 'late_key'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.late_key ?? row.id, row.id]));
}

/** The version is the one that the record was first asked for with. */
function lateKeyOf(version: 'version' | 'sent_version') {
  return sql<string>`'csat-late:' || id || ':' || ${sql.ref(version)}`;
}

/**
 * The record shows the version that was handed over. A newer one, answered meanwhile, is due at once; so is this one where an
 * earlier version may have made the record (`ref`) and our attempt only found it.
 */
export async function markWritten(
  db: Kysely<Tables>,
  write: { id: string; ref: { id: string; url: string } | null; at: Date },
): Promise<void> {
  const isOlder = write.ref === null ? sql`false` : sql`late_key <> ${lateKeyOf('sent_version')}`;
  await db
    .withSchema(SCHEMA)
    .updateTable('write_backs')
    .set((e) => ({
      written_version: e.ref('sent_version'),
      state: sql<
        WriteBackRow['state']
      >`case when version > sent_version or (place = 'follow-up-ticket' and ${isOlder}) then 'due' else 'written' end`,
      ...(write.ref === null ? {} : { ref_id: write.ref.id, ref_url: write.ref.url }),
      outcome_unknown: false,
      claimed_by: null,
      vendor_job_id: null,
      done_at: write.at,
      last_error: null,
      fix: null,
    }))
    .where('id', '=', write.id)
    .execute();
}

const KEPT = 'The case is closed for good, so its record cannot be written. The answer is kept here.';

/**
 * The record is closed for good. An answer meant for the case goes to `late` instead, or is kept here when that is null; one
 * whose follow-up ticket is closed too gets another one.
 */
export async function markLocked(
  db: Kysely<Tables>,
  lock: { id: string; late: LatePlace | null; at: Date },
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  const moved = await s
    .updateTable('write_backs')
    .set((e) => ({
      place: e
        .case()
        .when('place', '=', 'case')
        .then(lock.late ?? 'case')
        .else(e.ref('place'))
        .end()
        .$castTo<WriteBackRow['place']>(),
      state: 'due',
      next_attempt_at: lock.at,
      attempts: 0,
      late_key: null,
      outcome_unknown: false,
      ref_id: null,
      ref_url: null,
      claimed_by: null,
      vendor_job_id: null,
      last_error: null,
      fix: null,
    }))
    .where('id', '=', lock.id)
    .where((e) =>
      e.or([
        e.and([e('place', '=', 'case'), e.val(lock.late !== null)]),
        e.and([e('place', '=', 'follow-up-ticket'), e('ref_id', 'is not', null)]),
      ]),
    )
    .returning('id')
    .executeTakeFirst();
  if (moved !== undefined) return;
  await s
    .updateTable('write_backs')
    .set((e) => ({
      state: e
        .case()
        .when('version', '>', e.ref('sent_version'))
        .then('due')
        .else('kept')
        .end()
        .$castTo<WriteBackRow['state']>(),
      claimed_by: null,
      vendor_job_id: null,
      done_at: lock.at,
      last_error: KEPT,
      fix: null,
    }))
    .where('id', '=', lock.id)
    .execute();
}

/**
 * A follow-up ticket that the CRM refuses for good is tried once more as one that is open: many accounts have fields that must
 * be filled before a ticket can be solved. False when that was tried, or there is no ticket to make.
 */
export async function leaveOpen(
  db: Kysely<Tables>,
  late: { id: string; place: LatePlace; at: Date },
): Promise<boolean> {
  if (late.place !== 'follow-up-ticket') return false;
  const row = await db
    .withSchema(SCHEMA)
    .updateTable('write_backs')
    .set({
      leave_open: true,
      state: 'due',
      next_attempt_at: late.at,
      claimed_by: null,
      vendor_job_id: null,
    })
    .where('id', '=', late.id)
    .where('leave_open', '=', false)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
