import { Temporal } from 'temporal-polyfill';
import type { Calendar, OpenHours, OpenSpan, Weekday } from './calendar.ts';
import { isTimeZone } from './time-zone.ts';

/** A span of every day, local wall-clock times "HH:MM"; it spans midnight when `to` is the earlier one. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** When mails may leave. */
export interface SendingHours {
  /** `business`: the hours and holidays of the calendar, read in the customer's zone. */
  readonly hours: 'always' | 'business';
  /** Nothing leaves then. */
  readonly quietHours: QuietHours | null;
}

/** Times of day at which mails may leave, in one zone. */
interface Openings {
  readonly zone: string;
  readonly hours: OpenHours;
  readonly holidays: readonly string[];
}

const DAY_END = '24:00';
const ALL_DAY: readonly OpenSpan[] = [{ from: '00:00', to: DAY_END }];
const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
/** Hours that let nothing leave for this long are taken for a mistake. */
const SEARCH_DAYS = 366;

/** The customer's zone, where the CRM knows one, else the calendar's. */
export function zoneFor(customerZone: string | null | undefined, calendar: Calendar): string {
  return customerZone != null && isTimeZone(customerZone) ? customerZone : calendar.zone;
}

/** True when quiet hours keep mails back at that instant: by the clock on the customer's wall, in both passes of a repeated hour. */
export function isQuiet(at: Date, { quietHours }: SendingHours, zone: string): boolean {
  return !isOpen(at.getTime(), openingsOf({ hours: 'always', quietHours }, { zone }));
}

/** True when the business hours keep mails back at that instant. */
export function isOutOfHours(at: Date, { hours }: SendingHours, calendar: Calendar, zone: string): boolean {
  return (
    hours === 'business' && !isOpen(at.getTime(), openingsOf({ hours, quietHours: null }, { zone, calendar }))
  );
}

/**
 * The earliest instant, from `from` on, at which mails may leave: `from` itself where it may. Throws RangeError when nothing
 * may leave for a year.
 */
export function nextSendingAt(from: Date, hours: SendingHours, calendar: Calendar, zone: string): Date {
  if (hours.hours === 'always' && hours.quietHours === null) return from;
  const openings = openingsOf(hours, { zone, calendar });
  const fromMs = from.getTime();
  if (isOpen(fromMs, openings)) return from;
  // From the day before on and days together: a clock that is set back over midnight shows the end of a day again.
  let date = localOf(fromMs, zone).toPlainDate().subtract({ days: 1 });
  for (let looked = 0; looked <= SEARCH_DAYS; looked += 1) {
    const starts = [0, 1, 2].flatMap((days) => startsOn(date.add({ days }), openings));
    const first = Math.min(...starts.filter((ms) => ms >= fromMs && isOpen(ms, openings)));
    // What a later day has is not before that day begins.
    if (first < beginOf(date.add({ days: 3 }), zone).epochMilliseconds) return new Date(first);
    date = date.add({ days: 1 });
  }
  throw new RangeError(
    `policy.hours and policy.quietHours leave no time to send within ${SEARCH_DAYS} days (${zone}): expected some on at least one weekday`,
  );
}

/** True when the two leave some time to send on some weekday. */
export function leaveTime(hours: SendingHours, calendar: Calendar): boolean {
  const { hours: left } = openingsOf(hours, { zone: calendar.zone, calendar });
  return WEEKDAYS.some((weekday) => left[weekday].length > 0);
}

function openingsOf(
  { hours, quietHours }: SendingHours,
  { zone, calendar }: { zone: string; calendar?: Calendar },
): Openings {
  const business = hours === 'business' ? calendar : undefined;
  const loud = loudSpans(quietHours);
  const spansOf = (weekday: Weekday) => overlaps(business?.hours[weekday] ?? ALL_DAY, loud);
  return {
    zone,
    hours: {
      1: spansOf(1),
      2: spansOf(2),
      3: spansOf(3),
      4: spansOf(4),
      5: spansOf(5),
      6: spansOf(6),
      7: spansOf(7),
    },
    holidays: business?.holidays ?? [],
  };
}

function loudSpans(quiet: QuietHours | null): readonly OpenSpan[] {
  if (quiet === null) return ALL_DAY;
  if (quiet.from > quiet.to) return [{ from: quiet.to, to: quiet.from }];
  return [
    { from: '00:00', to: quiet.from },
    { from: quiet.to, to: DAY_END },
  ].filter(({ from, to }) => from < to);
}

function overlaps(some: readonly OpenSpan[], others: readonly OpenSpan[]): readonly OpenSpan[] {
  return some.flatMap((one) =>
    others
      .map((other) => ({ from: last(one.from, other.from), to: first(one.to, other.to) }))
      .filter(({ from, to }) => from < to),
  );
}

/** Of two times of day; two digits each, so that text order is time order. */
function first(one: string, other: string): string {
  return one < other ? one : other;
}

function last(one: string, other: string): string {
  return one < other ? other : one;
}

function isOpen(ms: number, { zone, hours, holidays }: Openings): boolean {
  const local = localOf(ms, zone);
  const date = local.toPlainDate();
  if (holidays.includes(date.toString())) return false;
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  return hours[date.dayOfWeek as Weekday].some(({ from, to }) => from <= time && time < to);
}

/** Where sending may become possible on a local date: a span begins, in either pass, or the clock jumps. */
function startsOn(date: Temporal.PlainDate, { zone, hours }: Openings): readonly number[] {
  const begins = hours[date.dayOfWeek as Weekday].flatMap(({ from }) => {
    const local = date.toPlainDateTime(from);
    return (['earlier', 'later'] as const).map(
      (disambiguation) => local.toZonedDateTime(zone, { disambiguation }).epochMilliseconds,
    );
  });
  // A day may begin with a change; a later one is looked at on its own day.
  const change = beginOf(date, zone).subtract({ seconds: 1 }).getTimeZoneTransition('next');
  if (change === null || change.epochMilliseconds >= beginOf(date.add({ days: 1 }), zone).epochMilliseconds)
    return begins;
  return [...begins, change.epochMilliseconds];
}

function beginOf(date: Temporal.PlainDate, zone: string): Temporal.ZonedDateTime {
  return date.toZonedDateTime(zone);
}

function localOf(ms: number, zone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();
}
