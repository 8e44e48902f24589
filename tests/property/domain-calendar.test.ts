import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import {
  type Calendar,
  type DueIn,
  dueAt,
  type OpenSpan,
  parseHours,
  type Weekday,
} from '../../src/domain/calendar.ts';

const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
);

/** Instants around clock changes more often than chance would have it. */
const instants = fc.oneof(
  fc.date({ min: new Date('2025-01-01'), max: new Date('2028-12-31'), noInvalidDate: true }),
  ...[
    '2026-03-08T07:00Z',
    '2026-03-29T01:00Z',
    '2026-10-25T01:00Z',
    '2026-11-01T06:00Z',
    '2026-04-04T15:00Z',
  ].map((change) =>
    fc
      .integer({ min: -90 * 3_600_000, max: 90 * 3_600_000 })
      .map((offset) => new Date(Date.parse(change) + offset)),
  ),
);

/** Quarter hours; nothing opens or closes from 00:15 to 02:45, when clocks change: what is open then is a matter of definition. */
const quarters = fc.oneof(fc.constant(0), fc.integer({ min: 12, max: 96 }));
const spans = fc.uniqueArray(quarters, { minLength: 0, maxLength: 4 }).map((times): readonly OpenSpan[] => {
  const sorted = times.toSorted((a, b) => a - b).map(clockTime);
  const pairs = sorted.flatMap((from, index) => (index % 2 === 0 ? [{ from, to: sorted[index + 1] }] : []));
  return pairs.flatMap(({ from, to }) => (to === undefined ? [] : [{ from, to }]));
});

function clockTime(quarter: number): string {
  return `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
}

const holidays = fc.uniqueArray(
  fc
    .integer({ min: 0, max: 1_600 })
    .map((days) => Temporal.PlainDate.from('2025-01-01').add({ days }).toString()),
  { maxLength: 60 },
);

const calendars: fc.Arbitrary<Calendar> = fc
  .record({
    zone: zones,
    hours: fc.record({ 1: spans, 2: spans, 3: spans, 4: spans, 5: spans, 6: spans, 7: spans }),
    holidays,
  })
  // One day with hours, so that every calendar opens.
  .map(({ hours, ...others }) => ({
    ...others,
    hours: { ...hours, 3: hours[3].length > 0 ? hours[3] : [{ from: '09:00', to: '17:00' }] },
  }));

const workingTimes: fc.Arbitrary<DueIn> = fc.record({
  unit: fc.constantFrom('business-days', 'business-hours'),
  amount: fc.integer({ min: 1, max: 30 }),
});

/** Written apart from the code under test: reads the wall clock and looks it up. The closing minute counts as open. */
function isOpen(at: Date, { zone, hours, holidays: closed }: Calendar): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
  const time = local.toPlainTime().toString();
  const today = local.toPlainDate();
  const openOn = (date: Temporal.PlainDate) =>
    closed.includes(date.toString()) ? [] : hours[date.dayOfWeek as Weekday];
  const atMidnight =
    time === '00:00:00' && openOn(today.subtract({ days: 1 })).some(({ to }) => to === '24:00');
  return (
    atMidnight ||
    openOn(today).some(({ from, to }) => `${from}:00` <= time && (time <= `${to}:00` || to === '24:00'))
  );
}

test('working time is always due while we are open, and after it started', () => {
  fc.assert(
    fc.property(instants, workingTimes, calendars, (from, dueIn, calendar) => {
      const due = dueAt(from, dueIn, calendar);
      expect(isOpen(due, calendar)).toBe(true);
      expect(due.getTime()).toBeGreaterThan(from.getTime());
    }),
    { numRuns: 300 },
  );
});

test('what starts later is never due earlier', () => {
  const steps = fc.oneof(fc.integer({ min: 0, max: 7_200_000 }), fc.integer({ min: 0, max: 5 * 86_400_000 }));
  fc.assert(
    fc.property(instants, steps, workingTimes, calendars, (from, stepMs, dueIn, calendar) => {
      const later = new Date(from.getTime() + stepMs);
      expect(dueAt(later, dueIn, calendar).getTime()).toBeGreaterThanOrEqual(
        dueAt(from, dueIn, calendar).getTime(),
      );
    }),
    { numRuns: 300 },
  );
});

test('one more is never due earlier', () => {
  fc.assert(
    fc.property(instants, workingTimes, calendars, (from, dueIn, calendar) => {
      const more = { ...dueIn, amount: dueIn.amount + 1 };
      expect(dueAt(from, more, calendar).getTime()).toBeGreaterThanOrEqual(
        dueAt(from, dueIn, calendar).getTime(),
      );
    }),
    { numRuns: 200 },
  );
});

test('business hours are the open time between start and end', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 12 }), calendars, (from, amount, calendar) => {
      const start = new Date(Math.ceil(from.getTime() / 900_000) * 900_000);
      const due = dueAt(start, { unit: 'business-hours', amount }, calendar);
      let openQuarters = 0;
      // The middle of each quarter hour: no span and no clock change of these zones cuts one.
      for (let at = start.getTime() + 450_000; at < due.getTime(); at += 900_000) {
        if (isOpen(new Date(at), calendar)) openQuarters += 1;
      }
      expect(openQuarters).toBe(amount * 4);
    }),
    { numRuns: 100 },
  );
});

test.each(['Europe/Berlin', 'America/New_York'])(
  'one business day in %s is the same wall-clock time on the next business day, over clock changes too',
  (zone) => {
    const office: Calendar = {
      zone,
      hours: parseHours({ 'mon-fri': '09:00-17:00' }).hours,
      holidays: ['2026-12-25'],
    };
    const dates = fc
      .integer({ min: 0, max: 1_400 })
      .map((days) => Temporal.PlainDate.from('2025-01-01').add({ days }));
    const secondsOfDay = fc.integer({ min: 9 * 3_600, max: 17 * 3_600 - 1 });
    const isBusinessDay = (date: Temporal.PlainDate) =>
      date.dayOfWeek <= 5 && !office.holidays.includes(date.toString());
    fc.assert(
      fc.property(dates.filter(isBusinessDay), secondsOfDay, (date, seconds) => {
        const start = date.toPlainDateTime().add({ seconds });
        let next = date.add({ days: 1 });
        while (!isBusinessDay(next)) next = next.add({ days: 1 });
        const from = new Date(start.toZonedDateTime(zone).epochMilliseconds);
        const due = dueAt(from, { unit: 'business-days', amount: 1 }, office);
        const local = Temporal.Instant.fromEpochMilliseconds(due.getTime())
          .toZonedDateTimeISO(zone)
          .toPlainDateTime();
        expect(local.toString()).toBe(next.toPlainDateTime(start.toPlainTime()).toString());
      }),
      { numRuns: 400 },
    );
  },
);
