import { parseHours } from '../domain/calendar.ts';
import { leaveTime } from '../domain/sending-hours.ts';
import { quietHours } from './calendar-values.ts';
import type { ProblemDraft } from './problem.ts';
import { valueAt } from './value-at.ts';

const DEFAULT_HOURS = { 'mon-fri': '09:00-17:00' };

/** Quiet hours that cover all business hours would let nothing leave, ever. */
export function checkHours(value: unknown): ProblemDraft[] {
  const path = ['policy', 'quietHours'];
  const quiet = quietHours('').safeParse(valueAt(value, path));
  if (valueAt(value, ['policy', 'hours']) !== 'business' || !quiet.success || quiet.data === null) return [];
  const entries = Object.entries(valueAt(value, ['calendar', 'hours']) ?? DEFAULT_HOURS);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { hours, problems } = parseHours(Object.fromEntries(texts));
  if (problems.length > 0 || texts.length < entries.length) return [];
  const calendar = { zone: 'UTC', hours, holidays: [] };
  if (leaveTime({ hours: 'business', quietHours: quiet.data }, calendar)) return [];
  return [
    {
      path,
      message: 'they cover all business hours, so no survey would ever leave',
      allowed: 'hours that leave some of calendar.hours',
      fix: 'Make them shorter, or set policy.hours to always.',
    },
  ];
}
