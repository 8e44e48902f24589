import { z } from 'zod';
import { DAY_MS } from '../clock.ts';
import { type DueIn, type OpenHours, parseDueIn, parseHours } from '../domain/calendar.ts';
import type { QuietHours } from '../domain/sending-hours.ts';
import { isTimeZone } from '../domain/time-zone.ts';
import { documented, section } from './documented.ts';
import { list, text } from './values.ts';

const zone = documented(
  text<string>((input) => (isTimeZone(input) ? { value: input } : { message: 'this is not a time zone' })),
  {
    about: 'The time zone of the opening hours.',
    allowed: 'an IANA time zone, such as Europe/Berlin',
    fix: 'Write area and city, such as Europe/Berlin or America/New_York.',
  },
);

const HOURS_FIX = 'Write, for example, { mon-fri: "09:00-17:00" }.';

const SPANS = '"09:00-17:00", or several such spans with commas between';

// Looked at together with the days, so that all that is wrong with the hours is said at once.
const spans = z
  .unknown()
  .meta({ type: 'string', description: `Opening hours of these days. Allowed: ${SPANS}.` });

const hours = documented(
  z.record(z.string(), spans).transform((entries, context): OpenHours => {
    const texts = Object.entries(entries).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    for (const [key, value] of Object.entries(entries))
      if (typeof value !== 'string')
        context.addIssue({
          code: 'custom',
          message: 'this is not text',
          path: [key],
          params: { allowed: SPANS, fix: HOURS_FIX },
        });
    const { hours, problems } = parseHours(Object.fromEntries(texts));
    for (const { key, problem } of problems) {
      // The problem starts with the quoted value, which may come from a variable.
      const [message = problem, allowed = SPANS] = problem.replace(/^".*?" /s, 'this ').split(': expected ');
      context.addIssue({ code: 'custom', message, path: [key], params: { allowed, fix: HOURS_FIX } });
    }
    if (
      problems.length === 0 &&
      texts.length === Object.keys(entries).length &&
      Object.values(hours).every((spans) => spans.length === 0)
    )
      context.addIssue({ code: 'custom', message: 'no day has opening hours' });
    return hours;
  }),
  {
    about: 'Opening hours by weekday, for due times in business hours.',
    allowed:
      'weekdays mon to sun, ranges or commas between, each with spans such as "09:00-12:00, 13:00-17:00"',
    fix: HOURS_FIX,
  },
);

const holiday = documented(
  text<string>((input) => (isDate(input) ? { value: input } : { message: 'this is not a date' })),
  { about: 'One day off.', allowed: 'a date as YYYY-MM-DD', fix: 'Write the date, such as 2026-12-25.' },
);

function isDate(input: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(input)) return false;
  const date = new Date(`${input}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(input);
}

export const Calendar = section('When your team works: due times in business hours count along it.', {
  zone: zone.prefault('UTC'),
  hours: hours.prefault({ 'mon-fri': '09:00-17:00' }),
  holidays: list(holiday, { about: 'Days on which nobody works.', allowed: 'a list of dates' }),
});

const NEVER = 'never';

/** A span of every day, over midnight too; null for never. */
export function quietHours(about: string) {
  const schema = text<QuietHours | null>((input) => {
    if (input === NEVER) return { value: null };
    const { from, to } = QUIET_HOURS.exec(input)?.groups ?? {};
    if (from === undefined || to === undefined) return { message: 'these are no hours of the day' };
    return from === to ? { message: 'they begin when they end' } : { value: { from, to } };
  });
  return documented(schema, {
    about,
    allowed: 'never, or a span of the day such as "21:00-08:00", 00:00 to 23:59',
    fix: 'Write two times with a hyphen between, in quotes, or never.',
  });
}

/** Whole days; null for never. */
export function remindAfter(about: string) {
  const schema = text<number | null>((input) => {
    if (input === NEVER) return { value: null };
    const days = Number(/^(\d{1,2})d$/.exec(input)?.[1]);
    return days >= 1 && days <= 30 ? { value: days * DAY_MS } : { message: 'this is no number of days' };
  });
  return documented(schema, {
    about,
    allowed: 'never, or a number of days from 1d to 30d',
    fix: 'Write a number with d, such as 5d, or never.',
  });
}

const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const QUIET_HOURS = new RegExp(`^(?<from>${TIME}) *- *(?<to>${TIME})$`);

/** A time limit that may count working time only. */
export function dueIn(about: string) {
  const schema = text<DueIn>((input) => {
    const value = parseDueIn(input);
    return value === null ? { message: 'this is not a time limit' } : { value };
  });
  return documented(schema, {
    about,
    allowed: 'a number of business days or business hours, or a duration such as 36h',
    fix: 'Write, for example, 1 business day, 4 business hours or 36h.',
  });
}
