import type { CaseSnapshot } from './case.ts';

/**
 * Who is credited with a closure: whoever had the case, whoever of us last answered the customer in public, or nobody in person,
 * so that the team counts alone. Settled when the case closes, from the snapshot of that moment.
 */
export const CREDIT_RULES = ['assignee', 'last-replier', 'team'] as const;
export type CreditRule = (typeof CREDIT_RULES)[number];

/** Who it is, and the rule that said so. */
export interface Credit {
  /** By the CRM's id; null where the team counts alone, or nobody is known. */
  readonly id: string | null;
  readonly name: string | null;
  /** Not always the configured rule: where nobody is known to have answered, the assignee is credited. Null: nobody is. */
  readonly by: CreditRule | null;
}

/** Pure: the same rule and snapshot always give the same. */
export function creditFor(rule: CreditRule, snapshot: CaseSnapshot): Credit {
  const { assignee, lastReplier, team } = snapshot;
  if (rule === 'team') return { id: null, name: null, by: team === null ? null : 'team' };
  if (rule === 'last-replier' && lastReplier !== null) return { ...lastReplier, by: 'last-replier' };
  return assignee === null ? { id: null, name: null, by: null } : { ...assignee, by: 'assignee' };
}
