import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until it is moved, so that limits and windows pass when a test says so. */
export interface StandingClock extends Clock {
  advance(byMs: number): void;
}

export function createStandingClock(startAt: Date): StandingClock {
  let nowMs = startAt.getTime();
  return {
    now: () => new Date(nowMs),
    advance(byMs) {
      nowMs += byMs;
    },
  };
}
