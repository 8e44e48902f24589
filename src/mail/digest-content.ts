import {
  countText,
  daysText,
  dimensionText,
  durationText,
  figureText,
  kindText,
  notesOf,
  percentText,
  shareText,
} from '../domain/figure-words.ts';
import { queryOf } from '../domain/question-query.ts';
import { reasonInWords } from '../domain/reasons.ts';
import type { Measured, Metric, Question, Report, Slice, Subset } from '../domain/report.ts';
import { SCALES, type Scale } from '../domain/score.ts';
import { labelled } from '../domain/slice-labels.ts';
import { describeScore, labelsFor, type SurveyKind } from '../domain/survey.ts';
import { casePageUrl } from '../links.ts';
import type { BigFigure, Block, Quote, Table } from './digest-blocks.ts';

/** All that a digest tells. */
export interface DigestContent {
  /** Null is all teams together. */
  readonly team: string | null;
  /** The week, split by one dimension. */
  readonly week: Report;
  /** The weeks up to it, in steps of one. */
  readonly trend: Report;
  readonly low: readonly LowScore[];
  /** Where staff look at Caseloop, without a trailing slash. */
  readonly publicUrl: string;
  /** The pictures there are. */
  readonly pictures: readonly { readonly cid: 'trend' | 'slices'; readonly alt: string }[];
}

/** One low answer of the week. */
export interface LowScore {
  readonly connector: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly agent: string | null;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly score: number;
  readonly reasons: readonly string[];
  /** Null where the customer wrote nothing, or it is not to be told. */
  readonly comment: string | null;
}

/** Slices that a mail shows; the page has the others. */
export const MOST_SLICES = 12;
/** Low scores that a mail shows one by one. */
export const MOST_LOW = 20;

export function digestTitle({ team, week }: Pick<DigestContent, 'team' | 'week'>): string {
  const { from, to } = week.question;
  return `${kindText(week.metric)} of ${team ?? 'all teams'}, ${daysText(from, to)}`;
}

/** What an inbox shows beside the title. */
export function digestPreview({ week }: Pick<DigestContent, 'week'>): string {
  return headline(week.total, week.metric)
    .map(({ label, value, detail }) => `${label} ${value} (${detail})`)
    .join(', ');
}

/** The parts of a digest in their order. */
export function digestBlocks(content: DigestContent): readonly Block[] {
  const { week } = content;
  const link = linksTo(content);
  return [
    { kind: 'figures', figures: headline(week.total, week.metric) },
    { kind: 'text', text: beforeText(week) },
    ...flagBlocks(week, link),
    ...distributionBlocks(week),
    ...pictureBlocks(content, 'trend', 'The last weeks'),
    ...sliceBlocks(content, link),
    { kind: 'heading', text: 'Beside the score' },
    besideTable(week.total),
    { kind: 'heading', text: 'Low scores' },
    { kind: 'text', text: recoveryText(week.total) },
    ...lowBlocks(content, link),
    {
      kind: 'links',
      links: [
        { text: 'Open these figures on the dashboard', href: link.dashboard(week.question) },
        ...(week.total.tally.low === 0
          ? []
          : [{ text: 'See every low score of the week', href: link.list(week.question, 'low') }]),
      ],
    },
    ...notesOf(week).map((text) => ({ kind: 'note' as const, text })),
  ];
}

/** Figure, number of answers and response rate: never one alone. */
function headline({ tally, figure }: Measured, metric: Metric | null): readonly BigFigure[] {
  const { percent, responseRate } = figure;
  return [
    {
      label: kindText(metric),
      value: percent === null ? '–' : figureText(metric, percent),
      detail: percent === null ? 'too few answers for a figure' : intervalDetail(figure, metric),
    },
    {
      label: 'Answers',
      value: countText(tally.answered),
      detail:
        metric?.kind === 'nps' ? '' : `${countText(tally.satisfied)} satisfied, ${countText(tally.low)} low`,
    },
    {
      label: 'Response rate',
      value: responseRate === null ? '–' : percentText(responseRate),
      detail: `${countText(tally.answered)} of ${countText(tally.asked)} asked`,
    },
  ];
}

function intervalDetail({ interval }: Measured['figure'], metric: Metric | null): string {
  return interval === null
    ? ''
    : `${figureText(metric, interval.low)} to ${figureText(metric, interval.high)}`;
}

function beforeText({ baseline, metric, settings, total }: Report): string {
  const { percent, interval, responseRate } = baseline.figure;
  const closed = `${countText(total.tally.closures)} cases were closed.`;
  const days = `In the ${countText(settings.baselineDays)} days before`;
  const answers = `${countText(baseline.tally.answered)} answers, response rate ${responseRate === null ? '–' : percentText(responseRate)}`;
  if (percent === null) return `${closed} ${days}: ${answers}; too few for a figure.`;
  const range = interval === null ? '' : ` (${intervalDetail(baseline.figure, metric)})`;
  return `${closed} ${days}: ${figureText(metric, percent)}${range} of ${answers}.`;
}

function flagBlocks({ flags }: Report, link: Links): readonly Block[] {
  if (flags.length === 0) return [];
  return [
    { kind: 'heading', text: 'Look at this before you believe the figures' },
    ...flags.map(
      ({ title, detail, question, only }): Quote => ({
        kind: 'quote',
        title,
        detail,
        comment: null,
        link: { text: 'See the cases', href: link.list(question, only) },
      }),
    ),
  ];
}

function distributionBlocks({ metric, total: { tally } }: Report): readonly Block[] {
  if (metric === null || tally.answered === 0) return [];
  const { min } = SCALES[metric.scale];
  const labels = labelsFor(metric);
  const rows = tally.scores.map((count, nth) => {
    const label = labels[nth] ?? '';
    const name = label === String(min + nth) || label === '' ? String(min + nth) : `${min + nth} ${label}`;
    return { cells: [name, countText(count), shareOf(count, tally.answered)], href: null };
  });
  return [
    { kind: 'heading', text: 'All answers' },
    { kind: 'table', head: ['Score', 'Answers', 'Share'], rows: rows.toReversed() },
  ];
}

function shareOf(count: number, all: number): string {
  return all === 0 ? '–' : percentText((count * 100) / all);
}

function pictureBlocks(
  { pictures }: Pick<DigestContent, 'pictures'>,
  cid: 'trend' | 'slices',
  heading: string | null,
): readonly Block[] {
  const picture = pictures.find((one) => one.cid === cid);
  if (picture === undefined) return [];
  return [
    ...(heading === null ? [] : [{ kind: 'heading' as const, text: heading }]),
    { kind: 'picture', cid, alt: picture.alt },
  ];
}

function sliceBlocks(content: DigestContent, link: Links): readonly Block[] {
  const { week } = content;
  const [split] = week.splits;
  if (split === undefined || split.slices.length === 0) return [];
  const shown = labelled(split.by, split.slices).slice(0, MOST_SLICES);
  const left = split.slices.length - shown.length + split.more;
  const rows = shown.map((slice) => ({
    cells: sliceCells(slice, week.metric),
    href: link.dashboard({
      ...week.question,
      filters: { ...week.question.filters, [split.by]: [slice.value] },
    }),
  }));
  return [
    { kind: 'heading', text: `By ${dimensionText(split.by).toLowerCase()}` },
    ...pictureBlocks(content, 'slices', null),
    { kind: 'table', head: [dimensionText(split.by), kindText(week.metric), 'Answers', 'Rate'], rows },
    {
      kind: 'note',
      text: `In the order of cases closed, not a ranking.${left > 0 ? ` ${countText(left)} more are on the dashboard.` : ''}`,
    },
  ];
}

function sliceCells(slice: Slice, metric: Metric | null): readonly string[] {
  const { tally, figure } = slice;
  const { percent, interval, responseRate } = figure;
  const range = interval === null ? '' : ` (${intervalDetail(figure, metric)})`;
  return [
    slice.label,
    percent === null ? 'too few' : `${figureText(metric, percent)}${range}`,
    countText(tally.answered),
    responseRate === null ? '–' : percentText(responseRate),
  ];
}

function besideTable({ tally }: Measured): Table {
  const time = ({ known, medianMs }: { known: number; medianMs: number | null }) => [
    medianMs === null ? '–' : durationText(medianMs),
    countText(known),
  ];
  return {
    kind: 'table',
    head: ['Measure', 'Figure', 'Cases'],
    rows: [
      { cells: ['First reply, median', ...time(tally.firstReply)], href: null },
      { cells: ['Resolution, median', ...time(tally.resolution)], href: null },
      {
        cells: ['Opened again', shareOf(tally.reopened, tally.closures), countText(tally.reopened)],
        href: null,
      },
    ],
  };
}

function recoveryText({ tally: { recovery } }: Measured): string {
  if (recovery.low === 0) return 'There was none.';
  const time = recovery.medianMs === null ? '' : `, after ${durationText(recovery.medianMs)} in the median`;
  const overdue = recovery.overdue === 0 ? 'none is overdue' : `${countText(recovery.overdue)} overdue`;
  return `Recovered: ${shareText(recovery.recovered, recovery.low)}${time}; ${overdue}.`;
}

function lowBlocks({ low, week }: DigestContent, link: Links): readonly Block[] {
  const left = week.total.tally.low - low.length;
  return [
    ...low.map(
      (one): Quote => ({
        kind: 'quote',
        title: sentence(describeScore(one, one.score)),
        detail: [
          ...(one.agent === null ? [] : [one.agent]),
          ...(one.reasons.length === 0 ? [] : [`about ${one.reasons.map(reasonInWords).join(', ')}`]),
        ].join(', '),
        comment: one.comment,
        link: { text: `Case ${one.caseNumber}`, href: link.ofCase(one) },
      }),
    ),
    ...(left > 0 && low.length > 0 ? [{ kind: 'note' as const, text: `And ${countText(left)} more.` }] : []),
  ];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Links = ReturnType<typeof linksTo>;

function linksTo({ publicUrl }: Pick<DigestContent, 'publicUrl'>) {
  return {
    dashboard: (question: Question) => `${publicUrl}/dashboard?${queryOf(question)}`,
    list: (question: Question, only: Subset) =>
      `${publicUrl}/dashboard/cases?${queryOf({ ...question, only })}`,
    ofCase: ({ connector, caseId }: LowScore) => casePageUrl(publicUrl, connector, caseId),
  };
}
