import type { Kysely, Transaction } from 'kysely';
import { SECOND_MS } from '../clock.ts';
import { type Calendar, type DueIn, dueAt } from '../domain/calendar.ts';
import { followUpKey } from '../domain/follow-up.ts';
import { needsFollowUp } from '../domain/score.ts';
import { startClock, stopClock } from './clock-starts.ts';
import {
  type AnswerRow,
  type ClosureRow,
  SCHEMA,
  type SurveyRow,
  type Tables,
  type WriteBackRow,
} from './tables.ts';
import { queueEvents, type WebhookSubscription } from './webhook-events.ts';

export interface AnswerInput {
  readonly surveyId: string;
  readonly score: number;
  readonly comment: string | null;
  readonly reasons: readonly string[];
  /** `auto`: confirmed by the page's own script after a tap in the mail. */
  readonly source: 'form' | 'auto';
  readonly at: Date;
  /** When it came to count, from which on what follows is due. Default: `at`. */
  readonly countedAt?: Date;
}

/** What an answer sets in motion. */
export interface AnswerRules {
  readonly installationId: string;
  readonly calendar: Calendar;
  readonly followUpDueIn: DueIn;
  /** What a low score leads to. Default: a task. */
  readonly followUpAction?: 'task' | 'reopen' | 'both';
  /** When the write-back becomes due: answers that come close together share one call. */
  readonly gatherMs: number;
  /** Who is told of answers. Default: nobody. */
  readonly webhooks?: readonly WebhookSubscription[];
}

/**
 * How long low scores are gathered before their follow-ups are made: twice as long as answers, so that a score that was
 * tapped by mistake and put right at once troubles nobody.
 */
export function followUpGatherMs(gatherMs: number): number {
  return 2 * gatherMs;
}

/**
 * How long a low score waits before people are told: until its follow-up was made, for the same reason. A second later, or one of
 * the two would find the rows in the other's hands.
 */
export function tellAfterMs(gatherMs: number): number {
  return followUpGatherMs(gatherMs) + SECOND_MS;
}

export interface AnswerReceipt {
  /** `unchanged`: the same answer again. `window-closed`: too late to change it; the earlier answer stands. */
  readonly outcome: 'recorded' | 'unchanged' | 'window-closed';
  readonly version: number;
  readonly followUp: boolean;
  readonly connector: string;
}

/**
 * Stores an answer together with everything that must follow from it, in one transaction: when this resolves, no crash can
 * lose the write-back, the follow-up or what webhooks are told. A caller's transaction is joined. Repeating the same answer
 * changes nothing; a different one is a new version. An `auto` one never overrides what a person sent with the form. Throws
 * RangeError for a score off the survey's scale.
 */
export async function recordAnswer(
  db: Kysely<Tables>,
  input: AnswerInput,
  rules: AnswerRules,
): Promise<AnswerReceipt> {
  return within(db, async (tx) => {
    const s = tx.withSchema(SCHEMA);
    const survey = await s
      .selectFrom('surveys')
      .selectAll()
      .where('id', '=', input.surveyId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (input.source !== 'auto') await supersedeConfirmations(tx, survey.id, input.at);
    const countedAt = input.countedAt ?? input.at;
    const low = needsFollowUp({ scale: survey.scale, followUpBelow: survey.follow_up_below }, input.score);
    const answers = await s
      .selectFrom('answers')
      .selectAll()
      .where('survey_id', '=', survey.id)
      .orderBy('version')
      .execute();
    const first = answers[0];
    const last = answers.at(-1);
    const receipt = { followUp: low, connector: survey.connector };
    if (first !== undefined && last !== undefined) {
      if (isSame(last, input) || (input.source === 'auto' && last.source === 'form')) {
        await confirm(tx, last, input);
        return { ...receipt, outcome: 'unchanged', version: last.version };
      }
      if (input.at.getTime() > first.answered_at.getTime() + survey.change_within_ms) {
        return { ...receipt, outcome: 'window-closed', version: last.version };
      }
    }
    const version = (last?.version ?? 0) + 1;
    await s
      .insertInto('answers')
      .values({
        survey_id: survey.id,
        version,
        score: input.score,
        comment: input.comment,
        reasons: JSON.stringify(input.reasons),
        source: input.source,
        answered_at: input.at,
      })
      .execute();
    const closure = await s
      .selectFrom('closures')
      .selectAll()
      .where('id', '=', survey.closure_id)
      .executeTakeFirstOrThrow();
    await askForWriteBack(tx, survey, version, new Date(countedAt.getTime() + rules.gatherMs));
    await askForFollowUp(tx, closure, { low, answeredAt: input.at, at: countedAt }, rules);
    await queueEvents(tx, rules.webhooks ?? [], { surveyId: survey.id, version, at: countedAt });
    return { ...receipt, outcome: 'recorded', version };
  });
}

/** What a person pressed is what they mean: nothing that a script sent before it waits any longer. */
async function supersedeConfirmations(tx: Transaction<Tables>, surveyId: string, at: Date): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('confirmations')
    .set({ state: 'superseded', decided_at: at })
    .where('survey_id', '=', surveyId)
    .where('state', 'in', ['settling', 'held'])
    .execute();
}

/** In the caller's transaction where there is one. */
async function within<T>(db: Kysely<Tables>, work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db as Transaction<Tables>) : db.transaction().execute(work);
}

/** A press of the button turns what the page's script had sent into an answer that a person stands behind. */
async function confirm(tx: Transaction<Tables>, last: AnswerRow, input: AnswerInput): Promise<void> {
  if (last.source === 'form' || input.source === 'auto') return;
  await tx
    .withSchema(SCHEMA)
    .updateTable('answers')
    .set({ source: 'form' })
    .where('survey_id', '=', last.survey_id)
    .where('version', '=', last.version)
    .execute();
}

function isSame(last: AnswerRow, input: AnswerInput): boolean {
  return (
    last.score === input.score &&
    last.comment === input.comment &&
    JSON.stringify(last.reasons) === JSON.stringify(input.reasons)
  );
}

async function askForWriteBack(
  tx: Transaction<Tables>,
  survey: SurveyRow,
  version: number,
  at: Date,
): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .insertInto('write_backs')
    .values({
      closure_id: survey.closure_id,
      connector: survey.connector,
      version,
      state: 'due',
      next_attempt_at: at,
    })
    .onConflict((c) =>
      c.column('closure_id').doUpdateSet((e) => ({
        version,
        next_attempt_at: at,
        attempts: 0,
        // A row that is in a vendor job stays there; when the job ends it sees that a newer version waits.
        state: e
          .case()
          .when('write_backs.state', '=', 'running')
          .then('running')
          .else('due')
          .end()
          .$castTo<WriteBackRow['state']>(),
      })),
    )
    .execute();
}

/** One follow-up per closure. A better answer calls it off only while it is still here; once made, people close it. */
async function askForFollowUp(
  tx: Transaction<Tables>,
  closure: ClosureRow,
  { low, answeredAt, at }: { low: boolean; answeredAt: Date; at: Date },
  rules: AnswerRules,
): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  if (!low) {
    await s
      .updateTable('follow_ups')
      .set({ state: 'cancelled' })
      .where('closure_id', '=', closure.id)
      .where('state', 'in', ['due', 'waiting'])
      .where('claimed_by', 'is', null)
      .where('outcome_unknown', '=', false)
      .execute();
    await stopClock(tx, closure.id, at);
    return;
  }
  const { connector, case_id: caseId, closed_at: closedAt } = closure;
  const wanted = followUpsFor({ connector, caseId, closedAt }, at, rules);
  const known = await s.selectFrom('follow_ups').selectAll().where('closure_id', '=', closure.id).execute();
  // The configuration asked for something else when the first low score came, and that has been set going.
  const isOther = known.some(
    (row) => row.state !== 'cancelled' && wanted.every(({ key }) => key !== row.key),
  );
  for (const { action, key, dueAt, nextAttemptAt } of isOther ? [] : wanted) {
    await s
      .insertInto('follow_ups')
      .values({
        closure_id: closure.id,
        connector: closure.connector,
        key,
        action,
        state: 'due',
        due_at: dueAt,
        created_at: at,
        next_attempt_at: nextAttemptAt,
      })
      .onConflict((c) =>
        c
          .column('key')
          .doUpdateSet({ state: 'due', due_at: dueAt, next_attempt_at: nextAttemptAt })
          .where('follow_ups.state', '=', 'cancelled'),
      )
      .execute();
  }
  const clock = wanted.at(-1);
  if (clock !== undefined) await startClock(tx, closure.id, { ...clock, lowSince: answeredAt });
}

/** What a low score leads to that comes to count at `at`. The last one carries the closure's clock. */
export function followUpsFor(
  { connector, caseId, closedAt }: { connector: string; caseId: string; closedAt: Date },
  at: Date,
  rules: AnswerRules,
) {
  const { installationId, followUpAction = 'task' } = rules;
  const nextAttemptAt = new Date(at.getTime() + followUpGatherMs(rules.gatherMs));
  const actions = followUpAction === 'both' ? (['reopen', 'task'] as const) : [followUpAction];
  return actions.map((action, nth) => ({
    action,
    key: followUpKey({ installationId, connector, caseId, closedAt, action }),
    dueAt: dueAt(at, rules.followUpDueIn, rules.calendar),
    nextAttemptAt,
    isClock: nth === actions.length - 1,
    tellAt: new Date(at.getTime() + tellAfterMs(rules.gatherMs)),
  }));
}
