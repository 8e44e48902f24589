import type { Kysely } from 'kysely';
import type { AgentCounts, Evidence, Period } from '../domain/evidence.ts';
import { PROMPT_DAYS } from '../domain/evidence.ts';
import { dayIn, lengthOf } from '../domain/periods.ts';
import type { Question } from '../domain/report.ts';
import { dayAfter, type Span } from '../domain/report-period.ts';
import {
  type Cells,
  type Count,
  countDay,
  EVIDENCE_COLUMNS,
  openCount,
  slowerThan,
  tallyOf,
} from './evidence-counts.ts';
import { readOrigins, readStaffCallers } from './evidence-origins.ts';
import type { Column } from './report-columns.ts';
import { readDays } from './report-days.ts';
import { type NumberedFilters, type NumberedMetric, readValues } from './report-filters.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** What is looked at of a long period: its last days, so that the work is bounded and the comparison a fair one. */
const CHECKED_DAYS = 31;

/** Surveys leave some time after the closing; whoever had less than this has not had their days yet. */
const RIPE_DAYS = PROMPT_DAYS + 2;

export interface EvidenceWish {
  readonly question: Question;
  readonly metric: NumberedMetric | null;
  readonly filters: NumberedFilters;
  readonly zone: string;
  readonly baselineDays: number;
  readonly now: Date;
}

/** Reads what the checks judge a report on. Memory and time do not grow with what lies before the days it looks at. */
export async function readEvidence(db: Kysely<Tables>, wish: EvidenceWish): Promise<Evidence> {
  const { question, metric } = wish;
  const today = dayIn(wish.zone, wish.now);
  const earliest = dayAfter(question.to, 1 - CHECKED_DAYS);
  const [, from = earliest] = [earliest, question.from].toSorted();
  const now = { from, to: question.to };
  const before = { from: dayAfter(now.from, -wish.baselineDays), to: dayAfter(now.from, -1) };
  const counts = { now: openCount(metric), before: openCount(metric) };
  const cells: Cells = new Map();
  const ripeTo = dayAfter(today, -RIPE_DAYS);
  const columns = [...new Set<Column>([...EVIDENCE_COLUMNS, ...wish.filters.keys()])];
  const count = async (): Promise<void> => {
    for await (const days of readDays(db, { from: before.from, to: now.to, columns })) {
      for (const day of days) {
        const isNow = day.day >= now.from;
        const count = isNow ? counts.now : counts.before;
        countDay(day, wish.filters, count, day.day <= ripeTo, isNow ? cells : null);
      }
    }
  };
  // A database server looks for origins while we count.
  const [answers, staffCallers, firstDay] = await Promise.all([
    readOrigins(db, { ...wish, ...now }),
    readStaffCallers(db),
    readFirstDay(db),
    count(),
  ]);
  const period = (span: Span, count: Count): Period => ({
    tally: tallyOf(count),
    days: Math.max(0, lengthOf(span)),
    isWhole: span.to < today && firstDay !== null && firstDay < span.from,
    prompt: { positive: count.prompt, all: count.ripe },
    slowReply: slowerThan(counts.before.firstReply, count.firstReply),
    slowResolution: slowerThan(counts.before.resolution, count.resolution),
  });
  return {
    question: { ...question, ...now },
    metric,
    now: period(now, counts.now),
    before: period(before, counts.before),
    agents: await agentCountsOf(db, cells),
    answers,
    staffCallers,
  };
}

async function agentCountsOf(db: Kysely<Tables>, cells: Cells): Promise<readonly AgentCounts[]> {
  const ids = [...cells].flatMap(([agent, teams]) => [agent, ...teams.keys()]);
  const values = await readValues(db, [...new Set(ids)]);
  return [...cells].flatMap(([agentId, teams]) =>
    [...teams].map(([teamId, cell]) => {
      const agent = values.get(agentId);
      const team = values.get(teamId);
      return { agent: agent?.value ?? '', label: agent?.label ?? '', team: team?.value ?? '', ...cell };
    }),
  );
}

/** Null before the first closing is in the figures. */
async function readFirstDay(db: Kysely<Tables>): Promise<string | null> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('report_days')
    .select(({ fn }) => fn.min('day').as('day'))
    .executeTakeFirst();
  return row?.day ?? null;
}
