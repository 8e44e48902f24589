import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  csatPercent,
  isSatisfied,
  type Level,
  levelOf,
  needsFollowUp,
  SCALES,
  type Scale,
} from '../../src/domain/score.ts';

const ORDER: readonly Level[] = ['low', 'neutral', 'high'];

/** Thresholds as the config allows them: a follow-up never starts above satisfaction. */
const surveys = fc.constantFrom(...(Object.keys(SCALES) as Scale[])).chain((scale) => {
  const { min, max } = SCALES[scale];
  return fc
    .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
    .map(([a, b]) => ({ scale, followUpBelow: Math.min(a, b), satisfiedFrom: Math.max(a, b) }));
});

test('levels part a scale in order: low exactly where a follow-up is due, high exactly where satisfied', () => {
  fc.assert(
    fc.property(surveys, (survey) => {
      const { min, max } = SCALES[survey.scale];
      const scores = Array.from({ length: max - min + 1 }, (_, index) => min + index);
      const ranks = scores.map((score) => ORDER.indexOf(levelOf(survey, score)));
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      for (const score of scores) {
        expect(levelOf(survey, score) === 'low').toBe(needsFollowUp(survey, score));
        expect(levelOf(survey, score) === 'high').toBe(isSatisfied(survey, score));
      }
    }),
  );
});

test('CSAT % lies from 0 to 100, below 100 unless all are satisfied, and is exact where a whole percentage exists', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (percent, hundreds) => {
        expect(csatPercent(percent * hundreds, 100 * hundreds)).toBe(percent);
      },
    ),
  );
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), (satisfied, others) => {
      const percent = csatPercent(satisfied, satisfied + others + 1);
      expect(percent).toBeGreaterThanOrEqual(0);
      expect(percent).toBeLessThan(100);
    }),
  );
});
