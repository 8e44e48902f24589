import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOfMore } from './chance.ts';

describe('the chance of more', () => {
  // R. A. Fisher's lady who tasted tea: all four right has a chance of 1 in 70, three or more of 17 in 70.
  test.each([
    [4, 4, 0, 4, 1 / 70],
    [3, 4, 1, 4, 17 / 70],
  ])('of %i in %i beside %i in %i is the published one', (positive, all, otherPositive, otherAll, chance) => {
    const one = { positive, all };
    expect(chanceOfMore(one, { positive: otherPositive, all: otherAll })).toBeCloseTo(chance, 12);
  });

  test('is what counting every way to share out the positives gives', () => {
    const share = fc
      .integer({ min: 1, max: 60 })
      .chain((all) => fc.record({ positive: fc.nat(all), all: fc.constant(all) }));
    fc.assert(
      fc.property(share, share, (one, other) => {
        const counted = byCounting(one, other);
        const isMore = one.positive * other.all > other.positive * one.all;
        expect(chanceOfMore(one, other)).toBeCloseTo(isMore ? counted : 1, 9);
      }),
      { numRuns: 200 },
    );
  });

  test('takes a year of closings', () => {
    // The normal approximation with its correction for continuity: 249.5 of a standard deviation of 150.33.
    const all = 500_000;
    expect(chanceOfMore({ positive: 50_500, all }, { positive: 50_000, all })).toBeCloseTo(0.0485, 4);
  });
});

interface Share {
  readonly positive: number;
  readonly all: number;
}

function byCounting(one: Share, other: Share): number {
  const positive = BigInt(one.positive + other.positive);
  const all = BigInt(one.all + other.all);
  let ways = 0n;
  for (let k = BigInt(one.positive); k <= positive && k <= BigInt(one.all); k++) {
    ways += choose(positive, k) * choose(all - positive, BigInt(one.all) - k);
  }
  return Number((ways * 10n ** 18n) / choose(all, BigInt(one.all))) / 1e18;
}

function choose(n: bigint, k: bigint): bigint {
  if (k < 0n || k > n) return 0n;
  let result = 1n;
  for (let step = 1n; step <= k; step++) result = (result * (n - k + step)) / step;
  return result;
}
