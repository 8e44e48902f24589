import type { CaseDeps } from './case-deps.ts';
import { caseListRoute } from './case-list.ts';
import { casePageRoute } from './case-page.ts';
import { casePostRoutes } from './case-post.ts';
import { failedWriteRoutes } from './failed-writes.ts';
import { quarantineRoutes } from './quarantine-page.ts';
import { reviewRoutes } from './review.ts';
import type { StaffRoute } from './route.ts';

/** The pages about single cases, and what leads do there. */
export function caseRoutes(deps: CaseDeps): readonly StaffRoute[] {
  return [
    caseListRoute(deps),
    casePageRoute(deps),
    ...casePostRoutes(deps),
    ...quarantineRoutes(deps),
    ...failedWriteRoutes(deps),
    ...reviewRoutes(deps),
  ];
}
