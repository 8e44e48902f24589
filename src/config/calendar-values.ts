import { z } from 'zod';
import { type DueIn, type OpenHours, parseDueIn, parseHours } from '../domain/calendar.ts';
import { documented, section } from './documented.ts';
import { list, text } from './values.ts';

const zone = documented(
  text<string>((input) => (isZone(input) ? { value: input } : { message: 'this is not a time zone' })),
  {
    about: 'The time zone of the opening hours.',
    allowed: 'an IANA time zone, such as Europe/Berlin',
    fix: 'Write area and city, such as Europe/Berlin or America/New_York.',
  },
);

function isZone(input: string): boolean {
  // Offsets such as +01:00 pass as zones here, but know nothing of daylight saving.
  if (!/^[A-Za-z]/.test(input)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: input });
    return true;
  } catch {
    return false;
  }
}

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
