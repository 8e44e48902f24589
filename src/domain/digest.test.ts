import { expect, test } from 'vitest';
import { digestReaders, latestDigestWeek, parseDigestTime } from './digest.ts';

const MONDAY_8 = { weekday: 1, time: '08:00' } as const;

test('the week of a digest is the seven days before its day, and it is due by the wall clock of its zone', () => {
  const week = (now: string, zone = 'Europe/Berlin') => {
    const { from, to, dueAt } = latestDigestWeek(new Date(now), MONDAY_8, zone);
    return `${from} ${to} ${dueAt.toISOString()}`;
  };
  expect(week('2026-11-30T07:00:00Z')).toBe('2026-11-23 2026-11-29 2026-11-30T07:00:00.000Z');
  expect(week('2026-11-30T06:59:59Z')).toBe('2026-11-16 2026-11-22 2026-11-23T07:00:00.000Z');
  expect(week('2026-12-06T23:30:00Z')).toBe('2026-11-23 2026-11-29 2026-11-30T07:00:00.000Z');
  // Summer time begins on 29 March 2026: the week has an hour less, and 08:00 is 06:00 UTC from then on.
  expect(week('2026-03-30T06:00:00Z')).toBe('2026-03-23 2026-03-29 2026-03-30T06:00:00.000Z');
  // It is Sunday in New York still.
  expect(week('2026-11-30T04:00:00Z', 'America/New_York')).toBe(
    '2026-11-16 2026-11-22 2026-11-23T13:00:00.000Z',
  );
});

test('a local time that a clock change skips is due at the instant of the change', () => {
  const week = latestDigestWeek(
    new Date('2026-03-29T01:00:00Z'),
    { weekday: 7, time: '02:30' },
    'Europe/Berlin',
  );
  expect([week.from, week.dueAt.toISOString()]).toEqual(['2026-03-15', '2026-03-22T01:30:00.000Z']);
  const after = latestDigestWeek(
    new Date('2026-03-29T01:30:00Z'),
    { weekday: 7, time: '02:30' },
    'Europe/Berlin',
  );
  expect([after.from, after.dueAt.toISOString()]).toEqual(['2026-03-22', '2026-03-29T01:30:00.000Z']);
});

test('a digest time is a weekday and a time of day', () => {
  expect(parseDigestTime('Friday 17:30')).toEqual({ weekday: 5, time: '17:30' });
  for (const text of ['monday', '08:00', 'monday 24:00', 'mon 08:00', 'monday 8:00', 'monday 08:00 UTC'])
    expect(parseDigestTime(text), text).toBeNull();
});

test('each address gets a digest once per list', () => {
  expect(
    digestReaders({ default: ['a@x.example', 'a@x.example'], Billing: ['a@x.example'], Empty: [] }),
  ).toEqual([
    { team: null, address: 'a@x.example' },
    { team: 'Billing', address: 'a@x.example' },
  ]);
});
