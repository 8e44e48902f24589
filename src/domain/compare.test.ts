import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, differenceOf } from './compare.ts';
import { figureOf, wilson } from './figures.ts';
import { goalOn, guideWords, progressOf } from './goal.ts';
import type { Goal, Measured, Metric } from './report.ts';

const thumbs: Metric = { key: 'csat thumbs 1 t', name: 't', kind: 'csat', scale: 'thumbs', satisfiedFrom: 1 };

describe('the interval of a difference', () => {
  // R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
  // methods", Statistics in Medicine 17 (1998) 873-890, table II, method 10.
  test.each([
    [56, 70, 48, 80, 5.24, 33.39],
    [9, 10, 3, 10, 17.05, 80.9],
    [6, 7, 2, 7, 5.82, 80.62],
    [5, 56, 0, 29, -3.81, 19.26],
    [0, 10, 0, 20, -16.11, 27.75],
    [0, 10, 0, 10, -27.75, 27.75],
    [10, 10, 0, 20, 67.91, 100],
    [10, 10, 0, 10, 60.75, 100],
  ])('%i in %i less %i in %i is the published one', (positive, all, otherPositive, otherAll, low, high) => {
    const one = { positive, all };
    const interval = differenceOf(one, { positive: otherPositive, all: otherAll });
    expect(Number(interval.low.toFixed(2))).toBe(low);
    expect(Number(interval.high.toFixed(2))).toBe(high);
  });

  test('holds the difference, and turns round with the two', () => {
    const share = fc
      .integer({ min: 1, max: 10_000 })
      .chain((all) => fc.record({ positive: fc.nat(all), all: fc.constant(all) }));
    fc.assert(
      fc.property(share, share, (one, other) => {
        const { low, high } = differenceOf(one, other);
        const seen = (one.positive / one.all - other.positive / other.all) * 100;
        expect(low).toBeLessThanOrEqual(seen + 1e-9);
        expect(high).toBeGreaterThanOrEqual(seen - 1e-9);
        expect(differenceOf(other, one).low).toBeCloseTo(-high, 9);
      }),
      { numRuns: 200 },
    );
  });

  test('of nothing says nothing', () => {
    expect(differenceOf({ positive: 0, all: 0 }, { positive: 3, all: 4 })).toEqual({ low: -100, high: 100 });
  });
});

test('before and after are told apart only when the interval leaves out 0', () => {
  expect(compare(measured(700, 1_000), measured(800, 1_000))).toMatchObject({
    verdict: 'higher',
    difference: 10,
  });
  expect(compare(measured(800, 1_000), measured(700, 1_000)).verdict).toBe('lower');
  const small = compare(measured(14, 20), measured(16, 20));
  expect(small).toMatchObject({ verdict: 'cannot be told apart', difference: 10 });
  expect(compare(measured(3, 4), measured(800, 1_000))).toEqual({
    difference: null,
    interval: null,
    verdict: 'too few answers',
  });
});

describe('a goal', () => {
  const goal: Goal = { from: { percent: 80, day: '2026-01-01' }, to: { percent: 90, day: '2026-04-11' } };

  test('asks for a straight line between its days, over changes of the clock too', () => {
    const days = ['2025-12-01', '2026-01-01', '2026-02-20', '2026-04-11', '2026-06-01'];
    expect(days.map((day) => goalOn(goal, day))).toEqual([80, 80, 85, 90, 90]);
    expect(goalOn({ from: goal.to, to: goal.to }, '2026-01-01')).toBe(90);
  });

  test('is on track or behind only where the whole interval is', () => {
    const progress = (satisfied: number, all: number) =>
      progressOf(goal, measured(satisfied, all).figure, '2026-02-20');
    expect(progress(900, 1_000)).toEqual({ expected: 85, done: 100, verdict: 'on track' });
    expect(progress(79, 100)).toMatchObject({ done: 0, verdict: 'cannot be told apart' });
    expect(progress(780, 1_000)).toMatchObject({ verdict: 'behind' });
    expect(progress(825, 1_000)).toMatchObject({ done: 25 });
    expect(progress(4, 4)).toMatchObject({ done: null, verdict: 'too few answers' });
  });
});

test('a guide has words for the whole interval, and for CSAT alone', () => {
  const words = (satisfied: number, all: number) => guideWords(thumbs, { interval: wilson(satisfied, all) });
  expect(words(9_500, 10_000)).toBe('excellent');
  expect(words(850, 1_000)).toBe('good');
  expect(guideWords(thumbs, { interval: { low: 80, high: 89.9 } })).toBe('good');
  expect(words(17, 20)).toBe('a significant issue to excellent');
  expect(words(600, 1_000)).toBe('a significant issue');
  expect(guideWords({ kind: 'ces' }, { interval: wilson(9, 10) })).toBeNull();
});

function measured(satisfied: number, answered: number): Measured {
  const none = { known: 0, medianMs: null };
  const tally = {
    closures: answered,
    asked: answered,
    answered,
    satisfied,
    low: 0,
    scores: [answered - satisfied, satisfied],
    reopened: 0,
    firstReply: none,
    resolution: none,
    recovery: { low: 0, recovered: 0, overdue: 0, medianMs: null },
  };
  return { tally, figure: figureOf(thumbs, tally, 5) };
}
