import { type Kysely, sql } from 'kysely';
import { eventOf } from '../domain/answer-event.ts';
import { isScoreOn, needsFollowUp } from '../domain/score.ts';
import { gather } from '../gather.ts';
import {
  type AnswerInput,
  type AnswerReceipt,
  type AnswerRules,
  followUpsFor,
  recordAnswer,
} from './answers.ts';
import type { SurveyPage } from './survey-page.ts';
import type { Tables } from './tables.ts';

/** What a press is told of its survey. */
export type PressedSurvey = Pick<
  SurveyPage,
  'closureId' | 'connector' | 'caseId' | 'closedAt' | 'scale' | 'followUpBelow' | 'answer'
>;

interface FirstAnswer {
  readonly input: AnswerInput;
  readonly survey: PressedSurvey;
  readonly low: boolean;
  readonly countedAt: Date;
}

const FIRST = 1;
/** Answers that share one statement when many come at once. */
const MOST_TOGETHER = 100;

/**
 * `recordAnswer`, where what several people press at the same time is stored with the same statements: most are the first
 * answer to their survey, with nothing before them to look after. Whatever is not, and surveys that are in other hands at this
 * moment, go one by one.
 */
export function gatherAnswers(
  db: Kysely<Tables>,
  rules: AnswerRules,
): (input: AnswerInput, survey: PressedSurvey) => Promise<AnswerReceipt> {
  const most = MOST_TOGETHER;
  const insert = gather((firsts: readonly FirstAnswer[]) => insertAnswers(db, firsts, rules), { most });
  const supersede = gather((inputs: readonly AnswerInput[]) => supersedeConfirmations(db, inputs), { most });
  return async (input, survey) => {
    if (survey.answer !== null || input.source === 'auto' || !isScoreOn(survey.scale, input.score))
      return recordAnswer(db, input, rules);
    const low = needsFollowUp(survey, input.score);
    if (!(await insert({ input, survey, low, countedAt: input.countedAt ?? input.at })))
      return recordAnswer(db, input, rules);
    await supersede(input);
    return { outcome: 'recorded', version: FIRST, followUp: low, connector: survey.connector };
  };
}

/**
 * With everything that must follow from them. It waits for nobody who holds one of the surveys, so that two of these never wait
 * for each other. False for those that it did not store.
 */
async function insertAnswers(
  db: Kysely<Tables>,
  given: readonly FirstAnswer[],
  rules: AnswerRules,
): Promise<readonly boolean[]> {
  // What is pressed twice at once is the first answer once.
  const firsts = [...new Map(given.toReversed().map((first) => [first.input.surveyId, first])).values()];
  const answers = firsts.map(({ input, survey, countedAt }) => ({
    survey_id: input.surveyId,
    closure_id: survey.closureId,
    connector: survey.connector,
    score: input.score,
    comment: input.comment,
    reasons: input.reasons,
    source: input.source,
    at: input.at,
    due_at: new Date(countedAt.getTime() + rules.gatherMs),
  }));
  const followUps = firsts
    .filter(({ low }) => low)
    .flatMap(({ input, survey, countedAt }) =>
      followUpsFor(survey, countedAt, rules).map(
        ({ action, key, dueAt, nextAttemptAt, isClock, tellAt }) => ({
          survey_id: input.surveyId,
          action,
          key,
          created_at: countedAt,
          due_at: dueAt,
          next_attempt_at: nextAttemptAt,
          is_clock: isClock,
          clock_since: isClock ? input.at : null,
          tell_at: isClock ? tellAt : null,
        }),
      ),
    );
  const listening = (rules.webhooks ?? []).filter(({ events }) => events.includes(eventOf(FIRST)));
  const events = firsts.flatMap(({ input, countedAt }) =>
    listening.map(({ name }) => ({ survey_id: input.surveyId, webhook: name, at: countedAt })),
  );
  const { rows } = await sql<{ survey_id: string }>`
    with pressed as (
      select * from jsonb_to_recordset(${JSON.stringify(answers)}::jsonb)
        as p (survey_id uuid, closure_id uuid, connector text, score int, comment text, reasons jsonb, source text,
              at timestamptz, due_at timestamptz)),
    free as (
      select id from caseloop.surveys where id in (select survey_id from pressed) for no key update skip locked),
    recorded as (
      insert into caseloop.answers (survey_id, version, score, comment, reasons, source, answered_at)
      select survey_id, ${FIRST}::int, score, comment, reasons, source, at from pressed where survey_id in (select id from free)
      on conflict (survey_id, version) do nothing returning survey_id),
    firsts as (select pressed.* from pressed join recorded using (survey_id)),
    superseded as (
      update caseloop.confirmations c set state = 'superseded', decided_at = firsts.at from firsts
       where c.survey_id = firsts.survey_id and c.state in ('settling', 'held')),
    followed_up as (
      insert into caseloop.follow_ups (closure_id, connector, key, action, state, due_at, created_at, next_attempt_at,
                                       is_clock, low_since, next_look_at, tell_at)
      select firsts.closure_id, firsts.connector, f.key, f.action, 'due', f.due_at, f.created_at, f.next_attempt_at,
             f.is_clock, f.clock_since, f.clock_since, f.tell_at
        from jsonb_to_recordset(${JSON.stringify(followUps)}::jsonb)
          as f (survey_id uuid, action text, key text, created_at timestamptz, due_at timestamptz, next_attempt_at timestamptz,
                is_clock boolean, clock_since timestamptz, tell_at timestamptz)
        join firsts using (survey_id)),
    told as (
      insert into caseloop.webhook_events (webhook, survey_id, version, state, created_at, next_attempt_at)
      select e.webhook, e.survey_id, ${FIRST}::int, 'due', e.at, e.at
        from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as e (survey_id uuid, webhook text, at timestamptz)
        join firsts using (survey_id)),
    written_back as (
      insert into caseloop.write_backs (closure_id, connector, version, state, next_attempt_at)
      select closure_id, connector, ${FIRST}::int, 'due', due_at from firsts)
    select survey_id from firsts`.execute(db);
  const stored = new Set(rows.map(({ survey_id }) => survey_id));
  return given.map((first) => firsts.includes(first) && stored.has(first.input.surveyId));
}

/** One that was taken in while the answer was being stored did not show yet. From here on there are no more of them. */
async function supersedeConfirmations(
  db: Kysely<Tables>,
  inputs: readonly AnswerInput[],
): Promise<readonly AnswerInput[]> {
  const pressed = inputs.map(({ surveyId, at }) => ({ survey_id: surveyId, at }));
  await sql`
    update caseloop.confirmations c set state = 'superseded', decided_at = pressed.at
      from jsonb_to_recordset(${JSON.stringify(pressed)}::jsonb) as pressed (survey_id uuid, at timestamptz)
     where c.survey_id = pressed.survey_id and c.state in ('settling', 'held')`.execute(db);
  return inputs;
}
