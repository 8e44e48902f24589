import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import type { Credit } from '../domain/credit.ts';
import type { Decision } from '../domain/policy.ts';
import type { SurveyDefinition, Via } from '../domain/survey.ts';
import { cancelCaseAsk } from './case-asks.ts';
import { asksForNewest } from './standing-asks.ts';
import { type DecisionRow, type NoticedBy, SCHEMA, type Tables } from './tables.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/** A closure with its first decision and, where it asks, the survey. */
export interface NewClosure {
  readonly connector: string;
  readonly snapshot: CaseSnapshot;
  readonly closedAt: Date;
  readonly cycle: number;
  readonly noticedAt: Date;
  readonly noticedBy: NoticedBy;
  readonly person: string | null;
  readonly credit: Credit;
  readonly decision: Decision;
  readonly survey: NewSurvey | null;
}

export interface NewSurvey {
  readonly definition: SurveyDefinition;
  readonly via: Via;
  /** Null only where nobody is mailed. */
  readonly email: string | null;
  readonly recipientName: string | null;
  readonly locale: string | null;
  readonly messageIdHost: string;
  /** It waits until a person releases it. */
  readonly held: boolean;
  /** When its mail, or its reply on the case, is due. */
  readonly dueAt: Date;
}

/**
 * Writes closures, each with its ledger row, always, and with its survey and the mail or the reply that will carry it
 * where there is one. One statement, since each costs a round trip. Gives the survey's id or null for each closure, in their order.
 */
export async function insertClosures(
  tx: Store,
  closures: readonly NewClosure[],
): Promise<readonly (string | null)[]> {
  if (closures.length === 0) return [];
  const rows = closures.map((closure) => rowOf(closure));
  await sql`
    with new as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (
        id uuid, connector text, case_id text, closed_at timestamptz, cycle int, noticed_at timestamptz, noticed_by text,
        person text, credited_id text, credited_name text, credited_by text, snapshot jsonb, outcome text, rule text, reason text,
        survey_id uuid, name text, metric text, kind text, scale text, satisfied_from int, follow_up_below int,
        change_within_ms bigint, email text, recipient_name text, locale text, message_id text, via text, held boolean, due_at timestamptz)
    ), closed as (
      insert into caseloop.closures (id, connector, case_id, closed_at, cycle, noticed_at, noticed_by, person,
        credited_id, credited_name, credited_by, snapshot, outcome, rule, reason, decided_at)
      select id, connector, case_id, closed_at, cycle, noticed_at, noticed_by, person,
        credited_id, credited_name, credited_by, snapshot, outcome, rule, reason, noticed_at from new
    ), ledger as (
      insert into caseloop.decisions (closure_id, stage, outcome, rule, reason, decided_at)
      select id, 'closing', outcome, rule, reason, noticed_at from new
    ), asked as (
      insert into caseloop.surveys (id, closure_id, connector, case_id, name, metric, kind, scale, satisfied_from,
        follow_up_below, change_within_ms, person, email, recipient_name, locale, held_by_hand, state, created_at)
      select survey_id, id, connector, case_id, name, metric, kind, scale, satisfied_from,
        follow_up_below, change_within_ms, person, email, recipient_name, locale, held, 'pending', noticed_at
        from new where survey_id is not null
    ), on_case as (
      insert into caseloop.case_asks (closure_id, survey_id, connector, state, next_attempt_at)
      select id, survey_id, connector, 'due', due_at from new where via = 'case'
    )
    insert into caseloop.mails (survey_id, purpose, message_id, state, next_attempt_at)
    select survey_id, 'invitation', message_id, 'due', due_at from new where via = 'mail'`.execute(tx);
  return rows.map((row) => row.survey_id);
}

function rowOf({ decision, survey, ...closure }: NewClosure) {
  const surveyId = survey === null ? null : randomUUID();
  return {
    id: randomUUID(),
    connector: closure.connector,
    case_id: closure.snapshot.caseId,
    closed_at: closure.closedAt,
    cycle: closure.cycle,
    noticed_at: closure.noticedAt,
    noticed_by: closure.noticedBy,
    person: closure.person,
    credited_id: closure.credit.id,
    credited_name: closure.credit.name,
    credited_by: closure.credit.by,
    snapshot: closure.snapshot,
    outcome: decision.outcome,
    rule: decision.rule,
    reason: decision.reason,
    survey_id: surveyId,
    ...(survey === null || surveyId === null ? {} : askRow(surveyId, survey)),
  };
}

/** What a survey and its mail are made of, beside what the closure knows. */
export function askRow(surveyId: string, survey: NewSurvey) {
  const { definition } = survey;
  return {
    name: definition.name,
    metric: definition.metric,
    kind: definition.kind,
    scale: definition.scale,
    satisfied_from: definition.satisfiedFrom,
    follow_up_below: definition.followUpBelow,
    change_within_ms: definition.changeWithinMs,
    email: survey.email,
    recipient_name: survey.recipientName,
    locale: survey.locale,
    message_id: `<${surveyId}.invitation@${survey.messageIdHost}>`,
    via: survey.via,
    held: survey.held,
    due_at: survey.dueAt,
  };
}

/** Decides about a closure again: the closure shows the newest decision, the ledger keeps all. */
export async function decideAgain(
  tx: Store,
  closureId: string,
  stage: DecisionRow['stage'],
  decision: Decision,
  at: Date,
): Promise<void> {
  const { outcome, rule, reason } = decision;
  const decided = { outcome, rule, reason, decided_at: at };
  await tx.withSchema(SCHEMA).updateTable('closures').set(decided).where('id', '=', closureId).execute();
  await noteDecision(tx, closureId, stage, decision, at);
}

/** Puts a decision into the ledger alone: the closure goes on showing whether it was asked about. */
export async function noteDecision(
  tx: Store,
  closureId: string,
  stage: DecisionRow['stage'],
  { outcome, rule, reason }: Decision,
  at: Date,
): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .insertInto('decisions')
    .values({ closure_id: closureId, stage, outcome, rule, reason, decided_at: at })
    .execute();
}

/**
 * Calls off the surveys of these closures whose mail or reply has not left, and gives the closures' ids. What is being handed
 * over at this moment can no longer be called back, and what asks for a later closing as well is left alone.
 */
export async function cancelUnsentSurveys(
  tx: Store,
  connector: string,
  caseId: string,
  closedAt: readonly Date[],
): Promise<string[]> {
  if (closedAt.length === 0) return [];
  const s = tx.withSchema(SCHEMA);
  const surveys = await s
    .selectFrom('surveys as s')
    .innerJoin('closures as own', 'own.id', 's.closure_id')
    .select(['s.id', 's.closure_id'])
    .where('s.connector', '=', connector)
    .where('s.case_id', '=', caseId)
    .where('s.state', '=', 'pending')
    .where('own.closed_at', 'in', closedAt)
    .where(sql<boolean>`not ${asksForNewest(closedAt)}`)
    .execute();
  const cancelled: string[] = [];
  for (const survey of surveys) {
    const mail = await s
      .updateTable('mails')
      .set({ state: 'cancelled', claimed_by: null })
      .where('survey_id', '=', survey.id)
      .where('state', 'in', ['due', 'held'])
      .returning('id')
      .executeTakeFirst();
    if (mail === undefined && !(await cancelCaseAsk(tx, survey.id))) continue;
    await s.updateTable('surveys').set({ state: 'cancelled' }).where('id', '=', survey.id).execute();
    cancelled.push(survey.closure_id);
  }
  return cancelled;
}
