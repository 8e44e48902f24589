import { expect, test } from 'vitest';
import {
  daysText,
  durationText,
  figureText,
  formulaText,
  percentText,
  pointsText,
  shareText,
} from './figure-words.ts';

test.each([
  [86.4499, '86.4%'],
  [0, '0.0%'],
  [-0.01, '0.0%'],
  [-12.34, '−12.3%'],
])('%d is written %s', (percent, text) => {
  expect(percentText(percent)).toBe(text);
});

test('differences have a sign unless they round to nothing', () => {
  expect([1.36, -0.24, 0.01, -0.01].map(pointsText)).toEqual(['+1.4', '−0.2', '0.0', '0.0']);
});

test('NPS is no percentage', () => {
  expect(figureText({ kind: 'nps' }, 31)).toBe('+31.0');
  expect(figureText({ kind: 'csat' }, 31)).toBe('31.0%');
});

test('a share of nothing is not worked out', () => {
  expect(shareText(3, 40)).toBe('3 of 40 (7.5%)');
  expect(shareText(0, 0)).toBe('0 of 0');
});

test.each([
  ['2026-11-01', '2026-11-01', '1 Nov 2026'],
  ['2026-11-01', '2026-11-30', '1 to 30 Nov 2026'],
  ['2026-09-01', '2026-11-30', '1 Sept to 30 Nov 2026'],
  ['2025-12-15', '2026-01-14', '15 Dec 2025 to 14 Jan 2026'],
])('%s and %s are written %s', (from, to, text) => {
  expect(daysText(from, to)).toBe(text);
});

test.each([
  [29_000, 'under 1 min'],
  [45 * 60_000, '45 min'],
  [144 * 60_000, '2 h 24 min'],
  [120 * 60_000, '2 h'],
  [29 * 3_600_000, '1 d 5 h'],
])('%d ms are written %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('a formula names the threshold and the scale', () => {
  const metric = { key: 'k', name: '2026-11', kind: 'csat', scale: '1-5', satisfiedFrom: 4 } as const;
  expect(formulaText(metric)).toBe(
    'CSAT = answers from 4 to 5 ÷ all answers, on a scale from 1 to 5 (metric 2026-11).',
  );
  expect(formulaText({ ...metric, scale: 'thumbs', satisfiedFrom: 1 })).toContain('answers of 1 ÷ all');
  expect(formulaText({ ...metric, kind: 'nps', scale: '0-10', satisfiedFrom: 9 })).toContain('0 to 6');
});
