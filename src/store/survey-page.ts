import type { Kysely } from 'kysely';
import type { Scale } from '../domain/score.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** What the survey page needs to know about one survey, and nothing about the person. */
export interface SurveyPage {
  readonly surveyId: string;
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

/** Finds a survey by the id its link names; null when there is none. */
export async function findSurveyPage(db: Kysely<Tables>, surveyId: string): Promise<SurveyPage | null> {
  const survey = await db
    .withSchema(SCHEMA)
    .selectFrom('surveys')
    .innerJoin('cases', (join) =>
      join.onRef('cases.connector', '=', 'surveys.connector').onRef('cases.case_id', '=', 'surveys.case_id'),
    )
    .innerJoin('closures', 'closures.id', 'surveys.closure_id')
    .leftJoin('answers as first', (join) =>
      join.onRef('first.survey_id', '=', 'surveys.id').on('first.version', '=', 1),
    )
    .leftJoinLateral(
      (e) =>
        e
          .selectFrom('answers')
          .select(['version', 'score', 'comment', 'reasons', 'source'])
          .whereRef('answers.survey_id', '=', 'surveys.id')
          .orderBy('version', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .selectAll('surveys')
    .select([
      'cases.number',
      'first.answered_at',
      'last.version',
      'last.score',
      'last.comment',
      'last.reasons',
      'last.source',
    ])
    .select((e) =>
      e
        .ref('closures.snapshot', '->>')
        .key('brand' as never)
        .$castTo<string | null>()
        .as('brand'),
    )
    .where('surveys.id', '=', surveyId)
    .executeTakeFirst();
  if (survey === undefined) return null;
  const { answered_at: answeredAt, version, score, source } = survey;
  return {
    surveyId,
    connector: survey.connector,
    caseId: survey.case_id,
    caseNumber: survey.number,
    brand: survey.brand,
    definition: survey.name,
    kind: survey.kind,
    scale: survey.scale,
    satisfiedFrom: survey.satisfied_from,
    followUpBelow: survey.follow_up_below,
    locale: survey.locale,
    state: survey.state,
    expiresAt: survey.expires_at,
    answer:
      answeredAt === null || version === null || score === null || source === null
        ? null
        : {
            version,
            score,
            comment: survey.comment,
            reasons: survey.reasons as string[],
            source,
            changeUntil: new Date(answeredAt.getTime() + survey.change_within_ms),
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
