import { describe, expect, test } from 'vitest';
import { type Calendar, type DueIn, dueAt, parseDueIn, parseHours } from './calendar.ts';

function calendar(hours: Readonly<Record<string, string>>, changes: Partial<Calendar> = {}): Calendar {
  return { zone: 'Europe/Berlin', hours: parseHours(hours).hours, holidays: [], ...changes };
}

const office = calendar({ 'mon-fri': '09:00-17:00' });
const always = calendar({ 'mon-sun': '00:00-24:00' });

function businessDays(amount: number): DueIn {
  return { unit: 'business-days', amount };
}

function businessHours(amount: number): DueIn {
  return { unit: 'business-hours', amount };
}

function due(from: string, dueIn: DueIn, on: Calendar): string {
  return dueAt(new Date(from), dueIn, on).toISOString();
}

describe('business days', () => {
  // 2026-11-13 is a Friday; Berlin is at +01:00 then.
  test.each([
    ['Friday 16:00 is due Monday 16:00', '2026-11-13T16:00+01:00', 1, '2026-11-16T15:00:00.000Z'],
    ['Tuesday 10:30, three days: Friday 10:30', '2026-11-10T10:30+01:00', 3, '2026-11-13T09:30:00.000Z'],
    ['before opening counts from the opening', '2026-11-10T06:00+01:00', 1, '2026-11-11T08:00:00.000Z'],
    ['the closing minute is closed', '2026-11-10T17:00+01:00', 1, '2026-11-12T08:00:00.000Z'],
    ['on a Saturday counts from Monday', '2026-11-14T12:00+01:00', 1, '2026-11-17T08:00:00.000Z'],
  ])('%s', (_, from, amount, expected) => {
    expect(due(from, businessDays(amount), office)).toBe(expected);
  });

  test('holidays do not count, by the local date', () => {
    const christmas = { ...office, holidays: ['2026-12-25'] };
    expect(due('2026-12-24T16:00+01:00', businessDays(1), christmas)).toBe('2026-12-28T15:00:00.000Z');
    const newYork = { ...office, zone: 'America/New_York', holidays: ['2026-12-25'] };
    // 01:00 UTC on the 25th is still the 24th in New York, after hours.
    expect(due('2026-12-25T01:00Z', businessDays(1), newYork)).toBe('2026-12-29T14:00:00.000Z');
  });

  test('closed at that time of the day: the next opening', () => {
    const shortFriday = calendar({ 'mon-thu': '09:00-17:00', fri: '09:00-12:00, 13:00-15:00' });
    expect(due('2026-11-12T12:30+01:00', businessDays(1), shortFriday)).toBe('2026-11-13T12:00:00.000Z');
    expect(due('2026-11-12T16:00+01:00', businessDays(1), shortFriday)).toBe('2026-11-16T08:00:00.000Z');
  });

  test('keep the wall-clock time over a clock change', () => {
    // Berlin: summer time starts on Sunday 2026-03-29 and ends on Sunday 2026-10-25.
    expect(due('2026-03-27T16:00+01:00', businessDays(1), office)).toBe('2026-03-30T14:00:00.000Z');
    expect(due('2026-10-23T16:00+02:00', businessDays(1), office)).toBe('2026-10-26T15:00:00.000Z');
  });

  test('a time that the clock change skips is the instant of the change', () => {
    expect(due('2026-03-28T02:30+01:00', businessDays(1), always)).toBe('2026-03-29T01:00:00.000Z');
  });

  test('a time that the clock change repeats is its first pass, and its second pass counts as the end of it', () => {
    expect(due('2026-10-24T02:30+02:00', businessDays(1), always)).toBe('2026-10-25T00:30:00.000Z');
    expect(due('2026-10-25T02:30+02:00', businessDays(1), always)).toBe('2026-10-26T01:30:00.000Z');
    expect(due('2026-10-25T02:30+01:00', businessDays(1), always)).toBe('2026-10-26T02:00:00.000Z');
  });
});

describe('business hours', () => {
  test.each([
    ['a whole day ends at closing', '2026-11-10T09:00+01:00', 8, '2026-11-10T16:00:00.000Z'],
    ['the rest is done after the weekend', '2026-11-13T16:00+01:00', 2, '2026-11-16T09:00:00.000Z'],
    ['outside hours counts from the opening', '2026-11-14T12:00+01:00', 3, '2026-11-16T11:00:00.000Z'],
    ['many days', '2026-11-09T09:00+01:00', 40, '2026-11-13T16:00:00.000Z'],
  ])('%s', (_, from, amount, expected) => {
    expect(due(from, businessHours(amount), office)).toBe(expected);
  });

  test('breaks do not count', () => {
    const withBreak = calendar({ 'mon-fri': '09:00-12:00, 13:00-17:00' });
    expect(due('2026-11-10T11:00+01:00', businessHours(2), withBreak)).toBe('2026-11-10T13:00:00.000Z');
  });

  test('a night with a clock change is shorter or longer', () => {
    expect(due('2026-03-29T00:00+01:00', businessHours(23), always)).toBe('2026-03-29T22:00:00.000Z');
    expect(due('2026-10-25T00:00+02:00', businessHours(25), always)).toBe('2026-10-25T23:00:00.000Z');
  });

  test('hours that a clock change skips are not open', () => {
    const night = calendar({ sun: '02:00-03:00', mon: '09:00-17:00' });
    expect(due('2026-03-29T00:00+01:00', businessHours(1), night)).toBe('2026-03-30T08:00:00.000Z');
  });
});

test('a day whose only hours a clock change skips is no business day', () => {
  const night = calendar({ 'sat,mon': '09:00-17:00', sun: '02:00-03:00' });
  expect(due('2026-03-28T10:00+01:00', businessDays(1), night)).toBe('2026-03-30T08:00:00.000Z');
});

test('clock time needs no open hours', () => {
  const never = calendar({});
  expect(due('2026-11-13T16:00Z', { unit: 'ms', amount: 7_200_000 }, never)).toBe('2026-11-13T18:00:00.000Z');
});

describe('refusals', () => {
  const message =
    'the calendar (Europe/Berlin) has no open hours within 366 days: expected at least one weekday with hours that is not always a holiday';

  test.each([businessDays(1), businessHours(1)])('a calendar that never opens ($unit)', (dueIn) => {
    expect(() => dueAt(new Date('2026-11-13T16:00Z'), dueIn, calendar({}))).toThrow(new RangeError(message));
  });

  test('an opening that is the last one', () => {
    const mondays = Array.from({ length: 60 }, (_, week) =>
      new Date(Date.UTC(2026, 10, 16 + 7 * week)).toISOString().slice(0, 10),
    );
    const last = calendar({ mon: '09:00-17:00' }, { holidays: mondays });
    expect(() => dueAt(new Date('2026-11-09T12:00Z'), businessDays(1), last)).toThrow(
      new RangeError(message),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])('an amount of %d', (amount) => {
    expect(() => dueAt(new Date(), businessDays(amount), office)).toThrow(
      new RangeError(`due in ${amount} business-days: expected a whole number above 0`),
    );
  });

  test('an unknown zone', () => {
    expect(() => dueAt(new Date(), businessDays(1), { ...office, zone: 'Europe/Atlantis' })).toThrow(
      RangeError,
    );
  });
});

test.each([
  ['1 business day', { unit: 'business-days', amount: 1 }],
  ['2 Business Days', { unit: 'business-days', amount: 2 }],
  ['8 business hours', { unit: 'business-hours', amount: 8 }],
  ['90s', { unit: 'ms', amount: 90_000 }],
  ['30m', { unit: 'ms', amount: 1_800_000 }],
  [' 2h ', { unit: 'ms', amount: 7_200_000 }],
  ['1d', { unit: 'ms', amount: 86_400_000 }],
  ['', null],
  ['0h', null],
  ['1', null],
  ['1.5h', null],
  ['-1h', null],
  ['1 day', null],
  ['business day', null],
  ['1 business week', null],
  ['1d 2h', null],
])('"%s" reads as %j', (text, expected) => {
  expect(parseDueIn(text)).toEqual(expected);
});

describe('opening hours', () => {
  const nine = [{ from: '09:00', to: '17:00' }];

  test('days and spans', () => {
    expect(parseHours({ 'mon-wed': '09:00-17:00', 'Thu, sat': '09:00-12:00, 13:00-24:00' })).toEqual({
      hours: {
        1: nine,
        2: nine,
        3: nine,
        4: [
          { from: '09:00', to: '12:00' },
          { from: '13:00', to: '24:00' },
        ],
        5: [],
        6: [
          { from: '09:00', to: '12:00' },
          { from: '13:00', to: '24:00' },
        ],
        7: [],
      },
      problems: [],
    });
  });

  test('spans may touch', () => {
    const { hours, problems } = parseHours({ mon: '09:00-12:00, 12:00-17:00' });
    expect(problems).toEqual([]);
    expect(hours[1]).toHaveLength(2);
  });

  test('a range may run over Sunday', () => {
    const { hours } = parseHours({ 'sat-mon': '09:00-17:00' });
    expect(Object.values(hours).map((spans) => spans.length)).toEqual([1, 0, 0, 0, 0, 1, 1]);
  });

  test.each(['monday', 'mon-', 'mon-tue-wed', '', 'mon,mon', 'mon-wed,tue'])('"%s" names no days', (key) => {
    expect(parseHours({ [key]: '09:00-17:00' }).problems).toEqual([
      {
        key,
        problem: `"${key}" names no days: expected mon, tue, wed, thu, fri, sat or sun, as "mon", "mon-fri" or "mon,wed"`,
      },
    ]);
  });

  test.each([
    ...['9-17', '09:00', '17:00-09:00', '09:00-09:00', '09:00-24:30', '24:00-24:00', '09:60-10:00', ''],
    ...[
      '09:00-12:00,11:00-13:00',
      '13:00-17:00, 09:00-12:00',
      '09:00-17:00,',
      '22:00-06:00',
      '09:00-12:00-13:00',
    ],
  ])('"%s" is no list of hours', (value) => {
    const { hours, problems } = parseHours({ mon: value, tue: '09:00-17:00' });
    expect(problems).toEqual([
      { key: 'mon', problem: expect.stringContaining(`"${value}" is no list of hours: expected`) },
    ]);
    expect(hours[1]).toEqual([]);
    expect(hours[2]).toEqual(nine);
  });

  test('a day that two keys name, and all problems at once', () => {
    const { problems } = parseHours({ 'mon-fri': '09:00-17:00', fri: '09:00-12:00', sut: '', sun: 'x' });
    expect(problems.map(({ key }) => key)).toEqual(['fri', 'sut', 'sun']);
    expect(problems[0]?.problem).toBe(
      '"fri" names a day that an earlier key names too: expected each day once',
    );
  });
});
