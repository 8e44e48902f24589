import { expect, test } from 'vitest';
import { day, duration, minute, percent } from './plain-words.ts';

test.each([
  [14 * 86_400_000, '14 days'],
  [86_400_000, '1 day'],
  [36 * 3_600_000, '36 hours'],
  [90_000, '90 seconds'],
  [1_500, '1500 milliseconds'],
  [0, '0 milliseconds'],
])('%i ms is "%s"', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test('instants are told in UTC', () => {
  const at = new Date('2026-11-10T23:59:59.999Z');
  expect(day(at)).toBe('2026-11-10');
  expect(minute(at)).toBe('2026-11-10 23:59 UTC');
});

test.each([
  [1, '100%'],
  [0.125, '12.5%'],
  [0.07, '7%'],
])('%d is %s', (ratio, words) => {
  expect(percent(ratio)).toBe(words);
});
