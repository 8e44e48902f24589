import type { StaffRoute } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

/** Every page and every answer of the API for staff, with who may have it. */
export function staffRoutes(_deps: StaffDeps, _pages: StaffPages): readonly StaffRoute[] {
  return [];
}
