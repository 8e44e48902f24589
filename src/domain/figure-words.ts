import type { Dimension, Metric, Report, ReportSettings } from './report.ts';
import { SCALES } from './score.ts';

/** How figures are written for people, the same wherever they stand. */

const COUNT = new Intl.NumberFormat('en-GB');
const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

export function countText(count: number): string {
  return COUNT.format(count);
}

/** `86.4%`; one decimal, as more would claim more than any sample here can tell. */
export function percentText(percent: number): string {
  return `${signed(percent)}%`;
}

/** `3 of 40 (7.5%)`; without the share where there is nothing to take one of. */
export function shareText(part: number, whole: number): string {
  const counts = `${countText(part)} of ${countText(whole)}`;
  return whole === 0 ? counts : `${counts} (${percentText((100 * part) / whole)})`;
}

/** `+1.4` or `−0.2` points, with the sign that typesetters use. */
export function pointsText(points: number): string {
  const text = signed(points);
  return points > 0 && text !== '0.0' ? `+${text}` : text;
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  return value < 0 && text !== '0.0' ? `−${text}` : text;
}

/** `1 Nov 2026` for `2026-11-01`. */
export function dayText(day: string): string {
  return DAY.format(new Date(`${day}T00:00:00Z`));
}

/** `1 to 30 Nov 2026`, leaving out what both days share. */
export function daysText(from: string, to: string): string {
  if (from === to) return dayText(from);
  const [fromDay, fromMonth, fromYear] = dayText(from).split(' ');
  const [, toMonth, toYear] = dayText(to).split(' ');
  if (fromYear !== toYear) return `${dayText(from)} to ${dayText(to)}`;
  if (fromMonth !== toMonth) return `${fromDay} ${fromMonth} to ${dayText(to)}`;
  return `${fromDay} to ${dayText(to)}`;
}

const MINUTES_OF_DAY = 1440;

/** `45 min`, `2 h 24 min`, `1 d 5 h`; two units at most. */
export function durationText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'under 1 min';
  const parts =
    minutes < MINUTES_OF_DAY
      ? [amount(Math.floor(minutes / 60), 'h'), amount(minutes % 60, 'min')]
      : [
          amount(Math.floor(minutes / MINUTES_OF_DAY), 'd'),
          amount(Math.floor((minutes % MINUTES_OF_DAY) / 60), 'h'),
        ];
  return parts.filter((part) => part !== '').join(' ');
}

function amount(count: number, unit: string): string {
  return count === 0 ? '' : `${countText(count)} ${unit}`;
}

const KINDS = { csat: 'CSAT', ces: 'CES', nps: 'NPS' } as const;

/** `CSAT`, `CES` or `NPS`. */
export function kindText(metric: Pick<Metric, 'kind'> | null): string {
  return KINDS[metric?.kind ?? 'csat'];
}

/** A figure of a metric: a percentage, and for NPS a plain number. */
export function figureText(metric: Pick<Metric, 'kind'> | null, percent: number): string {
  return metric?.kind === 'nps' ? pointsText(percent) : percentText(percent);
}

/** What a metric counts, in a sentence. */
export function formulaText(metric: Metric): string {
  if (metric.kind === 'nps') return 'NPS = share of answers of 9 and 10, less share of answers of 0 to 6.';
  const { min, max } = SCALES[metric.scale];
  const range = metric.satisfiedFrom === max ? `of ${max}` : `from ${metric.satisfiedFrom} to ${max}`;
  return `${kindText(metric)} = answers ${range} ÷ all answers, on a scale from ${min} to ${max} (metric ${metric.name}).`;
}

/** How the figures of a report are made, a sentence each. */
export function notesOf({ metric, settings }: Pick<Report, 'metric' | 'settings'>): readonly string[] {
  return [
    ...(metric === null ? [] : [formulaText(metric)]),
    ...(metric === null || metric.kind === 'nps'
      ? []
      : ['Interval: where the figure may well lie, given so many answers (Wilson score interval, 95%).']),
    'Response rate = answered ÷ asked. Asked: the survey left.',
    `Below ${countText(settings.minimum)} answers only the counts are shown.`,
    dateRuleText(settings),
  ];
}

/** The one date rule. */
export function dateRuleText({ zone }: Pick<ReportSettings, 'zone'>): string {
  return `A case counts on the day it was closed, in ${zone}.`;
}

const DIMENSION_WORDS: Readonly<Record<Dimension, string>> = {
  agent: 'Agent',
  team: 'Team',
  channel: 'Channel',
  topic: 'Topic',
  brand: 'Brand',
  tier: 'Tier',
  language: 'Language',
  connector: 'Connector',
  handledBy: 'Bot or human',
};

export function dimensionText(dimension: Dimension): string {
  return DIMENSION_WORDS[dimension];
}
