const UNITS: readonly (readonly [word: string, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** A duration in the largest unit that leaves no rest: "14 days", "36 hours", "1 minute". */
export function duration(ms: number): string {
  const unit = UNITS.find(([, unitMs]) => ms >= unitMs && ms % unitMs === 0);
  if (unit === undefined) return `${ms} milliseconds`;
  const amount = ms / unit[1];
  return `${amount} ${unit[0]}${amount === 1 ? '' : 's'}`;
}

/** The UTC day: "2026-11-10". */
export function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** To the minute: "2026-11-10 16:05 UTC". */
export function minute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A share as a percentage, to four digits: "12.5%". */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(4))}%`;
}
