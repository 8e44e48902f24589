import { type Kysely, sql } from 'kysely';
import { metricOf } from '../domain/closure-fact.ts';
import type { ClosureRecord, RecoveryRecord } from '../domain/closure-record.ts';
import { isSatisfied, levelOf, type Scale } from '../domain/score.ts';
import type { SurveyKind } from '../domain/survey.ts';
import { snapshotFromJson } from './snapshot.ts';
import type { ClosureRow, FollowUpRow, SurveyRow, Tables, WriteBackRow } from './tables.ts';

/** These closures, in the order of their ids, with everything that lists and tables tell. */
export async function readClosureRecords(
  db: Kysely<Tables>,
  closureIds: readonly string[],
  now: Date,
): Promise<readonly ClosureRecord[]> {
  if (closureIds.length === 0) return [];
  const { rows } = await sql<RecordRow>`
    select f.closure_id, f.day, f.reopened, f.metric is not null as is_asked, v.value as language, f.first_reply_s, f.resolution_s,
      c.connector, c.case_id, c.closed_at, c.cycle, c.snapshot, c.credited_id, c.credited_name, c.credited_by, c.outcome, c.rule,
      c.reason, coalesce(k.number, c.snapshot->>'number') as number,
      s.id as survey_id, s.state as survey_state, s.asked_at, s.metric, s.kind, s.scale, s.satisfied_from, s.follow_up_below,
      a.version, a.score, a.comment, a.reasons, a.source, a.answered_at,
      u.state as follow_up_state, u.ref_url, u.due_at, u.stopped_at, u.escalated_at, u.recovered_at, u.recovered_by,
      w.state as write_back_state, w.done_at as written_at, w.last_error, w.fix
    from unnest(${closureIds}::uuid[]) with ordinality wanted (closure_id, nth)
      join caseloop.report_facts f on f.closure_id = wanted.closure_id
      join caseloop.closures c on c.id = f.closure_id
      join caseloop.report_values v on v.id = f.language
      left join caseloop.cases k on k.connector = c.connector and k.case_id = c.case_id
      left join caseloop.surveys s on s.closure_id = c.id
      left join lateral (select * from caseloop.answers where survey_id = s.id order by version desc limit 1) a on true
      left join caseloop.follow_ups u on u.closure_id = c.id and u.is_clock
      left join caseloop.write_backs w on w.closure_id = c.id
    order by wanted.nth`.execute(db);
  return rows.map((row) => recordOf(row, now));
}

interface RecordRow {
  closure_id: string;
  day: string;
  reopened: boolean;
  is_asked: boolean;
  language: string;
  first_reply_s: number | null;
  resolution_s: number | null;
  connector: string;
  case_id: string;
  closed_at: Date;
  cycle: number;
  snapshot: unknown;
  credited_id: string | null;
  credited_name: string | null;
  credited_by: ClosureRow['credited_by'];
  outcome: ClosureRow['outcome'];
  rule: string;
  reason: string;
  number: string | null;
  /** Null without a survey; then so is all of it. */
  survey_id: string | null;
  survey_state: SurveyRow['state'];
  asked_at: Date | null;
  metric: string;
  kind: SurveyKind;
  scale: Scale;
  satisfied_from: number;
  follow_up_below: number;
  version: number;
  /** Null without an answer; then so is all of it. */
  score: number | null;
  comment: string | null;
  reasons: readonly string[];
  source: 'form' | 'auto';
  answered_at: Date;
  /** Null where no score was ever low; then so is all of it. */
  follow_up_state: FollowUpRow['state'] | null;
  ref_url: string | null;
  due_at: Date;
  stopped_at: Date | null;
  escalated_at: Date | null;
  recovered_at: Date | null;
  recovered_by: FollowUpRow['recovered_by'];
  write_back_state: WriteBackRow['state'] | null;
  written_at: Date | null;
  last_error: string | null;
  fix: string | null;
}

function recordOf(row: RecordRow, now: Date): ClosureRecord {
  const snapshot = snapshotFromJson(row.snapshot);
  const thresholds = {
    scale: row.scale,
    satisfiedFrom: row.satisfied_from,
    followUpBelow: row.follow_up_below,
  };
  return {
    closureId: row.closure_id,
    connector: row.connector,
    caseId: row.case_id,
    number: row.number ?? row.case_id,
    url: snapshot.url,
    subject: snapshot.subject ?? null,
    cycle: row.cycle,
    openedAt: snapshot.openedAt ?? null,
    closedAt: row.closed_at,
    day: row.day,
    firstReplyMs: inMs(row.first_reply_s),
    resolutionMs: inMs(row.resolution_s),
    reopened: row.reopened,
    outcome: row.outcome,
    rule: row.rule,
    reason: row.reason,
    survey:
      row.survey_id === null
        ? null
        : {
            id: row.survey_id,
            state: row.survey_state,
            isAsked: row.is_asked,
            askedAt: row.asked_at,
            metric: metricOf({ ...row, satisfiedFrom: row.satisfied_from }),
          },
    answer:
      row.score === null
        ? null
        : {
            version: row.version,
            score: row.score,
            level: levelOf(thresholds, row.score),
            satisfied: isSatisfied(thresholds, row.score),
            comment: row.comment,
            reasons: row.reasons,
            source: row.source,
            answeredAt: row.answered_at,
          },
    credited:
      row.credited_id === null
        ? null
        : {
            agent: `${row.connector}/${row.credited_id}`,
            name: row.credited_name ?? row.credited_id,
            by: row.credited_by,
          },
    team: snapshot.team?.name ?? snapshot.team?.id ?? null,
    channel: snapshot.channel ?? null,
    topic: snapshot.kind ?? null,
    brand: snapshot.brand ?? null,
    organisation: snapshot.organisation ?? null,
    tier: snapshot.tier ?? null,
    language: row.language === '' ? null : row.language,
    handledBy: snapshot.flags?.botHandled === true ? 'bot' : 'human',
    recovery: recoveryOf(row, now),
    writeBack:
      row.write_back_state === null
        ? null
        : { state: row.write_back_state, doneAt: row.written_at, error: row.last_error, fix: row.fix },
  };
}

function recoveryOf(row: RecordRow, now: Date): RecoveryRecord | null {
  if (row.follow_up_state === null) return null;
  const isRunning = row.stopped_at === null && row.recovered_at === null;
  return {
    state: row.follow_up_state,
    url: row.ref_url,
    dueAt: row.due_at,
    isOverdue: isRunning && row.due_at < now,
    stoppedAt: row.stopped_at,
    escalatedAt: row.escalated_at,
    recoveredAt: row.recovered_at,
    recoveredBy: row.recovered_by,
  };
}

function inMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1_000;
}
