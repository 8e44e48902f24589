import { expect, test } from 'vitest';
import { aroundDay, dayIn, defaultPeriod, lengthOf, stepFor, stepsFor, usualPeriods } from './periods.ts';

test('a day is told in the zone of the report', () => {
  const at = new Date('2026-11-30T23:30:00Z');
  expect([dayIn('UTC', at), dayIn('Europe/Berlin', at)]).toEqual(['2026-11-30', '2026-12-01']);
});

test('the usual periods, as of 30 November', () => {
  const periods = usualPeriods('2026-11-30').map(({ name, from, to }) => `${name}: ${from} ${to}`);
  expect(periods).toEqual([
    '7 days: 2026-11-24 2026-11-30',
    '30 days: 2026-11-01 2026-11-30',
    '90 days: 2026-09-02 2026-11-30',
    'This month: 2026-11-01 2026-11-30',
    'Last month: 2026-10-01 2026-10-31',
    'This quarter: 2026-10-01 2026-11-30',
    'This year: 2026-01-01 2026-11-30',
  ]);
});

test('a period without dates is one of the usual ones, and as long as it says', () => {
  expect(usualPeriods('2028-02-29')).toContainEqual({ name: '30 days', ...defaultPeriod('2028-02-29') });
  expect(lengthOf(defaultPeriod('2028-03-01'))).toBe(30);
});

test.each([
  ['2026-11-01', '2026-12-01', 'day'],
  ['2026-11-01', '2026-12-02', 'week'],
  ['2026-01-01', '2026-11-30', 'month'],
] as const)('from %s to %s goes by %s', (from, to, step) => {
  expect(stepFor({ from, to })).toBe(step);
});

test('a year is not told by the day', () => {
  expect(stepsFor({ from: '2026-11-01', to: '2026-11-30' })).toEqual(['day', 'week', 'month']);
  expect(stepsFor({ from: '2026-01-01', to: '2026-12-31' })).toEqual(['week', 'month']);
});

test('as many days before as after, and none that has not come yet', () => {
  expect(aroundDay('2026-11-01', 30, '2026-11-10')).toEqual({
    before: { from: '2026-10-02', to: '2026-10-31' },
    after: { from: '2026-11-01', to: '2026-11-10' },
  });
});
