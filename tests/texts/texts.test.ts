import { describe, expect, test } from 'vitest';
import { SCALES, type Scale } from '../../src/domain/score.ts';
import { labelsFor } from '../../src/domain/survey.ts';
import { LANGUAGE_TAGS, pointsOf, type Texts, textsFor } from '../../src/texts/texts.ts';

const KINDS = ['csat', 'ces', 'nps'] as const;
const SCALE_NAMES = Object.keys(SCALES) as Scale[];

/** Every text with its path, and the places it fills. */
function placesIn(texts: Texts): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'string')
      found[path] = [...value.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();
    else for (const [key, inner] of Object.entries(value ?? {})) visit(inner, `${path}.${key}`);
  };
  visit(texts, '');
  return found;
}

describe.each(LANGUAGE_TAGS)('%s', (tag) => {
  const { texts } = textsFor(tag);

  test('fills the same places as English and leaves nothing empty', () => {
    expect(placesIn(texts)).toEqual(placesIn(textsFor('en').texts));
    expect(JSON.stringify(texts)).not.toContain('""');
  });

  test.each(SCALE_NAMES)('names every point of %s, each differently', (scale) => {
    const { min, max } = SCALES[scale];
    for (const kind of KINDS) {
      const points = pointsOf(scale, kind, { texts });
      expect(points.map((point) => point.score)).toEqual(
        Array.from({ length: max - min + 1 }, (_, index) => min + index),
      );
      expect(new Set(points.map((point) => point.name)).size).toBe(points.length);
      expect(
        points.every((point) => (point.symbol === '') === (scale === 'labelled' && point.label !== '')),
      ).toBe(true);
    }
  });
});

test.each(SCALE_NAMES)('customers and staff read the same English words on %s', (scale) => {
  for (const kind of KINDS) {
    const forStaff = labelsFor({ kind, scale });
    const forCustomers = pointsOf(scale, kind, textsFor('en'));
    expect(forCustomers.map((point) => point.label || String(point.score))).toEqual(forStaff);
  }
});
