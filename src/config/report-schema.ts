import { DAY_MS } from '../clock.ts';
import { CREDIT_RULES } from '../domain/credit.ts';
import type { Goal } from '../domain/report.ts';
import { isTimeZone } from '../domain/time-zone.ts';
import { documented, section } from './documented.ts';
import { choice, duration, percent, text, whole } from './values.ts';

const zone = documented(
  text<string>((input) => (isTimeZone(input) ? { value: input } : { message: 'this is not a time zone' })),
  {
    about: 'The one time zone in which reports tell days apart. Default: the zone of the calendar.',
    allowed: 'an IANA time zone, such as Europe/Berlin',
    fix: 'Write area and city, such as Europe/Berlin or America/New_York.',
  },
);

const day = (about: string) =>
  documented(
    text<string>((input) => (isDay(input) ? { value: input } : { message: 'this is not a day' })),
    { about, allowed: 'a day as YYYY-MM-DD', fix: 'Write year, month and day, such as 2026-12-31.' },
  );

function isDay(input: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(input)) return false;
  const date = new Date(`${input}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(input);
}

/** 0.57 * 100 is 56.99999999999999. */
const inPercent = (ratio: number): number => Math.round(ratio * 1e8) / 1e6;

const goal = documented(
  section('Where the score is to go, as a line on the trend.', {
    from: percent('The score that the line begins with.'),
    on: day('The day on which it begins.'),
    to: percent('The score that it leads to.'),
    by: day('The day on which it is to be reached.'),
  }).transform(({ from, on, to, by }, context): Goal => {
    if (on >= by)
      context.addIssue({
        code: 'custom',
        message: 'this is not after the day on which the line begins',
        path: ['by'],
        params: { allowed: `a day after ${on}`, fix: `Write a day after ${on}.` },
      });
    return { from: { percent: inPercent(from), day: on }, to: { percent: inPercent(to), day: by } };
  }),
  {
    about: 'Where the score is to go, as a line on the trend.',
    allowed: 'a map with the keys from, on, to, by',
    fix: 'Write, for example, { from: 78%, on: 2026-10-01, to: 85%, by: 2026-12-31 }.',
  },
);

const baseline = documented(
  duration({
    about: 'How long before a period it is compared to, in whole days.',
    minMs: DAY_MS,
    maxMs: 366 * DAY_MS,
  }).refine((ms) => ms % DAY_MS === 0, 'this is not a whole number of days'),
  {
    about: 'How long before a period it is compared to.',
    allowed: 'whole days, from 1d to 366d',
    fix: 'Write the number of days with a d, such as 30d.',
  },
);

/** How figures are made; the same for the dashboard, the command, the digest and the API. */
export const Report = section('How figures are made, wherever they are read.', {
  zone: zone.optional(),
  minimum: whole({
    about: 'Answers below which only their count is shown.',
    min: 1,
    max: 1_000,
    unit: 'answers',
  }).default(10),
  goal: goal.optional(),
  baseline: baseline.prefault('30d'),
  credit: choice(
    CREDIT_RULES,
    'Who is credited with a closure, settled when it closes. last-replier costs a call or two more for each closed case in some CRMs.',
  ).default('assignee'),
});
