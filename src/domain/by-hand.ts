/**
 * What a person who sends a survey overrules: with `once` what the policy says about the case, with `again` also that the
 * customer was asked before. What no hand overrules: a case that is not closed, and a customer who cannot or will not be asked.
 */
export type ByHand = 'once' | 'again';

const ONCE: ReadonlySet<string> = new Set([
  'before-start',
  'ours',
  'merged',
  'spam',
  'outbound',
  'bot-handled',
  'no-public-reply',
  'skipped-tag',
  'staff',
  'own-domain',
  'sampled-out',
  'quiet-hours',
  'business-hours',
]);

const AGAIN: ReadonlySet<string> = new Set([...ONCE, 'quiet-period', 'already-asked']);

/** True when the hand overrules a policy's rule of this name. */
export function overrules(byHand: ByHand | null, rule: string): boolean {
  if (byHand === null) return false;
  return (byHand === 'again' ? AGAIN : ONCE).has(rule);
}
