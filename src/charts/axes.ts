import type { Palette } from './palette.ts';

export const TEXT_SIZE = 12;

/** An axis of names or days. */
export function namesAxis(palette: Palette, names: readonly string[]) {
  return {
    type: 'category' as const,
    data: [...names],
    axisTick: { show: false },
    axisLine: { lineStyle: { color: palette.grid } },
    axisLabel: { color: palette.soft, fontSize: TEXT_SIZE, hideOverlap: true },
  };
}

/** An axis of percentages, or of whatever counts from `min` to `max`. */
export function valuesAxis(palette: Palette, { min, max, unit }: { min: number; max: number; unit: string }) {
  return {
    type: 'value' as const,
    min,
    max,
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.grid } },
    axisLabel: { color: palette.soft, fontSize: TEXT_SIZE, formatter: `{value}${unit}` },
  };
}

/** What a series has that nobody can point at. */
export const STILL = { silent: true } as const;

/** Room for the values given: whole tens, from no lower than `floor` to no higher than `ceiling`. */
export function roomFor(
  values: readonly (number | null | undefined)[],
  { floor, ceiling }: { floor: number; ceiling: number },
): { min: number; max: number } {
  const known = values.filter((one): one is number => typeof one === 'number');
  if (known.length === 0) return { min: floor, max: ceiling };
  const min = Math.max(floor, Math.floor((Math.min(...known) - 2) / 10) * 10);
  const max = Math.min(ceiling, Math.ceil((Math.max(...known) + 2) / 10) * 10);
  return { min, max: Math.max(max, min + 10) };
}
