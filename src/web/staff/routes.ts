import { adminAuditRoutes } from './admin-audit.ts';
import { adminKeyRoutes } from './admin-keys.ts';
import { adminUserRoutes } from './admin-users.ts';
import type { StaffRoute } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

/** Every page and every answer of the API for staff, with who may have it. */
export function staffRoutes(deps: StaffDeps, pages: StaffPages): readonly StaffRoute[] {
  return [...adminUserRoutes(deps, pages), ...adminKeyRoutes(deps, pages), ...adminAuditRoutes(deps, pages)];
}
