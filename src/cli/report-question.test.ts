import { expect, test } from 'vitest';
import { defaultPeriod } from '../domain/periods.ts';
import { filtersFrom, questionFrom } from './report-question.ts';

const ask = (asked: { from?: string; to?: string; metric?: string }) => {
  const { from, to } = questionFrom({ ...asked, filters: {}, today: '2026-11-27' });
  return `${from} ${to}`;
};

test('asks for the days of the dashboard unless told otherwise', () => {
  const { from, to } = defaultPeriod('2026-11-27');
  expect(ask({})).toBe(`${from} ${to}`);
  expect(ask({ from: '2026-11-01' })).toBe('2026-11-01 2026-11-27');
  expect(ask({ to: '2026-03-01' })).toBe('2026-01-31 2026-03-01');
  expect(ask({ from: '2026-11-27' })).toBe('2026-11-27 2026-11-27');
  expect(ask({ from: '2026-01-01', to: '2026-01-01' })).toBe('2026-01-01 2026-01-01');
});

test('refuses days that are none', () => {
  expect(() => ask({ from: '2026-13-01' })).toThrow('report: from: this is not a day; use YYYY-MM-DD.');
  expect(() => ask({ to: '2026-02-30' })).toThrow(/^report: to: this is not a day; use YYYY-MM-DD\.$/);
  expect(() => ask({ from: '2026-11-28' })).toThrow('the first day is after the last one');
  expect(() => ask({ from: 'soon' })).toThrow('from: this is not a day');
  expect(() => ask({ from: '2026-11-02', to: '2026-11-01' })).toThrow('the first day is after the last one');
});

test('takes the values of a dimension together, with any sign in them', () => {
  expect(filtersFrom(['team=A=B', 'channel=email', 'team='])).toEqual({
    team: ['A=B', ''],
    channel: ['email'],
  });
});
