import { type Kysely, sql, type Transaction } from 'kysely';
import { type ClosureFact, type FactSource, factOf } from '../domain/closure-fact.ts';
import { PROMPT_DAYS } from '../domain/evidence.ts';
import type { Scale } from '../domain/score.ts';
import type { SurveyKind } from '../domain/survey.ts';
import type { Tables } from './tables.ts';

/**
 * Reads these closures as figures count them; those that are gone are left out.
 *
 * One counts as asked when its survey left and did not come back, or was answered. It was opened again when a later closing of
 * the case is known, the case stands open now, or the CRM has counted another reopening since.
 */
export async function readFacts(
  db: Kysely<Tables> | Transaction<Tables>,
  closureIds: readonly string[],
  zone: string,
): Promise<readonly ClosureFact[]> {
  if (closureIds.length === 0) return [];
  const { rows } = await sql<SourceRow>`
    select c.id, c.closed_at, (c.closed_at at time zone ${zone})::date as day, c.connector, c.credited_id, c.credited_name,
      coalesce(c.snapshot->'team'->>'name', c.snapshot->'team'->>'id') as team, c.snapshot->>'channel' as channel,
      c.snapshot->>'kind' as topic, c.snapshot->>'brand' as brand, c.snapshot->>'tier' as tier,
      coalesce(s.locale, c.snapshot->>'language') as locale, c.snapshot->'flags'->>'botHandled' = 'true' as bot_handled,
      (c.snapshot->>'openedAt')::timestamptz as opened_at, (c.snapshot->>'firstRepliedAt')::timestamptz as first_replied_at,
      k.state = 'open' or (k.snapshot->>'reopens')::int > (c.snapshot->>'reopens')::int
        or exists (select from caseloop.closures l
                    where l.connector = c.connector and l.case_id = c.case_id and l.closed_at > c.closed_at) as reopened,
      c.outcome, c.rule, k.address_changed_at between c.closed_at - interval '1 day' and c.noticed_at as address_changed,
      a.prompt, s.metric, s.kind, s.scale, s.satisfied_from, s.follow_up_below,
      (s.asked_at is not null and s.state <> 'undeliverable') or a.score is not null as asked,
      a.score, a.answered_at, a.comment is not null as commented, f.low_since, f.due_at, f.recovered_at
    from caseloop.closures c
      left join caseloop.cases k on k.connector = c.connector and k.case_id = c.case_id
      left join caseloop.surveys s on s.closure_id = c.id
      left join lateral (select score, answered_at, comment,
                                min(answered_at) over () <= s.asked_at + make_interval(days => ${PROMPT_DAYS}) as prompt
                           from caseloop.answers where survey_id = s.id order by version desc limit 1) a on true
      left join caseloop.follow_ups f on f.closure_id = c.id and f.is_clock
    where c.id = any(${closureIds}::uuid[])`.execute(db);
  return rows.map((row) => factOf(sourceOf(row)));
}

interface SourceRow {
  id: string;
  closed_at: Date;
  day: string;
  connector: string;
  credited_id: string | null;
  credited_name: string | null;
  team: string | null;
  channel: string | null;
  topic: string | null;
  brand: string | null;
  tier: string | null;
  locale: string | null;
  bot_handled: boolean | null;
  opened_at: Date | null;
  first_replied_at: Date | null;
  reopened: boolean | null;
  outcome: string;
  rule: string;
  address_changed: boolean | null;
  prompt: boolean | null;
  metric: string;
  kind: SurveyKind;
  scale: Scale;
  satisfied_from: number;
  follow_up_below: number;
  /** Null where there is no survey; then so is all of it. */
  asked: boolean | null;
  score: number | null;
  answered_at: Date;
  commented: boolean;
  low_since: Date | null;
  due_at: Date | null;
  recovered_at: Date | null;
}

function sourceOf(row: SourceRow): FactSource {
  return {
    closureId: row.id,
    closedAt: row.closed_at,
    day: row.day,
    connector: row.connector,
    creditedId: row.credited_id,
    creditedName: row.credited_name,
    team: row.team,
    channel: row.channel,
    topic: row.topic,
    brand: row.brand,
    tier: row.tier,
    locale: row.locale,
    botHandled: row.bot_handled === true,
    openedAt: row.opened_at,
    firstRepliedAt: row.first_replied_at,
    reopened: row.reopened === true,
    signs: {
      outcome: row.outcome,
      rule: row.rule,
      addressChanged: row.address_changed === true,
      prompt: row.prompt === true,
    },
    survey:
      row.asked === true
        ? {
            metric: row.metric,
            kind: row.kind,
            scale: row.scale,
            satisfiedFrom: row.satisfied_from,
            followUpBelow: row.follow_up_below,
          }
        : null,
    answer: row.score === null ? null : { score: row.score, at: row.answered_at, commented: row.commented },
    recovery: row.due_at === null ? null : { since: row.low_since, dueAt: row.due_at, at: row.recovered_at },
  };
}
