import { systemClock } from '../../src/clock.ts';
import { createLog, type Log } from '../../src/log.ts';

/** A log whose lines can be looked at. */
export function recordLog(): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { log: createLog({ level: 'debug', clock: systemClock, destination }), lines };
}
