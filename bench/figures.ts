/** The middle of some figures, with the least and the most. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws RangeError for no values. */
export function figureOf(values: readonly number[]): Figure {
  return { median: percentile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** The value below which that share of all values lies. Throws RangeError for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('there is no middle of nothing');
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * Turn by turn, so that what slows the whole machine down for a while slows both sides of each ratio. Null where the other
 * side is nothing.
 */
export function ratioOf(values: readonly number[], bare: readonly number[]): Figure | null {
  const ratios = values.map((value, turn) => value / (bare[turn] ?? 0)).filter(Number.isFinite);
  return ratios.length === 0 ? null : figureOf(ratios);
}
