import { Temporal } from 'temporal-polyfill';

/** First and last day, both included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

export interface NamedPeriod extends Period {
  readonly name: string;
}

/** The day in a zone. */
export function dayIn(zone: string, at: Date): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString();
}

/** Periods that people ask for, as of a day: all of them end with it, but for the last month. */
export function usualPeriods(today: string): readonly NamedPeriod[] {
  const day = Temporal.PlainDate.from(today);
  const month = day.with({ day: 1 });
  const quarter = month.subtract({ months: (day.month - 1) % 3 });
  const last = (days: number): NamedPeriod => ({
    name: `${days} days`,
    from: day.subtract({ days: days - 1 }).toString(),
    to: today,
  });
  return [
    last(7),
    last(30),
    last(90),
    { name: 'This month', from: month.toString(), to: today },
    {
      name: 'Last month',
      from: month.subtract({ months: 1 }).toString(),
      to: month.subtract({ days: 1 }).toString(),
    },
    { name: 'This quarter', from: quarter.toString(), to: today },
    { name: 'This year', from: day.with({ month: 1, day: 1 }).toString(), to: today },
  ];
}

/** The last 30 days, today included. */
export function defaultPeriod(today: string): Period {
  const day = Temporal.PlainDate.from(today);
  return { from: day.subtract({ days: 29 }).toString(), to: today };
}

/** Days from the first to the last, both counted. */
export function lengthOf({ from, to }: Period): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'day' }).days + 1;
}

export const STEPS = ['day', 'week', 'month'] as const;
/** More points than that are a hedge, not a trend. */
const MOST_STEPS = 100;
const DAYS_OF: Readonly<Record<StepLength, number>> = { day: 1, week: 7, month: 30 };

/** Steps that leave the trend of a period readable. */
export function stepsFor(period: Period): readonly StepLength[] {
  const days = lengthOf(period);
  return STEPS.filter((step) => step === 'month' || days / DAYS_OF[step] <= MOST_STEPS);
}

export type StepLength = (typeof STEPS)[number];

/** Steps that leave a trend with enough points to see one and few enough to read. */
export function stepFor(period: Period): StepLength {
  const days = lengthOf(period);
  if (days <= 31) return 'day';
  return days <= 200 ? 'week' : 'month';
}

/** As many days before a day, and from it on, but not past `today`. */
export function aroundDay(
  at: string,
  days: number,
  today: string,
): { readonly before: Period; readonly after: Period } {
  const day = Temporal.PlainDate.from(at);
  const end = day.add({ days: days - 1 }).toString();
  return {
    before: { from: day.subtract({ days }).toString(), to: day.subtract({ days: 1 }).toString() },
    after: { from: at, to: end < today ? end : today },
  };
}

export function daysBefore(day: string, days: number): string {
  return Temporal.PlainDate.from(day).subtract({ days }).toString();
}
