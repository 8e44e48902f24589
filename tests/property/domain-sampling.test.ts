import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSampled } from '../../src/domain/sampling.ts';

const ratios = fc.double({ min: 0, max: 1, noNaN: true });

test('a case keeps its verdict, and a higher ratio only adds cases', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), ratios, ratios, (connector, caseId, a, b) => {
      expect(isSampled(connector, caseId, a)).toBe(isSampled(connector, caseId, a));
      const [lower, higher] = [Math.min(a, b), Math.max(a, b)];
      if (isSampled(connector, caseId, lower)) expect(isSampled(connector, caseId, higher)).toBe(true);
    }),
  );
});

test('all are in at 1, none at 0', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (connector, caseId) => {
      expect(isSampled(connector, caseId, 1)).toBe(true);
      expect(isSampled(connector, caseId, 0)).toBe(false);
    }),
  );
});

/** Six standard deviations of a fair draw: one run in a billion would leave them. The cases are fixed, so this never flickers. */
test.each([0.01, 0.1, 0.25, 0.5, 0.9])('of 20,000 cases in a row, a share of %d is in', (ratio) => {
  const count = 20_000;
  const sampled = Array.from({ length: count }, (_, id) => isSampled('zendesk-eu', String(id), ratio)).filter(
    Boolean,
  );
  const deviation = Math.sqrt(count * ratio * (1 - ratio));
  expect(Math.abs(sampled.length - count * ratio)).toBeLessThan(6 * deviation);
});

test('two connectors with the same case ids draw apart', () => {
  const ids = Array.from({ length: 10_000 }, (_, id) => String(id));
  const both = ids.filter((id) => isSampled('zendesk-eu', id, 0.5) && isSampled('desk', id, 0.5));
  // A quarter when apart, a half when alike; six standard deviations are 260.
  expect(Math.abs(both.length - 2_500)).toBeLessThan(260);
});
