import { type Kysely, sql } from 'kysely';
import type { Scale } from '../domain/score.ts';
import { type AnswerRow, SCHEMA, type SurveyRow, type Tables } from './tables.ts';

/** What the survey page needs to know about one survey, and nothing about the person. */
export interface SurveyPage {
  readonly surveyId: string;
  readonly closureId: string;
  readonly closedAt: Date;
  readonly connector: string;
  readonly caseId: string;
  readonly caseNumber: string;
  /** As the CRM had it for the case when it closed. */
  readonly brand: string | null;
  readonly definition: string;
  readonly kind: 'csat' | 'ces' | 'nps';
  readonly scale: Scale;
  readonly satisfiedFrom: number;
  readonly followUpBelow: number;
  readonly locale: string | null;
  /** `pending` while its mail is on its way: a fast reader may be here before we know that the relay took it. */
  readonly state: 'pending' | 'asked' | 'cancelled' | 'undeliverable';
  readonly expiresAt: Date | null;
  /** The answer that counts now, with the instant until which it may be changed. */
  readonly answer: CurrentAnswer | null;
}

export interface CurrentAnswer {
  readonly version: number;
  readonly score: number;
  readonly comment: string | null;
  readonly reasons: readonly string[];
  /** `auto`: confirmed by the page's script; `form`: pressed by a person. */
  readonly source: 'form' | 'auto';
  readonly changeUntil: Date;
}

type SurveyPageRow = Pick<
  SurveyRow,
  | 'id'
  | 'closure_id'
  | 'connector'
  | 'case_id'
  | 'name'
  | 'kind'
  | 'scale'
  | 'satisfied_from'
  | 'follow_up_below'
  | 'change_within_ms'
  | 'locale'
  | 'state'
  | 'expires_at'
> & {
  readonly number: string;
  readonly brand: string | null;
  readonly closed_at: Date;
  readonly first_answered_at: Date | null;
} & { readonly [K in 'version' | 'score' | 'comment' | 'reasons' | 'source']: AnswerRow[K] | null };

/** Finds a survey by the id its link names; null when there is none. */
export async function findSurveyPage(db: Kysely<Tables>, surveyId: string): Promise<SurveyPage | null> {
  const [page = null] = await findSurveyPages(db, [surveyId]);
  return page;
}

/** The same for several, in one statement. */
export async function findSurveyPages(
  db: Kysely<Tables>,
  surveyIds: readonly string[],
): Promise<readonly (SurveyPage | null)[]> {
  const { rows } = await sql<SurveyPageRow>`
    select s.id, s.closure_id, s.connector, s.case_id, s.name, s.kind, s.scale, s.satisfied_from, s.follow_up_below, s.change_within_ms,
           s.locale, s.state, s.expires_at, cases.number, closures.closed_at, closures.snapshot ->> 'brand' as brand,
           first.answered_at as first_answered_at, last.version, last.score, last.comment, last.reasons, last.source
      from caseloop.surveys as s
      join caseloop.cases on cases.connector = s.connector and cases.case_id = s.case_id
      join caseloop.closures on closures.id = s.closure_id
      left join caseloop.answers as first on first.survey_id = s.id and first.version = 1
      left join lateral (select version, score, comment, reasons, source from caseloop.answers
                          where survey_id = s.id order by version desc limit 1) as last on true
     where s.id = any(${surveyIds}::uuid[])`.execute(db);
  const pages = new Map(rows.map((row) => [row.id, pageFromRow(row)]));
  return surveyIds.map((id) => pages.get(id) ?? null);
}

function pageFromRow(row: SurveyPageRow): SurveyPage {
  const { first_answered_at: answeredAt, version, score, source } = row;
  return {
    surveyId: row.id,
    closureId: row.closure_id,
    closedAt: row.closed_at,
    connector: row.connector,
    caseId: row.case_id,
    caseNumber: row.number,
    brand: row.brand,
    definition: row.name,
    kind: row.kind,
    scale: row.scale,
    satisfiedFrom: row.satisfied_from,
    followUpBelow: row.follow_up_below,
    locale: row.locale,
    state: row.state,
    expiresAt: row.expires_at,
    answer:
      answeredAt === null || version === null || score === null || source === null
        ? null
        : {
            version,
            score,
            comment: row.comment,
            reasons: row.reasons as string[],
            source,
            changeUntil: new Date(answeredAt.getTime() + row.change_within_ms),
          },
  };
}

/** Stops all surveys to the person this survey went to, over every connector. Safe to repeat. */
export async function optOut(
  db: Kysely<Tables>,
  request: { surveyId: string; at: Date; source: string },
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  await s
    .insertInto('suppressions')
    .columns(['person', 'since', 'source'])
    .expression((e) =>
      e
        .selectFrom('surveys')
        .select((b) => ['person', b.val(request.at).as('since'), b.val(request.source).as('source')])
        .where('id', '=', request.surveyId),
    )
    .onConflict((c) => c.column('person').doNothing())
    .execute();
}
