import type { Request, Response } from 'express';
import type { Role, Viewer } from '../../domain/staff.ts';

/** What a handler knows of who asks. */
export interface Visit {
  readonly viewer: Viewer;
  /** Goes into every form as the field `csrf`; a post without it is refused before any handler. */
  readonly csrf: string;
}

/**
 * One route for staff. Every one of them is in a table, so that who may do what is data: a test walks the table with every
 * role. Paths begin with `/dashboard` (pages: without a session 303 to `/login`) or `/api/v1` (without session or key 401).
 */
export interface StaffRoute {
  readonly method: 'get' | 'post';
  readonly path: string;
  /** The least role. What an agent may see is narrowed further by `visibleFilters`. */
  readonly needs: Role;
  /** What the audit calls it where somebody sees or changes what is about persons; null where nobody does. */
  readonly audit: string | null;
  handle(request: Request, response: Response, visit: Visit): Promise<void>;
}
