import type { Check } from './check.ts';
import { AGENT_CHECKS } from './checks-of-agents.ts';
import { ORIGIN_CHECKS } from './checks-of-origins.ts';
import { PERIOD_CHECKS } from './checks-of-periods.ts';
import type { Evidence } from './evidence.ts';
import type { Flag } from './report.ts';

/** Every check, in the order in which reports show their flags. `docs/figures.md` tells each in words. */
export const CHECKS: readonly Check[] = [...PERIOD_CHECKS, ...AGENT_CHECKS, ...ORIGIN_CHECKS];

/** Everything that a lead should look at before they believe the figures. */
export function raiseFlags(evidence: Evidence): readonly Flag[] {
  return CHECKS.flatMap(({ check, title, look }) =>
    look(evidence).map((finding) => ({ check, title, ...finding })),
  );
}
