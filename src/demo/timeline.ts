import type { Clock } from '../clock.ts';

export type StepName =
  | 'closed'
  | 'noticed'
  | 'decided'
  | 'skipped'
  | 'cancelled'
  | 'mailed'
  | 'scanned'
  | 'answered'
  | 'written-back'
  | 'late'
  | 'follow-up';

/** One thing that really happened to a case: it was read back before it was noted here. */
export interface Step {
  readonly connector: string;
  readonly case: string;
  readonly step: StepName;
  readonly at: Date;
  /** A sentence. */
  readonly detail: string;
}

/** What is watched until it comes true; what it gives is noted. */
export interface Timeline {
  note(step: Omit<Step, 'at'> & { at?: Date }): void;
  readonly steps: readonly Step[];
}

export function createTimeline(clock: Clock, onStep: (step: Step) => void): Timeline {
  const steps: Step[] = [];
  return {
    steps,
    note({ at = clock.now(), detail, ...step }) {
      const noted = { ...step, at, detail };
      steps.push(noted);
      onStep(noted);
    },
  };
}

const LOOK_EVERY_MS = 50;
const GIVE_UP_AFTER_MS = 30_000;

/**
 * Looks again and again until there is something to see. Throws with `what` when it does not come, and the signal's reason
 * when that is aborted.
 */
export async function seen<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  signal: AbortSignal,
): Promise<T> {
  const lastLook = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > lastLook)
      throw new Error(`Waited ${GIVE_UP_AFTER_MS / 1_000} s and did not see it: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
