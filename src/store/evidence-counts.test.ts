import { expect, test } from 'vitest';
import { slowerThan } from './evidence-counts.ts';

test('a time is slow when its bucket lies above that of the lower median of the others', () => {
  const unknown = 9;
  const times = Uint32Array.of(unknown, 1, 2, 3, 4);
  expect(slowerThan(Uint32Array.of(unknown, 1, 1, 1, 1), times)).toEqual({ positive: 7, all: 10 });
  expect(slowerThan(Uint32Array.of(unknown, 0, 0, 5, 4), times)).toEqual({ positive: 4, all: 10 });
  expect(slowerThan(Uint32Array.of(unknown, 0, 0, 0, 2), times)).toEqual({ positive: 0, all: 10 });
});
