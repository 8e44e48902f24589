import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Calendar } from '../../src/domain/calendar.ts';
import { nextSendingAt, type SendingHours } from '../../src/domain/sending-hours.ts';
import { CALENDAR } from './domain-facts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Clocks that change by an hour at night, at midnight, by half an hour, by two hours, and not at all. */
const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/St_Johns',
  'America/Havana',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Asia/Kolkata',
);
/** Around changes of those clocks; St John's set its clock back over midnight, to the day before. */
const moments = fc
  .tuple(
    fc.constantFrom(
      '2026-03-29T01:00Z',
      '2026-10-25T01:00Z',
      '2026-03-08T05:00Z',
      '2026-11-01T05:00Z',
      '2026-04-04T15:00Z',
      '2026-10-03T15:30Z',
      '2010-11-07T02:31Z',
    ),
    fc.integer({ min: -30 * 60, max: 30 * 60 }),
  )
  .map(([around, minutes]) => new Date(Date.parse(around) + minutes * MINUTE_MS));
const times = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const quiet = fc.record({ from: times, to: times }).filter(({ from, to }) => from !== to);

/** What the clock on the wall shows, by another way than the code under test. */
function wall(at: number, zone: string): { weekday: string; date: string; time: string } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return {
    weekday: of('weekday'),
    date: `${of('year')}-${of('month')}-${of('day')}`,
    time: `${of('hour')}:${of('minute')}`,
  };
}

function mayLeave(
  at: number,
  { hours, quietHours }: SendingHours,
  calendar: Calendar,
  zone: string,
): boolean {
  const { weekday, date, time } = wall(at, zone);
  const isWorking =
    !['Sat', 'Sun'].includes(weekday) &&
    !calendar.holidays.includes(date) &&
    time >= '09:00' &&
    time < '17:00';
  if (hours === 'business' && !isWorking) return false;
  if (quietHours === null) return true;
  const { from, to } = quietHours;
  return from < to ? time < from || time >= to : time >= to && time < from;
}

/** Looks at each step on the clock; spans and changes of clocks begin on one. */
function earliest(from: number, stepMs: number, allowed: (at: number) => boolean): number {
  if (allowed(from)) return from;
  let at = Math.ceil((from + 1) / stepMs) * stepMs;
  while (!allowed(at)) at += stepMs;
  return at;
}

test('nothing leaves in quiet hours in any zone over any change of its clock, and everything as early as it may', () => {
  fc.assert(
    fc.property(moments, quiet, zones, (from, quietHours, zone) => {
      const hours = { hours: 'always', quietHours } as const;
      const at = nextSendingAt(from, hours, CALENDAR, zone).getTime();
      expect(new Date(at)).toEqual(
        new Date(earliest(from.getTime(), MINUTE_MS, (one) => mayLeave(one, hours, CALENDAR, zone))),
      );
    }),
    { numRuns: 60 },
  );
});

test('business hours are those of the customer, without weekends and holidays', () => {
  const hours = { hours: 'business', quietHours: { from: '12:00', to: '13:00' } } as const;
  const christmas = new Date('2026-12-24T22:00:00Z').getTime();
  fc.assert(
    fc.property(fc.integer({ min: -48, max: 48 }), zones, (offset, zone) => {
      const from = christmas + offset * HOUR_MS;
      const at = nextSendingAt(new Date(from), hours, CALENDAR, zone).getTime();
      expect(new Date(at)).toEqual(
        new Date(earliest(from, HOUR_MS / 4, (one) => mayLeave(one, hours, CALENDAR, zone))),
      );
    }),
    { numRuns: 20 },
  );
});
