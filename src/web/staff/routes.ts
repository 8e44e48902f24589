import type { Question } from '../../domain/report.ts';
import { type ReportWish, readReport } from '../../store/report.ts';
import { readChoices } from '../../store/report-choices.ts';
import { adminAuditRoutes } from './admin-audit.ts';
import { adminKeyRoutes } from './admin-keys.ts';
import { adminUserRoutes } from './admin-users.ts';
import { apiRoutes } from './api/api-routes.ts';
import { caseRoutes } from './case-routes.ts';
import { dashboardRoutes } from './dashboard.ts';
import { exportRoutes } from './export-closures.ts';
import type { StaffRoute } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

/** Every page and every answer of the API for staff, with who may have it. */
export function staffRoutes(deps: StaffDeps, pages: StaffPages): readonly StaffRoute[] {
  const { signIn, actions } = deps;
  const figures = { db: deps.db, settings: deps.report, clock: deps.clock };
  const report = (question: Question, wish: ReportWish) => readReport(figures, question, wish);
  const choices = (question: Question) => readChoices(figures, question);
  const shown = { ...figures, report, choices, pages };
  const forPrograms = { ...deps, settings: deps.report, agentsSee: signIn.agentsSee };
  return [
    ...dashboardRoutes(shown),
    ...caseRoutes({ ...shown, signIn, actions }),
    ...apiRoutes(forPrograms),
    ...exportRoutes(forPrograms),
    ...adminUserRoutes(deps, pages),
    ...adminKeyRoutes(deps, pages),
    ...adminAuditRoutes(deps, pages),
  ];
}
