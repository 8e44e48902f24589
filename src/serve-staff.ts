import type { App } from './app.ts';
import { caseActionsOf } from './case-actions.ts';
import { createStaffArea, type StaffArea } from './web/staff/area.ts';

/** What is for those who sign in, with what its pages have done elsewhere in the program. */
export function staffAreaOf({ config, work, clock, log }: App): StaffArea {
  return createStaffArea({
    db: work.db,
    publicUrl: config.server.publicUrl,
    signIn: config.signIn,
    report: config.report,
    actions: caseActionsOf(work),
    hashCaller: work.installation.hashCaller,
    clock,
    log,
  });
}
