import { type Claim, judge, type Mark, type Scene } from './taps.ts';

/** How long a confirmation waits for what machines do next: whoever opens one link with scripts opens others soon. */
export const SETTLE_MS = 30_000;

/** A script's confirmation that is not decided on yet. */
export interface Settling {
  readonly id: string;
  readonly claim: Claim;
  readonly dueAt: Date;
}

export interface Settled {
  readonly id: string;
  readonly state: 'counted' | 'held' | 'superseded';
  readonly marks: readonly Mark[];
}

/**
 * Decides on a survey's confirmations together, once the youngest is due: what a mark speaks against is held, of the others
 * the youngest counts. Gives when to look again while one is not due. A machine's confirmation can so neither count nor push
 * a person's aside.
 */
export function settleConfirmations(
  settling: readonly Settling[],
  scene: Scene,
  now: Date,
  among?: readonly Mark[],
): { readonly settled: readonly Settled[] } | { readonly waitUntil: Date } {
  const youngestFirst = settling.toSorted((a, b) => b.claim.at.getTime() - a.claim.at.getTime());
  const lastDue = Math.max(...youngestFirst.map(({ dueAt }) => dueAt.getTime()));
  if (youngestFirst.length > 0 && lastDue > now.getTime()) return { waitUntil: new Date(lastDue) };
  let counts = false;
  const settled = youngestFirst.map(({ id, claim }): Settled => {
    const marks = judge(claim, scene, among);
    if (marks.length > 0) return { id, state: 'held', marks };
    const state = counts ? 'superseded' : 'counted';
    counts = true;
    return { id, state, marks };
  });
  return { settled };
}
