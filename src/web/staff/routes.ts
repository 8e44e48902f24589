import { readReport } from '../../store/report.ts';
import { adminAuditRoutes } from './admin-audit.ts';
import { adminKeyRoutes } from './admin-keys.ts';
import { adminUserRoutes } from './admin-users.ts';
import { apiRoutes } from './api/api-routes.ts';
import { dashboardRoutes } from './dashboard.ts';
import { exportRoutes } from './export-closures.ts';
import type { StaffRoute } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

/** Every page and every answer of the API for staff, with who may have it. */
export function staffRoutes(deps: StaffDeps, pages: StaffPages): readonly StaffRoute[] {
  const { db, clock, report: settings } = deps;
  const { agentsSee } = deps.signIn;
  const forPrograms = { ...deps, settings, agentsSee };
  return [
    ...dashboardRoutes({
      report: (question, wish) => readReport({ db, settings, clock }, question, wish),
      settings,
      clock,
      pages,
    }),
    ...apiRoutes(forPrograms),
    ...exportRoutes(forPrograms),
    ...adminUserRoutes(deps, pages),
    ...adminKeyRoutes(deps, pages),
    ...adminAuditRoutes(deps, pages),
  ];
}
