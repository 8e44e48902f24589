import { type Kysely, sql } from 'kysely';
import type { Metric, Question } from '../domain/report.ts';
import type { Tables } from './tables.ts';

/** What a survey would have been answered with. */
export interface HeldScores {
  readonly score: number;
  readonly surveys: number;
}

/**
 * What the period's held taps say, where no answer stands: the latest one of each survey, by score. Days are told apart in
 * `zone`, as in every figure.
 */
export async function readHeldScores(
  db: Kysely<Tables>,
  { from, to }: Pick<Question, 'from' | 'to'>,
  { kind, scale, satisfiedFrom, name }: Metric,
  zone: string,
): Promise<readonly HeldScores[]> {
  const { rows } = await sql<HeldScores>`
    with held as (
      select distinct on (h.survey_id) h.survey_id, h.score
        from caseloop.confirmations h
       where h.state = 'held' and not exists (select from caseloop.answers a where a.survey_id = h.survey_id)
       order by h.survey_id, h.id desc
    )
    select held.score, count(*)::int as surveys
      from held
      join caseloop.surveys s on s.id = held.survey_id
      join caseloop.closures c on c.id = s.closure_id
     where s.kind = ${kind} and s.scale = ${scale} and s.satisfied_from = ${satisfiedFrom} and s.metric = ${name}
       and c.closed_at >= ${from}::date::timestamp at time zone ${zone}
       and c.closed_at < (${to}::date + 1)::timestamp at time zone ${zone}
     group by held.score order by held.score`.execute(db);
  return rows;
}
