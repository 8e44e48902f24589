import { type DestinationStream, type Logger, pino } from 'pino';
import type { Clock } from './clock.ts';
import { errorFacts } from './error-facts.ts';

/** Structured log: a static message, facts in fields, ids only - never addresses, names, comments or tokens. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & {
  child(bindings: Record<string, unknown>): Log;
};

/** JSON lines to standard error, so that a command's own output stays clean. */
export function createLog(options: { level: string; clock: Clock; destination?: DestinationStream }): Log {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${options.clock.now().toISOString()}"`,
      serializers: { err: errorFacts },
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

/** Says nothing; for tests and for commands whose output is for people. */
export const silentLog: Log = pino({ level: 'silent' });
