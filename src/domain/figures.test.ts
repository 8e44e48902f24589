import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combine, figureOf, rankSlices, wilson, Z_95 } from './figures.ts';
import type { Metric, Slice, Tally } from './report.ts';

const NO_TIMES = { known: 0, medianMs: null };
const NOTHING: Tally = {
  closures: 0,
  asked: 0,
  answered: 0,
  satisfied: 0,
  low: 0,
  scores: [],
  reopened: 0,
  firstReply: NO_TIMES,
  resolution: NO_TIMES,
  recovery: { low: 0, recovered: 0, overdue: 0, medianMs: null },
};
const csat: Metric = {
  key: 'csat 1-5 4 support',
  name: 'support',
  kind: 'csat',
  scale: '1-5',
  satisfiedFrom: 4,
};
const nps: Metric = { key: 'nps 0-10 9 nps', name: 'nps', kind: 'nps', scale: '0-10', satisfiedFrom: 9 };

/** Wilson's bounds by their meaning: the shares from which what was seen lies z standard errors away. */
function byBisection(positive: number, all: number): { low: number; high: number } {
  const seen = positive / all;
  const errors = (share: number) => Math.abs(seen - share) / Math.sqrt((share * (1 - share)) / all);
  const solve = (inside: number, outside: number): number => {
    let [near, far] = [inside, outside];
    for (let step = 0; step < 100; step++) {
      const middle = (near + far) / 2;
      if (errors(middle) < Z_95) near = middle;
      else far = middle;
    }
    return near * 100;
  };
  return { low: positive === 0 ? 0 : solve(seen, 0), high: positive === all ? 100 : solve(seen, 1) };
}

describe('the interval', () => {
  // R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods",
  // Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score, without continuity correction).
  test.each([
    [81, 263, 25.53, 36.62],
    [15, 148, 6.24, 16.05],
    [0, 20, 0, 16.11],
    [1, 29, 0.61, 17.18],
  ])('of %i in %i is the published one', (positive, all, low, high) => {
    const interval = wilson(positive, all);
    expect(Number(interval.low.toFixed(2))).toBe(low);
    expect(Number(interval.high.toFixed(2))).toBe(high);
  });

  test('is where what was seen becomes too unlikely, by another computation', () => {
    const share = fc.integer({ min: 1, max: 5_000 }).chain((all) => fc.tuple(fc.nat(all), fc.constant(all)));
    fc.assert(
      fc.property(share, ([positive, all]) => {
        const expected = byBisection(positive, all);
        const interval = wilson(positive, all);
        expect(interval.low).toBeCloseTo(expected.low, 6);
        expect(interval.high).toBeCloseTo(expected.high, 6);
      }),
      { numRuns: 200 },
    );
  });

  test('holds the estimate, stays within 0 and 100, and narrows with more answers', () => {
    const share = fc
      .integer({ min: 1, max: 100_000 })
      .chain((all) => fc.tuple(fc.nat(all), fc.constant(all)));
    fc.assert(
      fc.property(share, ([positive, all]) => {
        const { low, high } = wilson(positive, all);
        const seen = (positive * 100) / all;
        expect(low).toBeLessThanOrEqual(seen);
        expect(high).toBeGreaterThanOrEqual(seen);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(100);
        const more = wilson(positive * 4, all * 4);
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
      { numRuns: 200 },
    );
  });

  test('of nothing says nothing, and of nonsense throws', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 100 });
    for (const [positive, all] of [
      [2, 1],
      [-1, 3],
      [0.5, 2],
    ] as const) {
      expect(() => wilson(positive, all)).toThrow(RangeError);
    }
  });
});

describe('a figure', () => {
  test('is satisfied of all answers: 80 of 100 is exactly 80', () => {
    const tally = { ...NOTHING, asked: 400, answered: 100, satisfied: 80, scores: [5, 5, 10, 30, 50] };
    expect(figureOf(csat, tally, 30)).toEqual({
      isEnough: true,
      percent: 80,
      interval: wilson(80, 100),
      average: 4.15,
      responseRate: 25,
    });
  });

  test('below the least number of answers tells nothing but the response rate', () => {
    const tally = { ...NOTHING, asked: 40, answered: 4, satisfied: 4, scores: [0, 0, 0, 0, 4] };
    const silent = { isEnough: false, percent: null, interval: null, average: null };
    expect(figureOf(csat, tally, 5)).toEqual({ ...silent, responseRate: 10 });
    expect(figureOf(csat, tally, 4).percent).toBe(100);
    expect(figureOf(csat, NOTHING, 0)).toEqual({ ...silent, responseRate: null });
    expect(figureOf(null, tally, 0)).toEqual({ ...silent, responseRate: 10 });
  });

  test('for NPS is promoters less detractors, whatever counts as satisfied or low', () => {
    const scores = [1, 0, 0, 0, 0, 0, 2, 3, 4, 5, 5];
    const tally = { ...NOTHING, asked: 20, answered: 20, satisfied: 17, low: 1, scores };
    expect(figureOf(nps, tally, 5)).toMatchObject({ percent: 35, interval: null, average: 8 });
  });

  test('of thumbs averages to the share of thumbs up', () => {
    const thumbs: Metric = { ...csat, scale: 'thumbs', satisfiedFrom: 1 };
    const tally = { ...NOTHING, asked: 4, answered: 4, satisfied: 3, scores: [1, 3] };
    expect(figureOf(thumbs, tally, 1)).toMatchObject({ percent: 75, average: 0.75 });
  });
});

describe('ranks', () => {
  test('stand only where no other interval overlaps', () => {
    const slices = [slice('b', 50, 100), slice('a', 960, 1_000), slice('c', 10, 100), slice('d', 9, 100)];
    expect(ranks(slices)).toEqual({ b: 2, a: 1, c: null, d: null });
  });

  test('are not kept from others by too few answers, nor given to them or to the unknown', () => {
    const slices = [
      slice('few', 4, 4),
      slice('', 500, 1_000),
      slice('a', 950, 1_000),
      slice('b', 500, 1_000),
    ];
    expect(ranks(slices)).toEqual({ few: null, '': null, a: 1, b: 2 });
    expect(ranks([slice('few', 4, 4), slice('a', 95, 100)])).toEqual({ few: null, a: null });
  });

  test('put nobody above another whose interval reaches as far', () => {
    const some = fc.integer({ min: 1, max: 2_000 }).chain((all) => fc.tuple(fc.nat(all), fc.constant(all)));
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), (counts) => {
        const ranked = rankSlices(counts.map(([positive, all], nth) => slice(`${nth}`, positive, all)));
        expect(ranked.map(({ value }) => value)).toEqual(counts.map((_, nth) => `${nth}`));
        for (const one of ranked.filter(({ rank }) => rank !== null)) {
          const others = ranked.filter((other) => other.figure.isEnough && other.value !== one.value);
          const above = others.filter((other) => lowOf(other) > highOf(one));
          const below = others.filter((other) => highOf(other) < lowOf(one));
          expect(above.length + below.length).toBe(others.length);
          expect(one.rank).toBe(above.length + 1);
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('tallies add up, and medians do not', () => {
  const one = {
    ...NOTHING,
    closures: 3,
    answered: 2,
    scores: [1, 1],
    firstReply: { known: 2, medianMs: 60 },
  };
  const other = { ...NOTHING, closures: 4, answered: 1, scores: [0, 1] };
  expect(combine([one, other])).toMatchObject({
    closures: 7,
    answered: 3,
    scores: [1, 2],
    firstReply: { known: 2, medianMs: 60 },
  });
  expect(combine([one, one]).firstReply).toEqual({ known: 4, medianMs: null });
  expect(combine([])).toEqual(NOTHING);
});

const lowOf = (one: Slice) => one.figure.interval?.low ?? Number.NaN;
const highOf = (one: Slice) => one.figure.interval?.high ?? Number.NaN;

function ranks(slices: readonly Slice[]): Record<string, number | null> {
  return Object.fromEntries(rankSlices(slices).map(({ value, rank }) => [value, rank]));
}

function slice(value: string, satisfied: number, answered: number): Slice {
  const tally = {
    ...NOTHING,
    asked: answered * 2,
    answered,
    satisfied,
    scores: [answered - satisfied, satisfied],
  };
  const metric: Metric = { ...csat, scale: 'thumbs', satisfiedFrom: 1 };
  return { value, label: value, tally, figure: figureOf(metric, tally, 5), rank: null };
}
