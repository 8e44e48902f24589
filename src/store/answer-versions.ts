import { type Kysely, sql } from 'kysely';
import { SECOND_MS } from '../clock.ts';
import type { Scale } from '../domain/score.ts';
import type { SurveyKind } from '../domain/survey.ts';
import type { Tables } from './tables.ts';

/** One version of an answer, with the closure it is about. */
export interface AnswerVersion {
  /** Its place in the order of storing. */
  readonly ordinal: string;
  readonly surveyId: string;
  readonly version: number;
  readonly connector: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly closedAt: Date;
  readonly metric: string;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly satisfiedFrom: number;
  readonly followUpBelow: number;
  readonly score: number;
  readonly reasons: readonly string[];
  readonly comment: string | null;
  readonly source: 'form' | 'auto';
  readonly answeredAt: Date;
  /** As `connector/id`. */
  readonly agent: string | null;
  readonly team: string | null;
}

/** Longer than any transaction that stores an answer: until then one with an earlier place may still come. */
const SETTLED_AFTER_MS = 5 * SECOND_MS;

export interface AnswerVersionsWish {
  /** A place; null begins with the first. */
  readonly after: string | null;
  /** Leaves out what was answered before. */
  readonly since: Date | null;
  /** Only answers these are credited with, as `connector/id`; null is all. */
  readonly agents: readonly string[] | null;
  readonly limit: number;
  /** For tests; the default is 5 s. */
  readonly settledAfterMs?: number;
}

/**
 * Versions of answers in the order in which they were stored, from a place on. Who goes on from the last one's place misses
 * none and gets none twice, whatever is stored meanwhile.
 */
export async function readAnswerVersions(
  db: Kysely<Tables>,
  { after, since, agents, limit, settledAfterMs = SETTLED_AFTER_MS }: AnswerVersionsWish,
): Promise<readonly AnswerVersion[]> {
  const { rows } = await sql<AnswerVersion>`
    select a.ordinal::text as ordinal, a.survey_id as "surveyId", a.version, c.connector, c.case_id as "caseId",
           coalesce(c.snapshot->>'number', c.case_id) as "caseNumber", c.closed_at as "closedAt",
           s.metric, s.kind, s.scale, s.satisfied_from as "satisfiedFrom", s.follow_up_below as "followUpBelow",
           a.score, a.reasons, a.comment, a.source, a.answered_at as "answeredAt",
           c.connector || '/' || c.credited_id as agent, coalesce(c.snapshot->'team'->>'name', c.snapshot->'team'->>'id') as team
      from caseloop.answers a
      join caseloop.surveys s on s.id = a.survey_id
      join caseloop.closures c on c.id = s.closure_id
     where a.ordinal > ${after ?? '0'}::bigint
       and a.stored_at <= clock_timestamp() - make_interval(secs => ${settledAfterMs / SECOND_MS})
       ${since === null ? sql`` : sql`and a.answered_at >= ${since}`}
       ${agents === null ? sql`` : sql`and c.connector || '/' || c.credited_id = any(${agents}::text[])`}
     order by a.ordinal
     limit ${limit}`.execute(db);
  return rows;
}
