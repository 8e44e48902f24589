import { styleText } from 'node:util';
import { type Comparison, compare } from '../domain/compare.ts';
import {
  countText,
  daysText,
  dayText,
  dimensionText,
  durationText,
  figureText,
  kindText,
  notesOf,
  percentText,
  pointsText,
  shareText,
} from '../domain/figure-words.ts';
import { guideWords, progressOf } from '../domain/goal.ts';
import type { Break, Filters, Flag, Measured, Metric, Report, Slice, Step, Tally } from '../domain/report.ts';
import { DIMENSIONS } from '../domain/report.ts';
import { SCALES } from '../domain/score.ts';

/** A report as a terminal of 80 columns shows it. Never a figure without its interval, its n and its response rate. */
export function showReport(report: Report): string {
  return [
    heading(report),
    total(report),
    distribution(report),
    beside(report.total.tally),
    ...(report.trend.length > 1 ? [trend(report)] : []),
    ...report.splits.map((split) => slices(report, split)),
    ...(report.flags.length > 0 ? [flags(report.flags)] : []),
    notes(report),
  ].join('\n\n');
}

const WIDTH = 80;
const LABEL = 24;

const bold = (text: string) => styleText('bold', text);
const faint = (text: string) => styleText('dim', text);

function heading({ question, behind }: Report): string {
  const filters = filterLines(question.filters);
  return [
    bold(`Closings of ${daysText(question.from, question.to)}`),
    ...(filters.length === 0 ? ['all of them'] : filters),
    ...(behind === 0 ? [] : [`${countText(behind)} are not in these figures yet; ask again in a moment.`]),
  ].join('\n');
}

function filterLines(filters: Filters): readonly string[] {
  return DIMENSIONS.flatMap((dimension) => {
    const values = filters[dimension];
    if (values === undefined) return [];
    const words = values.map((value) => (value === '' ? 'not known' : clean(value)));
    return [`${dimensionText(dimension)}: ${words.length === 0 ? 'none' : words.join(', ')}`];
  });
}

function total({ metric, total, baseline, settings, question }: Report): string {
  if (metric === null) return `Nobody was asked. ${countText(total.tally.closures)} closings.`;
  const before = `${settings.baselineDays} days before`;
  const lines = [
    row('', headOf(metric)),
    row('this period', cellsOf(metric, total)),
    row(before, cellsOf(metric, baseline)),
  ];
  const comparison = compare(baseline, total);
  if (comparison.difference !== null) lines.push(`  ${changeText(comparison)}`);
  if (settings.goal !== null) {
    const { expected, verdict } = progressOf(settings.goal, total.figure, question.to);
    const { percent, day } = settings.goal.to;
    const target = `${percentText(percent)} by ${dayText(day)}`;
    lines.push(
      `  Goal: ${target}, so ${percentText(expected)} by ${dayText(question.to)}: ${GOAL_WORDS[verdict]}.`,
    );
  }
  const words = guideWords(metric, total.figure);
  if (words !== null)
    lines.push(`  Often called: ${words}. No more than a guide; look at your own trend first.`);
  return lines.join('\n');
}

const GOAL_WORDS = {
  'on track': 'on track',
  behind: 'behind',
  'cannot be told apart': 'too close to tell',
  'too few answers': 'too few answers',
} as const;

function changeText({ difference, interval, verdict }: Comparison): string {
  const change = `Change: ${pointsText(difference ?? 0)} points`;
  const range = interval === null ? '' : ` (${pointsText(interval.low)} to ${pointsText(interval.high)})`;
  return `${change}${range}: ${verdict}.`;
}

/** Figure, interval, n and rate, in columns. */
function cellsOf(metric: Metric, { tally, figure }: Measured): string {
  const rate = (figure.responseRate === null ? '-' : percentText(figure.responseRate)).padStart(8);
  const { percent, interval } = figure;
  if (percent === null) {
    const few =
      tally.answered === 0 ? 'no answers' : `too few answers to say (n = ${countText(tally.answered)})`;
    return `${few.padStart(35)}  ${rate}`;
  }
  const range = interval === null ? '-' : `${percentText(interval.low)} to ${percentText(interval.high)}`;
  const cells = [
    figureText(metric, percent).padStart(7),
    range.padStart(17),
    countText(tally.answered).padStart(7),
  ];
  return `${cells.join('  ')}  ${rate}`;
}

function headOf(metric: Metric): string {
  const cells = [
    kindText(metric).padStart(7),
    '95% interval'.padStart(17),
    'n'.padStart(7),
    'response'.padStart(8),
  ];
  return faint(cells.join('  '));
}

function row(label: string, cells: string, more = ''): string {
  return `  ${short(label).padEnd(LABEL)}${cells}${more}`.trimEnd();
}

const BAR = 40;

function distribution({ metric, total: { tally, figure } }: Report): string {
  if (metric === null) return 'Answers: none.';
  const { min } = SCALES[metric.scale];
  const most = Math.max(1, ...tally.scores);
  const average = figure.average === null ? '' : `, average ${figure.average.toFixed(2)}`;
  const lines = tally.scores.map((count, nth) => {
    const point = String(min + nth).padStart(4);
    const share = figure.isEnough ? `  ${percentText((count * 100) / tally.answered).padStart(6)}` : '';
    const bar = '█'.repeat(Math.round((count * BAR) / most)).padEnd(BAR);
    return `${point}  ${bar}  ${countText(count).padStart(7)}${share}`;
  });
  return [
    bold(`Answers: ${countText(tally.answered)} of ${countText(tally.asked)} asked${average}`),
    ...lines.toReversed(),
  ].join('\n');
}

function beside({ closures, reopened, firstReply, resolution, recovery }: Tally): string {
  const time = ({ known, medianMs }: Tally['firstReply']) =>
    medianMs === null ? 'not known' : `median ${durationText(medianMs)} (n = ${countText(known)})`;
  const recovered = shareText(recovery.recovered, recovery.low);
  const took = recovery.medianMs === null ? '' : `, median ${durationText(recovery.medianMs)}`;
  const overdue = recovery.overdue === 0 ? '' : `, ${countText(recovery.overdue)} overdue`;
  return [
    bold('Beside it'),
    `  Closings        ${countText(closures)}`,
    `  First reply     ${time(firstReply)}`,
    `  Resolution      ${time(resolution)}`,
    `  Opened again    ${shareText(reopened, closures)}`,
    `  Low recovered   ${recovery.low === 0 ? 'no low scores' : `${recovered}${took}${overdue}`}`,
  ].join('\n');
}

function trend({ trend: steps, breaks, metric }: Report): string {
  const begun = new Map(breaks.map((one) => [one.day, one]));
  const lines = steps.flatMap((step) => {
    const broken = begun.get(step.from);
    return [...(broken === undefined ? [] : [breakLine(broken)]), stepLine(step)];
  });
  return [bold('Trend'), ...(metric === null ? [] : [row('', headOf(metric))]), ...lines].join('\n');
}

function stepLine({ from, to, metric, ...measured }: Step): string {
  return row(daysText(from, to), cellsOf(metric, measured));
}

function breakLine({ from, to }: Break): string {
  const words = `-- ${clean(to.name)} in place of ${clean(from.name)}: not to be compared `;
  return `  ${words.padEnd(WIDTH - 2, '-')}`;
}

function slices({ metric }: Report, { by, slices: all, more }: Report['splits'][number]): string {
  const title = bold(`By ${dimensionText(by).toLowerCase()}`);
  if (metric === null || all.length === 0) return `${title}\n  nothing to tell`;
  return [
    title,
    row('', headOf(metric), faint('  rank')),
    ...all.map((slice) => row(labelOf(slice, all), cellsOf(metric, slice), rankOf(slice))),
    ...(more === 0 ? [] : [`  and ${countText(more)} more`]),
  ].join('\n');
}

/** People of several CRMs may share a name; then it stands with what tells them apart. */
function labelOf({ value, label }: Slice, all: readonly Slice[]): string {
  if (value === '') return 'not known';
  return all.some((other) => other.label === label && other.value !== value) ? `${label} ${value}` : label;
}

function rankOf({ rank }: Slice): string {
  return rank === null ? '' : `  ${String(rank).padStart(4)}`;
}

function flags(raised: readonly Flag[]): string {
  return [
    bold('Look at this before you believe the figures'),
    ...raised.flatMap(({ title, detail }) => [
      `  ${styleText('yellow', clean(title))}`,
      ...wrap(clean(detail), WIDTH - 4).map((line) => `    ${line}`),
    ]),
  ].join('\n');
}

const OWN_NOTES = [
  'A rank stands only where an interval overlaps with no other.',
  'Every formula and check in words: docs/figures.md.',
];

function notes(report: Report): string {
  return [
    bold('How it is counted'),
    ...[...notesOf(report), ...OWN_NOTES].flatMap((note) =>
      wrap(clean(note), WIDTH - 2).map((line) => `  ${line}`),
    ),
  ].join('\n');
}

function short(label: string): string {
  const text = clean(label);
  return text.length < LABEL ? text : `${text.slice(0, LABEL - 2)}…`;
}

/** What comes from a CRM may hold codes that would steer a terminal. */
function clean(text: string): string {
  return text.replace(/\p{C}/gu, ' ');
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
