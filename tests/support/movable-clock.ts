import type { Clock } from '../../src/clock.ts';

/** Real time plus what was added by hand: programs that poll go on, and a minute passes at once. */
export interface MovableClock extends Clock {
  advance(byMs: number): void;
}

export function createMovableClock(): MovableClock {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    advance(byMs) {
      offsetMs += byMs;
    },
  };
}
