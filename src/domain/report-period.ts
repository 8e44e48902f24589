import type { StepLength } from './periods.ts';

/** The day that many days later, or earlier; days are `YYYY-MM-DD`. */
export function dayAfter(day: string, days = 1): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export interface Span {
  /** First and last day. */
  readonly from: string;
  readonly to: string;
}

/** A period in days, weeks from Monday, or months, cut off at its ends, and before each of `cuts`. */
export function spansOf({ from, to }: Span, step: StepLength, cuts: readonly string[] = []): readonly Span[] {
  const spans: Span[] = [];
  for (let start = from; start <= to; ) {
    const whole = lastDayOf(start, step);
    const cut = cuts.filter((day) => day > start && day <= whole).toSorted()[0];
    const end = cut === undefined ? whole : dayAfter(cut, -1);
    spans.push({ from: start, to: end < to ? end : to });
    start = dayAfter(end);
  }
  return spans;
}

function lastDayOf(day: string, step: StepLength): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (step === 'week') return dayAfter(day, (7 - date.getUTCDay()) % 7);
  if (step === 'day') return day;
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).toISOString().slice(0, 10);
}
