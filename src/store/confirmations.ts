import type { Kysely } from 'kysely';
import { SETTLE_MS, type Settling, settleConfirmations } from '../domain/confirmation.ts';
import { type Claim, judge, type Report } from '../domain/taps.ts';
import { type AnswerReceipt, type AnswerRules, recordAnswer } from './answers.ts';
import { type ConfirmationRow, SCHEMA, type Tables } from './tables.ts';
import { readScene } from './taps.ts';

/** What the page's script sent. */
export interface ConfirmationInput {
  readonly surveyId: string;
  readonly score: number;
  readonly comment: string | null;
  readonly reasons: readonly string[];
  readonly claim: Claim;
}

/**
 * `settling`: it counts once it is due, unless marks turn up. `held`: marks speak against it already, or a person's answer
 * stands that a script may not change; it takes a press. `known`: it says what the answer says already.
 */
export type ConfirmationReceipt =
  | { readonly state: 'settling'; readonly dueAt: Date }
  | { readonly state: 'held' | 'known' };

/** Takes a script's confirmation in. It is no answer yet, and never becomes one against what a person pressed. */
export async function takeConfirmation(
  db: Kysely<Tables>,
  input: ConfirmationInput,
): Promise<ConfirmationReceipt> {
  return db.transaction().execute(async (tx) => {
    const { surveyId, claim } = input;
    await lockSurvey(tx, surveyId);
    const s = tx.withSchema(SCHEMA);
    const answer = await s
      .selectFrom('answers')
      .select(['score', 'source'])
      .where('survey_id', '=', surveyId)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (answer !== undefined && answer.source !== 'auto')
      return { state: answer.score === input.score ? 'known' : 'held' };
    const scene = await readScene(tx, surveyId, tapIds(claim.tapId));
    const marks = judge(claim, scene);
    const dueAt = new Date(claim.at.getTime() + SETTLE_MS);
    const isKnown = scene.taps.some((tap) => tap.id === claim.tapId);
    // The same page once more, with a comment perhaps: what it sent last is what it says.
    await s
      .updateTable('confirmations')
      .set({ state: 'superseded', decided_at: claim.at })
      .where('survey_id', '=', surveyId)
      .where('tap_id', '=', claim.tapId)
      .where('state', '=', 'settling')
      .execute();
    await s
      .insertInto('confirmations')
      .values({
        survey_id: surveyId,
        tap_id: isKnown ? claim.tapId : null,
        score: input.score,
        comment: input.comment,
        reasons: JSON.stringify(input.reasons),
        report: JSON.stringify(claim.report),
        at: claim.at,
        due_at: dueAt,
        state: marks.length > 0 ? 'held' : 'settling',
        marks: JSON.stringify(marks),
        decided_at: marks.length > 0 ? claim.at : null,
      })
      .execute();
    return marks.length > 0 ? { state: 'held' } : { state: 'settling', dueAt };
  });
}

/**
 * Decides on a survey's confirmations if they are due: one becomes an answer, with everything that follows from it, or all
 * are held. In one transaction, so that no crash can part the answer from the decision; repeating it changes nothing. Gives
 * the answer's receipt, or when to look again.
 */
export async function settleSurvey(
  db: Kysely<Tables>,
  surveyId: string,
  now: Date,
  rules: AnswerRules,
): Promise<{
  readonly receipt: AnswerReceipt | null;
  readonly waitUntil: Date | null;
  readonly held: number;
}> {
  return db.transaction().execute(async (tx) => {
    await lockSurvey(tx, surveyId);
    const rows = await tx
      .withSchema(SCHEMA)
      .selectFrom('confirmations')
      .selectAll()
      .where('survey_id', '=', surveyId)
      .where('state', '=', 'settling')
      .orderBy('id')
      .execute();
    if (rows.length === 0) return { receipt: null, waitUntil: null, held: 0 };
    const scene = await readScene(tx, surveyId, tapIds(...rows.map((row) => row.tap_id)));
    const result = settleConfirmations(rows.map(settlingFrom), scene, now);
    if ('waitUntil' in result) return { receipt: null, waitUntil: result.waitUntil, held: 0 };
    for (const { id, state, marks } of result.settled)
      await decide(tx, id, { state, marks: JSON.stringify(marks), decided_at: now });
    const countedId = result.settled.find(({ state }) => state === 'counted')?.id;
    const counted = rows.find((row) => String(row.id) === countedId);
    const receipt = counted === undefined ? null : await count(tx, counted, now, rules);
    const held = result.settled.filter(({ state }) => state === 'held').length;
    return { receipt, waitUntil: null, held };
  });
}

/** Makes a confirmation the answer; older ones of the survey that are held have nothing to say any more. */
export async function count(
  tx: Kysely<Tables>,
  row: ConfirmationRow,
  now: Date,
  rules: AnswerRules,
): Promise<AnswerReceipt> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('confirmations')
    .set({ state: 'superseded', decided_at: now })
    .where('survey_id', '=', row.survey_id)
    .where('state', '=', 'held')
    .where('at', '<', row.at)
    .execute();
  const input = {
    surveyId: row.survey_id,
    score: row.score,
    comment: row.comment,
    reasons: row.reasons as string[],
    source: 'auto',
    at: row.at,
    countedAt: now,
  } as const;
  return recordAnswer(tx, input, rules);
}

/** Writes a decision down. */
export async function decide(
  tx: Kysely<Tables>,
  id: string,
  decision: Partial<Pick<ConfirmationRow, 'state' | 'marks' | 'decided_at' | 'decided_by'>>,
): Promise<void> {
  await tx.withSchema(SCHEMA).updateTable('confirmations').set(decision).where('id', '=', id).execute();
}

/** One transaction at a time decides about a survey's answers. */
export async function lockSurvey(tx: Kysely<Tables>, surveyId: string): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .selectFrom('surveys')
    .select('id')
    .where('id', '=', surveyId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** Surveys that have a confirmation due, oldest first. */
export async function surveysToSettle(db: Kysely<Tables>, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('confirmations')
    .select((e) => ['survey_id', e.fn.min('due_at').as('first_due')])
    .where('state', '=', 'settling')
    .groupBy('survey_id')
    .having((e) => e.fn.max('due_at'), '<=', now)
    .orderBy('first_due')
    .limit(limit)
    .execute();
  return rows.map((row) => row.survey_id);
}

function settlingFrom(row: ConfirmationRow): Settling {
  const tapId = row.tap_id === null ? null : String(row.tap_id);
  const claim = { tapId, at: row.at, report: row.report as Report };
  return { id: String(row.id), claim, dueAt: row.due_at };
}

function tapIds(...ids: readonly (string | null)[]): string[] {
  return ids.flatMap((id) => (id === null ? [] : String(id)));
}
