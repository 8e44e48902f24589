import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { may } from '../../domain/staff.ts';
import { noteInAudit } from '../../store/audit.ts';
import { type Gate, hasToken } from './gate.ts';
import { answerStaffErrors, isForPrograms, refusalOf, refuse } from './refusals.ts';
import type { StaffRoute, Visit } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const FOR_STAFF = ['/dashboard', '/api'];
const LONGEST_PATH = 300;

/** Keeps what only staff see out of caches and search engines, and lets forms say that they come from here. */
export const staffHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex, nofollow',
    'Referrer-Policy': 'same-origin',
  });
  next();
};

/**
 * Everything under `/dashboard` and `/api`, known or not. In this order: who asks; is there such a route; does their role do;
 * does a post come from a page of ours, with the token of its session; a line in the audit; the handler.
 */
export function staffRouter(
  routes: readonly StaffRoute[],
  {
    db,
    clock,
    log,
    gate,
    pages,
  }: Pick<StaffDeps, 'db' | 'clock' | 'log'> & { gate: Gate; pages: StaffPages },
): Router {
  const router = Router();
  const visits = new WeakMap<Request, Visit>();

  router.use(FOR_STAFF, staffHeaders, async (request, response, next) => {
    const visit = await visitOf(request, gate);
    if (visit !== null) {
      visits.set(request, visit);
      next();
      return;
    }
    if (isForPrograms(request)) {
      response.set('WWW-Authenticate', 'Bearer realm="caseloop"');
      refuse({ pages, visit: null }, request, response, refusalOf(401));
    } else {
      const isLooking = request.method === 'GET' || request.method === 'HEAD';
      response.redirect(303, isLooking ? `/login?next=${encodeURIComponent(request.originalUrl)}` : '/login');
    }
  });

  for (const route of routes) {
    router[route.method](
      route.path,
      allow(route),
      ...(route.method === 'post' ? [FORM, ensureToken] : []),
      async (request, response) => {
        const visit = visitFor(request);
        if (route.audit !== null) await noteVisit(request, response, { visit, what: route.audit });
        await route.handle(request, response, visit);
      },
    );
  }

  router.use(FOR_STAFF, (request, response) => {
    refuse({ pages, visit: visitFor(request) }, request, response, refusalOf(404));
  });
  router.use(
    FOR_STAFF,
    answerStaffErrors(pages, log, (request) => visits.get(request) ?? null),
  );
  return router;

  /** Before anything of the request is read: the role, and for a post where it comes from. */
  function allow(route: StaffRoute): RequestHandler {
    return (request, response, next) => {
      const visit = visitFor(request);
      if (!may(visit.viewer.role, route.needs)) {
        refuse({ pages, visit }, request, response, refusalOf(403));
      } else if (route.method === 'post' && visit.csrf === '') {
        refuse(
          { pages, visit },
          request,
          response,
          refusalOf(403, 'API keys may look at things and change none.'),
        );
      } else if (route.method === 'post' && !gate.isFromHere(request)) {
        refuse(
          { pages, visit },
          request,
          response,
          refusalOf(403, 'This was not sent from a page of Caseloop.'),
        );
      } else next();
    };
  }

  function ensureToken(request: Request, response: Response, next: NextFunction): void {
    const visit = visitFor(request);
    if (hasToken(request, visit.csrf)) next();
    else
      refuse(
        { pages, visit },
        request,
        response,
        refusalOf(403, 'The page was open since before you signed in. Load it anew and try again.'),
      );
  }

  /** First the line, then what it is about, so that nobody sees anything without one; a refusal gets a second line. */
  async function noteVisit(
    request: Request,
    response: Response,
    { visit, what }: { visit: Visit; what: string },
  ): Promise<void> {
    const actor = visit.viewer.id;
    const detail = `${request.method} ${pathOf(request)}`;
    await noteInAudit(db, { at: clock.now(), actor, what, detail });
    response.once('finish', () => {
      if (response.statusCode < 400) return;
      const refused = { at: clock.now(), actor, what: `${what}: refused`, detail };
      noteInAudit(db, refused).catch((error: unknown) => {
        log.error({ err: error }, 'a refusal could not be noted in the audit');
      });
    });
  }

  function visitFor(request: Request): Visit {
    const visit = visits.get(request);
    if (visit === undefined) throw new Error('A route for staff was reached by nobody.');
    return visit;
  }
}

const FORM = express.urlencoded({ extended: false, limit: '256kb' });

async function visitOf(request: Request, gate: Gate): Promise<Visit | null> {
  const isByKey = isForPrograms(request) && request.get('authorization') !== undefined;
  return isByKey ? gate.keyOf(request) : gate.sessionOf(request);
}

/** Without the query: filters may name people. */
function pathOf(request: Request): string {
  return (request.originalUrl.split('?')[0] ?? '').slice(0, LONGEST_PATH);
}
