import type { Kysely } from 'kysely';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import type { CaseSnapshot, Named } from '../../src/domain/case.ts';
import type { Rule } from '../../src/domain/policy.ts';
import type { Mark } from '../../src/domain/taps.ts';
import { type FollowUpRow, SCHEMA, type Tables, type WriteBackRow } from '../../src/store/tables.ts';

/** A closing as it stands in the store, with whatever came of it: for pages that show it. */
export interface StagedClosing {
  readonly connector?: string;
  readonly caseId: string;
  readonly number?: string;
  readonly subject?: string;
  readonly closedAt: Date;
  readonly cycle?: number;
  readonly agent?: Named | null;
  readonly team?: Named | null;
  /** Null: the customer was not asked, by the rule. */
  readonly survey?: StagedSurvey | null;
  readonly skipped?: { readonly rule: Rule; readonly reason: string };
}

export interface StagedSurvey {
  readonly state?: 'pending' | 'asked';
  /** Versions of the answer, oldest first. */
  readonly answers?: readonly {
    readonly score: number;
    readonly comment?: string;
    readonly reasons?: readonly string[];
  }[];
  readonly held?: readonly { readonly score: number; readonly marks: readonly Mark[] }[];
  readonly writeBack?: {
    readonly state: WriteBackRow['state'];
    readonly error?: string;
    readonly fix?: string;
  };
  readonly followUp?: {
    readonly state: FollowUpRow['state'];
    readonly error?: string;
    readonly fix?: string;
    readonly dueAt?: Date;
    readonly recoveredAt?: Date;
  };
}

export interface Staged {
  readonly closureId: string;
  readonly surveyId: string | null;
}

/** Puts a closing into the store, and its case where it is not there yet. */
export async function stageClosing(db: Kysely<Tables>, closing: StagedClosing): Promise<Staged> {
  const s = db.withSchema(SCHEMA);
  const { connector = 'zendesk-eu', caseId, closedAt, cycle = 1, survey = {} } = closing;
  const snapshot = snapshotOf(closing);
  await s
    .insertInto('connectors')
    .values({ name: connector, type: 'zendesk', started_at: new Date('2026-01-01T00:00:00Z') })
    .onConflict((c) => c.doNothing())
    .execute();
  await s
    .insertInto('cases')
    .values({
      connector,
      case_id: caseId,
      number: snapshot.number,
      state: 'closed',
      changed_at: closedAt,
      noticed_at: closedAt,
      snapshot: JSON.stringify(snapshot),
    })
    .onConflict((c) =>
      c.columns(['connector', 'case_id']).doUpdateSet({ snapshot: JSON.stringify(snapshot) }),
    )
    .execute();
  const decision =
    survey === null
      ? {
          outcome: 'skip' as const,
          rule: 'staff' as Rule,
          reason: 'Skipped: the requester is staff.',
          ...closing.skipped,
        }
      : { outcome: 'ask' as const, rule: 'asked' as const, reason: 'Asked: no rule speaks against it.' };
  const { id: closureId } = await s
    .insertInto('closures')
    .values({
      connector,
      case_id: caseId,
      closed_at: closedAt,
      cycle,
      noticed_at: later(closedAt, MINUTE_MS),
      noticed_by: 'push',
      person: `person of ${caseId}`,
      snapshot: JSON.stringify(snapshot),
      credited_id: snapshot.assignee?.id ?? null,
      credited_name: snapshot.assignee?.name ?? null,
      credited_by: snapshot.assignee === null ? null : 'assignee',
      ...decision,
      decided_at: later(closedAt, MINUTE_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await s
    .insertInto('decisions')
    .values({ closure_id: closureId, stage: 'closing', ...decision, decided_at: later(closedAt, MINUTE_MS) })
    .execute();
  const surveyId =
    survey === null ? null : await stageSurvey(db, { closureId, connector, caseId, closedAt }, survey);
  return { closureId, surveyId };
}

interface Place {
  readonly closureId: string;
  readonly connector: string;
  readonly caseId: string;
  readonly closedAt: Date;
}

async function stageSurvey(db: Kysely<Tables>, place: Place, survey: StagedSurvey): Promise<string> {
  const s = db.withSchema(SCHEMA);
  const { closureId, connector, caseId, closedAt } = place;
  const sentAt = later(closedAt, 5 * MINUTE_MS);
  const isAsked = survey.state !== 'pending';
  const { id: surveyId } = await s
    .insertInto('surveys')
    .values({
      closure_id: closureId,
      connector,
      case_id: caseId,
      name: 'support',
      metric: '2026-11',
      kind: 'csat',
      scale: '1-5',
      satisfied_from: 4,
      follow_up_below: 3,
      change_within_ms: 7 * DAY_MS,
      person: `person of ${caseId}`,
      email: 'ada@customer.example',
      recipient_name: 'Ada Customer',
      locale: 'en',
      state: isAsked ? 'asked' : 'pending',
      created_at: closedAt,
      asked_at: isAsked ? sentAt : null,
      expires_at: isAsked ? later(sentAt, 30 * DAY_MS) : null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await s
    .insertInto('mails')
    .values({
      survey_id: surveyId,
      purpose: 'invitation',
      message_id: `<${surveyId}.invitation@survey.acme.example>`,
      state: isAsked ? 'sent' : 'due',
      next_attempt_at: sentAt,
      attempts: isAsked ? 1 : 0,
      sent_at: isAsked ? sentAt : null,
    })
    .execute();
  await stageAnswers(db, surveyId, later(sentAt, HOUR_MS), survey);
  const due = { closure_id: closureId, connector, next_attempt_at: later(sentAt, HOUR_MS) };
  if (survey.writeBack !== undefined) {
    const { state, error = null, fix = null } = survey.writeBack;
    const version = survey.answers?.length ?? 1;
    const isWritten = state === 'written';
    await s
      .insertInto('write_backs')
      .values({
        ...due,
        version,
        state,
        written_version: isWritten ? version : null,
        done_at: isWritten ? later(sentAt, HOUR_MS) : null,
        last_error: error,
        fix,
        attempts: 1,
      })
      .execute();
  }
  if (survey.followUp !== undefined) {
    const { state, error = null, fix = null, dueAt = later(sentAt, DAY_MS), recoveredAt } = survey.followUp;
    await s
      .insertInto('follow_ups')
      .values({
        ...due,
        key: `csat:${closureId}`,
        state,
        due_at: dueAt,
        created_at: later(sentAt, HOUR_MS),
        ...(state === 'made'
          ? { ref_id: '9001', ref_url: 'https://acme.example/tasks/9001', done_at: later(sentAt, HOUR_MS) }
          : {}),
        last_error: error,
        fix,
        is_clock: true,
        low_since: later(sentAt, HOUR_MS),
        next_look_at: later(sentAt, HOUR_MS),
        recovered_at: recoveredAt ?? null,
        recovered_by: recoveredAt === undefined ? null : 'reply',
      })
      .execute();
  }
  return surveyId;
}

async function stageAnswers(
  db: Kysely<Tables>,
  surveyId: string,
  at: Date,
  { answers = [], held = [] }: StagedSurvey,
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  for (const [index, { score, comment, reasons = [] }] of answers.entries()) {
    const answeredAt = later(at, index * MINUTE_MS);
    const tap = { survey_id: surveyId, agent: 'Safari 20 on iPhone', caller: 'a hash', facts: '{}' };
    await s
      .insertInto('taps')
      .values([
        { ...tap, at: later(answeredAt, -MINUTE_MS / 2), kind: 'page', method: 'GET', score },
        { ...tap, at: answeredAt, kind: 'answer', method: 'POST', score },
      ])
      .execute();
    await s
      .insertInto('answers')
      .values({
        survey_id: surveyId,
        version: index + 1,
        score,
        comment: comment ?? null,
        reasons: JSON.stringify(reasons),
        source: 'form',
        answered_at: answeredAt,
      })
      .execute();
  }
  for (const { score, marks } of held)
    await s
      .insertInto('confirmations')
      .values({
        survey_id: surveyId,
        tap_id: null,
        score,
        comment: null,
        reasons: '[]',
        report: '{}',
        at,
        due_at: at,
        state: 'held',
        marks: JSON.stringify(marks),
        decided_at: at,
      })
      .execute();
}

function snapshotOf(closing: StagedClosing): CaseSnapshot {
  const { caseId, number = caseId, subject = 'Refund for order 5512', closedAt } = closing;
  return {
    caseId,
    number,
    url: `https://acme.example/agent/tickets/${caseId}`,
    subject,
    state: 'closed',
    changedAt: closedAt,
    openedAt: later(closedAt, -30 * HOUR_MS),
    closedAt,
    requester: {
      id: '501',
      name: 'Ada Customer',
      email: 'ada@customer.example',
      locale: 'en',
      timeZone: null,
      isStaff: false,
    },
    assignee: closing.agent === undefined ? { id: '11', name: 'Ada Lindqvist' } : closing.agent,
    team: closing.team === undefined ? { id: '7', name: 'Billing' } : closing.team,
    channel: 'email',
    brand: 'Acme',
    organisation: 'Customer Ltd',
    tier: 'gold',
    tags: ['refund'],
    kind: 'question',
    language: 'en',
    priority: 'normal',
    firstRepliedAt: later(closedAt, -28 * HOUR_MS),
    reopens: 0,
    flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
    publicReply: null,
    lastReplier: null,
  };
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
