import { Temporal } from 'temporal-polyfill';
import type { Weekday } from './calendar.ts';

/** When a digest goes out, in the report's zone. */
export interface DigestTime {
  readonly weekday: Weekday;
  /** Local wall-clock time, `HH:MM`. */
  readonly time: string;
}

/** What one digest is about: seven whole days. */
export interface DigestWeek {
  /** First and last day, `YYYY-MM-DD`, in the report's zone. */
  readonly from: string;
  readonly to: string;
  /** From when on it goes out: on the day after the last one. */
  readonly dueAt: Date;
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const DIGEST_TIME = new RegExp(`^(${WEEKDAYS.join('|')}) +((?:[01]\\d|2[0-3]):[0-5]\\d)$`, 'i');

/** Reads `monday 08:00`; null when it is none. */
export function parseDigestTime(text: string): DigestTime | null {
  const [, day = '', time] = DIGEST_TIME.exec(text.trim()) ?? [];
  if (time === undefined) return null;
  return { weekday: (WEEKDAYS.indexOf(day.toLowerCase()) + 1) as Weekday, time };
}

/**
 * The latest week whose digest is due at `now`. A local time that a clock change skips stands for the instant of the
 * change, one that it repeats for its first pass.
 */
export function latestDigestWeek(now: Date, on: DigestTime, zone: string): DigestWeek {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDate();
  const latest = today.subtract({ days: (today.dayOfWeek - on.weekday + 7) % 7 });
  const week = weekBefore(latest, on, zone);
  return week.dueAt.getTime() <= now.getTime() ? week : weekBefore(latest.subtract({ days: 7 }), on, zone);
}

function weekBefore(day: Temporal.PlainDate, on: DigestTime, zone: string): DigestWeek {
  const due = day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(on.time) });
  return {
    from: day.subtract({ days: 7 }).toString(),
    to: day.subtract({ days: 1 }).toString(),
    dueAt: new Date(due.epochMilliseconds),
  };
}

/** The key of `digest.to` for one digest about all teams together. */
export const ALL_TEAMS = 'default';

/** Who gets which digest: one address in two lists gets two. A null team is all of them together. */
export interface DigestReader {
  readonly team: string | null;
  readonly address: string;
}

export function digestReaders(to: Readonly<Record<string, readonly string[]>>): readonly DigestReader[] {
  return Object.entries(to).flatMap(([team, addresses]) =>
    [...new Set(addresses)].map((address) => ({ team: team === ALL_TEAMS ? null : team, address })),
  );
}
