import { intervalChart } from '../src/charts/interval-chart.ts';
import { PICTURE_PALETTE } from '../src/charts/palette.ts';
import { altOf, toPng } from '../src/charts/png.ts';
import { trendChart } from '../src/charts/trend-chart.ts';
import type { ClosureRecord } from '../src/domain/closure-record.ts';
import type { DigestWeek } from '../src/domain/digest.ts';
import type { Question, Report } from '../src/domain/report.ts';
import { dayAfter } from '../src/domain/report-period.ts';
import { labelled } from '../src/domain/slice-labels.ts';
import { type DigestContent, type LowScore, MOST_LOW, MOST_SLICES } from '../src/mail/digest-content.ts';
import type { DigestMail } from '../src/mail/digest-mail.ts';
import { readClosureRows } from '../src/store/closure-rows.ts';
import { readReport } from '../src/store/report.ts';
import type { Work } from './work.ts';

export type DigestWork = Pick<Work, 'db' | 'config' | 'clock'>;

/** What a digest is about. A null team is all of them together. */
export interface DigestSubject {
  readonly team: string | null;
  readonly week: Pick<DigestWeek, 'from' | 'to'>;
}

/** Weeks that its trend shows, the last one included. */
const WEEKS = 12;
/** Small, so that their words can be read on a phone. */
const PICTURE = { width: 440, height: 200 } as const;

/** Reads the figures of a week as any page would, and draws their pictures. */
export async function makeDigest(
  work: DigestWork,
  { team, week: { from, to } }: DigestSubject,
): Promise<Pick<DigestMail, 'content' | 'pngs'>> {
  const { db, clock, config } = work;
  const deps = { db, clock, settings: config.report };
  const question: Question = { from, to, metric: null, filters: team === null ? {} : { team: [team] } };
  const week = await readReport(deps, question, {
    splits: [team === null ? 'team' : 'agent'],
    step: 'day',
    flags: true,
  });
  const longer = { ...question, from: dayAfter(to, 1 - 7 * WEEKS) };
  const trend = await readReport(deps, longer, { splits: [], step: 'week' });
  const svgs = await draw(week, trend);
  const content: DigestContent = {
    team,
    week,
    trend,
    low: await lowScores(work, week),
    publicUrl: config.server.publicUrl,
    pictures: [...svgs].map(([cid, svg]) => ({ cid, alt: altOf(svg) })),
  };
  const pngs = new Map<string, Uint8Array>();
  for (const [cid, svg] of svgs) pngs.set(cid, await toPng(svg));
  return { content, pngs };
}

/** None where there would be nothing to see. */
async function draw(week: Report, trend: Report): Promise<ReadonlyMap<'trend' | 'slices', string>> {
  const svgs = new Map<'trend' | 'slices', string>();
  if (trend.total.tally.answered > 0)
    svgs.set('trend', await trendChart(trend, PICTURE_PALETTE, { id: 'trend', ...PICTURE }));
  const [split] = week.splits;
  const slices = split === undefined ? [] : labelled(split.by, split.slices).slice(0, MOST_SLICES);
  if (slices.some(({ figure }) => figure.isEnough)) {
    const { width } = PICTURE;
    svgs.set('slices', await intervalChart({ ...week, slices }, PICTURE_PALETTE, { id: 'slices', width }));
  }
  return svgs;
}

/** One by one, the latest first. */
async function lowScores({ db, clock, config }: DigestWork, week: Report): Promise<readonly LowScore[]> {
  const { metric } = week;
  if (metric === null || week.total.tally.low === 0) return [];
  const question = { ...week.question, metric: metric.key, only: 'low', score: null } as const;
  const deps = { db, clock, settings: config.report };
  const { rows } = await readClosureRows(deps, question, { after: null, limit: MOST_LOW });
  return rows.flatMap((row) => lowScoreOf(row, config.digest.comments));
}

function lowScoreOf(record: ClosureRecord, withComment: boolean): LowScore[] {
  const { survey, answer } = record;
  if (survey === null || answer === null) return [];
  return [
    {
      connector: record.connector,
      caseId: record.caseId,
      caseNumber: record.number,
      agent: record.credited?.name ?? null,
      kind: survey.metric.kind,
      scale: survey.metric.scale,
      score: answer.score,
      reasons: answer.reasons,
      comment: withComment ? answer.comment : null,
    },
  ];
}
