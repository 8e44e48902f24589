import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Dimension, Filters } from '../../src/domain/report.ts';
import type { Tables } from '../../src/store/tables.ts';

/** What somebody finds who counts closures, surveys and answers themselves, without anything that figures are made of. */
export interface HandCount {
  closures: number;
  asked: number;
  answered: number;
  satisfied: number;
  low: number;
  ones: number;
  recovered: number;
  reopened: number;
  replied: number;
  reply_median_s: number | null;
  resolution_median_s: number | null;
}

/** Where the tables themselves hold each dimension. */
const WORDS: Readonly<Record<Dimension, string>> = {
  agent: "coalesce(c.connector || '/' || c.credited_id, '')",
  team: "coalesce(c.snapshot->'team'->>'name', '')",
  channel: "coalesce(c.snapshot->>'channel', '')",
  topic: "coalesce(c.snapshot->>'kind', '')",
  brand: "coalesce(c.snapshot->>'brand', '')",
  tier: "coalesce(c.snapshot->>'tier', '')",
  language: "substr(coalesce(s.locale, c.snapshot->>'language', ''), 1, 2)",
  connector: 'c.connector',
  handledBy: "case when (c.snapshot->'flags'->>'botHandled')::boolean then 'bot' else 'human' end",
};

/** Counts by the value of a dimension; with null all in one, under `''`. The period is given as instants. */
export async function countByHand(
  db: Kysely<Tables>,
  question: { from: Date; before: Date; filters: Filters; metric: string; by: Dimension | null },
): Promise<ReadonlyMap<string, HandCount>> {
  const conditions = Object.entries(question.filters).map(
    ([dimension, values]) =>
      sql`${sql.raw(WORDS[dimension as Dimension])} = any(${values}::text[])` as RawBuilder<unknown>,
  );
  const value = sql.raw(question.by === null ? "''" : WORDS[question.by]);
  const replied = sql.raw(
    "extract(epoch from (c.snapshot->>'firstRepliedAt')::timestamptz - (c.snapshot->>'openedAt')::timestamptz)",
  );
  const resolved = sql.raw("extract(epoch from c.closed_at - (c.snapshot->>'openedAt')::timestamptz)");
  const { rows } = await sql<HandCount & { value: string }>`
    select ${value} as value, count(*) as closures,
      count(*) filter (where s.metric = ${question.metric} and s.state = 'asked') as asked,
      count(*) filter (where s.metric = ${question.metric} and a.score is not null) as answered,
      count(*) filter (where s.metric = ${question.metric} and a.score >= s.satisfied_from) as satisfied,
      count(*) filter (where s.metric = ${question.metric} and a.score < s.follow_up_below) as low,
      count(*) filter (where s.metric = ${question.metric} and a.score = 1) as ones,
      count(*) filter (where s.metric = ${question.metric} and a.score < s.follow_up_below and exists (select from caseloop.follow_ups f
        where f.closure_id = c.id and f.recovered_at is not null)) as recovered,
      count(*) filter (where k.state = 'open' or exists (select from caseloop.closures l where l.connector = c.connector
        and l.case_id = c.case_id and l.cycle > c.cycle)) as reopened,
      count(*) filter (where ${replied} >= 0) as replied,
      percentile_disc(0.5) within group (order by floor(${replied})) filter (where ${replied} >= 0) as reply_median_s,
      percentile_disc(0.5) within group (order by floor(${resolved})) filter (where ${resolved} >= 0) as resolution_median_s
    from caseloop.closures c
      left join caseloop.surveys s on s.closure_id = c.id
      left join caseloop.cases k on k.connector = c.connector and k.case_id = c.case_id
      left join caseloop.answers a on a.survey_id = s.id
        and a.version = (select max(version) from caseloop.answers where survey_id = s.id)
    where c.closed_at >= ${question.from} and c.closed_at < ${question.before}
      ${conditions.length === 0 ? sql`` : sql`and ${sql.join(conditions, sql` and `)}`}
    group by 1`.execute(db);
  return new Map(
    rows.map(({ value: of, ...count }) => [
      of,
      {
        ...count,
        reply_median_s: numberOf(count.reply_median_s),
        resolution_median_s: numberOf(count.resolution_median_s),
      },
    ]),
  );
}

/** Numeric columns come as text. */
function numberOf(value: unknown): number | null {
  return value === null ? null : Number(value);
}
