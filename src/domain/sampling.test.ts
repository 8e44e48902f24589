import { expect, test } from 'vitest';
import { isSampled } from './sampling.ts';

test('the verdict is the same in every version: a change would ask other people', () => {
  const sampled = Array.from({ length: 12 }, (_, index) => String(index)).filter((id) =>
    isSampled('zendesk-eu', id, 0.5),
  );
  expect(sampled).toEqual(['1', '2', '5', '7', '8', '10']);
});

test('all at 1, none at 0', () => {
  expect(isSampled('zendesk-eu', '1', 1)).toBe(true);
  expect(isSampled('zendesk-eu', '1', 0)).toBe(false);
});

test.each([-0.1, 1.1, Number.NaN])('a ratio of %d is refused', (ratio) => {
  expect(() => isSampled('zendesk-eu', '1', ratio)).toThrow(
    new RangeError(`sampling ratio ${ratio}: expected 0 to 1`),
  );
});
