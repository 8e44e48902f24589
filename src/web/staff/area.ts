import { type Request, Router } from 'express';
import { createGate } from './gate.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { staffRouter } from './router.ts';
import { staffRoutes } from './routes.ts';
import { setupRoutes } from './setup.ts';
import { signInRoutes } from './sign-in.ts';
import type { StaffDeps } from './staff-deps.ts';
import { createStaffPages } from './staff-pages.ts';

/** All that is for those who sign in. */
export interface StaffArea {
  readonly router: Router;
  /** Whether an admin is signed in where this comes from. */
  isAdmin(request: Request): Promise<boolean>;
}

export function createStaffArea(deps: StaffDeps): StaffArea {
  const gate = createGate(deps);
  const pages = createStaffPages();
  const router = Router();
  router.use(signInRoutes(deps, gate, pages));
  if (deps.signIn.oidc !== null) router.use(oidcRoutes(deps, deps.signIn.oidc, gate, pages));
  router.use(setupRoutes(deps, gate, pages));
  router.use(staffRouter(staffRoutes(deps, pages), { ...deps, gate, pages }));
  return {
    router,
    isAdmin: async (request) => (await gate.sessionOf(request))?.viewer.role === 'admin',
  };
}
