import { Temporal } from 'temporal-polyfill';

/** ISO weekdays: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Open from `from` until `to`, local wall-clock times "HH:MM" of one day; `to` may be "24:00". */
export interface OpenSpan {
  readonly from: string;
  readonly to: string;
}

/** The open spans of each weekday, in order and apart; an empty list is a closed day. */
export type OpenHours = Readonly<Record<Weekday, readonly OpenSpan[]>>;

/** When people work. */
export interface Calendar {
  /** IANA time zone, such as Europe/Berlin. */
  readonly zone: string;
  readonly hours: OpenHours;
  /** Closed days, local dates "YYYY-MM-DD". */
  readonly holidays: readonly string[];
}

/** How long something may take: working time counts along a calendar, `ms` on any clock. Whole and above 0. */
export type DueIn =
  | { readonly unit: 'business-days' | 'business-hours'; readonly amount: number }
  | { readonly unit: 'ms'; readonly amount: number };

const HOUR_MS = 3_600_000;
/** A calendar without an open hour for this long is taken for a mistake. */
const SEARCH_DAYS = 366;

/**
 * When something is due that starts at `from`.
 *
 * - `ms` adds clock time.
 * - `business-hours` counts the time that passes while we are open.
 * - `business-days` goes to the nth next day with open hours, at the same wall-clock time; when we are closed then, to the
 *   next opening after it.
 *
 * Working time that starts while we are closed counts from the next opening; the closing minute itself is closed. A later
 * `from` is never due earlier, clock changes included: a local time that a change skips stands for the instant of the
 * change, one that it repeats for its first pass.
 *
 * Throws RangeError when the amount is not whole and above 0, the zone is unknown, or nothing is open for a year.
 */
export function dueAt(from: Date, dueIn: DueIn, calendar: Calendar): Date {
  if (!Number.isSafeInteger(dueIn.amount) || dueIn.amount <= 0) {
    throw new RangeError(`due in ${dueIn.amount} ${dueIn.unit}: expected a whole number above 0`);
  }
  switch (dueIn.unit) {
    case 'ms':
      return new Date(from.getTime() + dueIn.amount);
    case 'business-hours':
      return afterOpenTime(from.getTime(), dueIn.amount * HOUR_MS, calendar);
    case 'business-days':
      return afterOpenDays(from.getTime(), dueIn.amount, calendar);
  }
}

function afterOpenTime(fromMs: number, openMs: number, calendar: Calendar): Date {
  let span = nextSpan(fromMs, calendar);
  let startMs = Math.max(fromMs, span.fromMs);
  let leftMs = openMs;
  while (leftMs > span.toMs - startMs) {
    leftMs -= span.toMs - startMs;
    span = nextSpan(span.toMs, calendar);
    startMs = span.fromMs;
  }
  return new Date(startMs + leftMs);
}

function afterOpenDays(fromMs: number, days: number, calendar: Calendar): Date {
  const start = wallClock(nextOpen(fromMs, calendar), calendar.zone);
  let date = start.toPlainDate();
  for (let counted = 0; counted < days; counted += 1) date = nextOpenDate(date, calendar);
  const dueMs = instantMs(date.toPlainDateTime(start.toPlainTime()), calendar.zone);
  return new Date(nextOpen(dueMs, calendar));
}

/** An open span as instants: `fromMs` is open, `toMs` is not. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The same instant when open, else the next opening. */
function nextOpen(ms: number, calendar: Calendar): number {
  return Math.max(ms, nextSpan(ms, calendar).fromMs);
}

/** The span that `ms` is in, else the next one. */
function nextSpan(ms: number, calendar: Calendar): Span {
  let date = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(calendar.zone).toPlainDate();
  for (let looked = 0; looked <= SEARCH_DAYS; looked += 1) {
    const span = spansOf(date, calendar).find(({ toMs }) => toMs > ms);
    if (span !== undefined) return span;
    date = date.add({ days: 1 });
  }
  throw neverOpen(calendar);
}

/** The first date after `after` with open hours. */
function nextOpenDate(after: Temporal.PlainDate, calendar: Calendar): Temporal.PlainDate {
  let date = after;
  for (let looked = 0; looked <= SEARCH_DAYS; looked += 1) {
    date = date.add({ days: 1 });
    if (spansOf(date, calendar).length > 0) return date;
  }
  throw neverOpen(calendar);
}

function neverOpen(calendar: Calendar): RangeError {
  return new RangeError(
    `the calendar (${calendar.zone}) has no open hours within ${SEARCH_DAYS} days: expected at least one weekday with hours that is not always a holiday`,
  );
}

function spansOf(date: Temporal.PlainDate, calendar: Calendar): readonly Span[] {
  if (calendar.holidays.includes(date.toString())) return [];
  return (
    calendar.hours[date.dayOfWeek as Weekday]
      .map(({ from, to }) => ({
        fromMs: instantMs(localTime(date, from), calendar.zone),
        toMs: instantMs(localTime(date, to), calendar.zone),
      }))
      // A clock change can skip a whole span.
      .filter(({ fromMs, toMs }) => fromMs < toMs)
  );
}

function localTime(date: Temporal.PlainDate, time: string): Temporal.PlainDateTime {
  return time === DAY_END ? date.add({ days: 1 }).toPlainDateTime() : date.toPlainDateTime(time);
}

/** A local time as an instant: its first pass when a clock change repeats it, the instant of the change when one skips it. */
function instantMs(local: Temporal.PlainDateTime, zone: string): number {
  const zoned = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const exists = zoned.toPlainDateTime().equals(local);
  return (exists ? zoned : changeAfter(zoned)).epochMilliseconds;
}

/** Local date and time of an instant; in the second pass of a repeated hour, the end of that hour: time never runs backwards. */
function wallClock(ms: number, zone: string): Temporal.PlainDateTime {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();
  const firstPass = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (firstPass.epochMilliseconds === ms) return local;
  return local.add({ milliseconds: changeAfter(firstPass).epochMilliseconds - firstPass.epochMilliseconds });
}

function changeAfter(zoned: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  const change = zoned.getTimeZoneTransition('next');
  if (change === null)
    throw new RangeError(`no clock change after ${zoned.toString()}: the time zone data contradicts itself`);
  return change;
}

const MS_PER: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS };

/**
 * Reads "1 business day", "8 business hours" or a clock duration such as "90s", "30m", "2h", "1d" (24 hours).
 * Null for anything else, 0 and fractions included.
 */
export function parseDueIn(text: string): DueIn | null {
  const match = /^(?<amount>\d{1,6}) *(?:business +(?<business>day|hour)s?|(?<clock>[smhd]))$/i.exec(
    text.trim(),
  );
  const { amount: digits, business, clock = '' } = match?.groups ?? {};
  const amount = Number(digits);
  if (match === null || amount === 0) return null;
  if (business !== undefined) {
    return { unit: business.toLowerCase() === 'day' ? 'business-days' : 'business-hours', amount };
  }
  return { unit: 'ms', amount: amount * (MS_PER[clock.toLowerCase()] ?? Number.NaN) };
}

/** What is wrong with one entry of `calendar.hours`: a sentence that names the value and what is allowed. */
export interface HoursProblem {
  readonly key: string;
  readonly problem: string;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_END = '24:00';

/**
 * Reads `calendar.hours`: keys such as "mon-fri", "sat" or "mon,wed", values such as "09:00-17:00" or
 * "09:00-12:00, 13:00-17:00". Days that no key names are closed. Every problem is listed; the entries that have one are
 * left out of `hours`.
 */
export function parseHours(entries: Readonly<Record<string, string>>): {
  readonly hours: OpenHours;
  readonly problems: readonly HoursProblem[];
} {
  const hours: Record<Weekday, readonly OpenSpan[]> = { 1: [], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [] };
  const problems: HoursProblem[] = [];
  const named = new Set<Weekday>();
  for (const [key, value] of Object.entries(entries)) {
    const days = parseDays(key);
    const spans = parseSpans(value);
    if (days === null) {
      problems.push({
        key,
        problem: `"${key}" names no days: expected mon, tue, wed, thu, fri, sat or sun, as "mon", "mon-fri" or "mon,wed"`,
      });
    } else if (spans === null) {
      problems.push({
        key,
        problem: `"${value}" is no list of hours: expected "09:00-17:00" or "09:00-12:00, 13:00-17:00", 00:00 to 24:00, each start before its end, in order and apart`,
      });
    } else if (days.some((day) => named.has(day))) {
      problems.push({
        key,
        problem: `"${key}" names a day that an earlier key names too: expected each day once`,
      });
    } else {
      for (const day of days) {
        named.add(day);
        hours[day] = spans;
      }
    }
  }
  return { hours, problems };
}

/** The weekdays of "mon-fri", "sat" or "mon,wed-fri"; a range may run over Sunday. Null when it is none of these or repeats one. */
function parseDays(text: string): readonly Weekday[] | null {
  const days: Weekday[] = [];
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first, ...rest] = part.split('-').map((name) => name.trim());
    const from = WEEKDAYS.indexOf(first);
    const to = WEEKDAYS.indexOf(last);
    if (from === -1 || to === -1 || rest.length > 0) return null;
    const count = ((to - from + 7) % 7) + 1;
    for (let offset = 0; offset < count; offset += 1) days.push((((from + offset) % 7) + 1) as Weekday);
  }
  return new Set(days).size === days.length ? days : null;
}

/** The spans of "09:00-12:00, 13:00-17:00"; null when malformed, out of order or overlapping. */
function parseSpans(text: string): readonly OpenSpan[] | null {
  const spans: OpenSpan[] = [];
  for (const part of text.split(',')) {
    const [from = '', to = '', ...rest] = part.split('-').map((time) => time.trim());
    const isSpan = rest.length === 0 && isTime(from) && (isTime(to) || to === DAY_END);
    const previous = spans.at(-1);
    // Two digits each: text order is time order.
    if (!isSpan || from >= to || (previous !== undefined && previous.to > from)) return null;
    spans.push({ from, to });
  }
  return spans;
}

function isTime(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text);
}
