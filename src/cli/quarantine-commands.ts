import { z } from 'zod';
import type { App } from '../app.ts';
import { describeScore } from '../domain/survey.ts';
import { MARKS } from '../domain/taps.ts';
import type { HeldConfirmation } from '../store/quarantine.ts';

/** What `caseloop quarantine` has the owner of the database do. */

export const RuleArgs = z.strictObject({ accept: z.string().nullable(), dismiss: z.string().nullable() });

/** A confirmation that is held, with what speaks against it. */
export interface HeldTap {
  readonly id: string;
  readonly connector: string;
  readonly case: string;
  readonly score: number;
  /** The score in words. */
  readonly means: string;
  readonly at: string;
  readonly marks: readonly { readonly mark: string; readonly says: string }[];
}

export interface QuarantineResult {
  /** What became of the one that was accepted; null when none was. */
  readonly outcome: 'recorded' | 'unchanged' | 'window-closed' | null;
  readonly held: readonly HeldTap[];
}

/** Decides on one that is held, if asked to, and lists what is held after that. */
export async function ruleOnHeld(
  app: App,
  { accept, dismiss }: z.infer<typeof RuleArgs>,
): Promise<QuarantineResult> {
  const outcome = accept === null ? null : (await app.quarantine.accept(accept)).outcome;
  if (dismiss !== null) await app.quarantine.dismiss(dismiss);
  const held = await app.quarantine.list();
  return { outcome, held: held.map(toHeldTap) };
}

function toHeldTap({ id, connector, caseNumber, kind, scale, score, at, marks }: HeldConfirmation): HeldTap {
  return {
    id,
    connector,
    case: caseNumber,
    score,
    means: describeScore({ kind, scale }, score),
    at: at.toISOString(),
    marks: marks.map((mark) => ({ mark, says: MARKS[mark] })),
  };
}
