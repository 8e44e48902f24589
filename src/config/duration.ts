import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';

const UNIT_MS = new Map([
  ['ms', 1],
  ['s', SECOND_MS],
  ['m', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
]);

/** One whole number and one unit: `500ms`, `90s`, `5m`, `2h`, `14d`. */
export const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Milliseconds, or null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit);
  return unitMs === undefined ? null : Number(amount) * unitMs;
}

/** The shortest way to write a duration: 90000 is `90s`, 120000 is `2m`. */
export function writeDuration(durationMs: number): string {
  const fitting = [...UNIT_MS].reverse().find(([, unitMs]) => durationMs !== 0 && durationMs % unitMs === 0);
  const [unit, unitMs] = fitting ?? ['s', SECOND_MS];
  return `${durationMs / unitMs}${unit}`;
}
