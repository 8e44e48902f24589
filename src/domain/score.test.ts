import { describe, expect, test } from 'vitest';
import { csatPercent, isSatisfied, isScoreOn, levelOf, needsFollowUp, SCALES, type Scale } from './score.ts';

const support = { scale: '1-5', satisfiedFrom: 4, followUpBelow: 3 } as const;

describe('levels', () => {
  test.each([
    [1, 'low'],
    [2, 'low'],
    [3, 'neutral'],
    [4, 'high'],
    [5, 'high'],
  ] as const)('%i of 5 is %s by default', (score, level) => {
    expect(levelOf(support, score)).toBe(level);
  });

  test('a neutral 3 is satisfied only when the survey says so', () => {
    expect(isSatisfied(support, 3)).toBe(false);
    expect(isSatisfied({ scale: '1-5', satisfiedFrom: 3 }, 3)).toBe(true);
  });

  test('a score that opens a follow-up is low, whatever satisfiedFrom says', () => {
    expect(levelOf({ scale: '1-5', satisfiedFrom: 2, followUpBelow: 3 }, 2)).toBe('low');
  });

  test('followUpBelow at the lowest point means no follow-ups', () => {
    expect(needsFollowUp({ scale: 'thumbs', followUpBelow: 0 }, 0)).toBe(false);
    expect(needsFollowUp({ scale: 'thumbs', followUpBelow: 1 }, 0)).toBe(true);
  });

  test.each([0, 6, 2.5, Number.NaN])('%d is refused on 1-5', (score) => {
    expect(() => levelOf(support, score)).toThrow(
      new RangeError(`score ${score} is not on the scale 1-5: expected a whole number from 1 to 5`),
    );
  });
});

describe('scales', () => {
  const scales = Object.keys(SCALES) as Scale[];

  test('only 1-5 has a default for follow-ups', () => {
    expect(scales.filter((scale) => SCALES[scale].followUpBelow !== null)).toEqual(['1-5']);
    expect(SCALES['1-5'].followUpBelow).toBe(3);
  });

  test.each(scales)('%s has a label for each point and defaults that lie on it', (scale) => {
    const { min, max, labels, satisfiedFrom } = SCALES[scale];
    expect(labels).toHaveLength(max - min + 1);
    expect(labels.every((label) => label !== '')).toBe(true);
    expect(isScoreOn(scale, satisfiedFrom)).toBe(true);
    expect(satisfiedFrom).toBeGreaterThan(min);
  });
});

describe('CSAT %', () => {
  test.each([
    [80, 100, 80],
    [57, 100, 57],
    [0, 3, 0],
    [1, 8, 12.5],
  ])('%i of %i is %d', (satisfied, all, percent) => {
    expect(csatPercent(satisfied, all)).toBe(percent);
  });

  test('no answers give no figure', () => {
    expect(csatPercent(0, 0)).toBeNull();
  });

  test.each([
    [2, 1],
    [-1, 3],
    [0.5, 1],
  ])('%d of %d is refused', (satisfied, all) => {
    expect(() => csatPercent(satisfied, all)).toThrow(RangeError);
  });
});
