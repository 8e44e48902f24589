import express, { type Request, type Response, Router } from 'express';
import { SECOND_MS } from '../../clock.ts';
import { noteInAudit } from '../../store/audit.ts';
import { checkPassword } from '../../store/passwords.ts';
import { clearTries, takeTry } from '../../store/sign-in-tries.ts';
import { findByAddress, hasAdmin, refreshPassword } from '../../store/users.ts';
import { type Gate, hasToken } from './gate.ts';
import { ownPath } from './own-path.ts';
import { refusalOf, refuse } from './refusals.ts';
import { staffHeaders } from './router.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const LONGEST_PASSWORD = 1_000;

/** `/login` and `/logout`. What is wrong with a sign-in is never told apart: address, password, disabled. */
export function signInRoutes(deps: StaffDeps, gate: Gate, pages: StaffPages): Router {
  const { db, clock, signIn, hashCaller } = deps;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '16kb' });
  router.use(['/login', '/logout'], staffHeaders);

  router.get('/login', async (request, response) => {
    const next = ownPath(request.query.next);
    if ((await gate.sessionOf(request)) === null) await showForm(response, { next });
    else response.redirect(303, next);
  });

  router.post('/login', form, async (request, response) => {
    const next = ownPath(request.body?.next);
    if (!signIn.password || !gate.isFromHere(request)) {
      refuse({ pages, visit: null }, request, response, refusalOf(403, 'Please sign in on the page for it.'));
      return;
    }
    const email = textOf(request, 'email').trim();
    const caller = hashCaller(request.ip ?? '');
    const wait = await takeTry(db, { email, caller, at: clock.now() });
    if (wait !== null) {
      const minutes = Math.ceil(wait.waitMs / (60 * SECOND_MS));
      response.status(429).set('Retry-After', String(Math.ceil(wait.waitMs / SECOND_MS)));
      await showForm(response, { next, email, problem: `Too many tries. Try again in ${minutes} minutes.` });
      return;
    }
    const userId = await userBy(email, textOf(request, 'password'));
    if (userId === null) {
      await noteInAudit(db, { at: clock.now(), actor: 'nobody', what: 'sign-in refused', detail: '' });
      response.status(403);
      await showForm(response, { next, email, problem: 'The address or the password is not right.' });
      return;
    }
    await clearTries(db, email);
    await gate.begin(request, response, userId);
    await noteInAudit(db, {
      at: clock.now(),
      actor: `user:${userId}`,
      what: 'signed in',
      detail: 'password',
    });
    response.redirect(303, next);
  });

  router.post('/logout', form, async (request, response) => {
    const visit = await gate.sessionOf(request);
    if (visit !== null && !(gate.isFromHere(request) && hasToken(request, visit.csrf))) {
      refuse(
        { pages, visit },
        request,
        response,
        refusalOf(403, 'Please sign out by the button on the page.'),
      );
      return;
    }
    await gate.end(request, response);
    if (visit !== null)
      await noteInAudit(db, { at: clock.now(), actor: visit.viewer.id, what: 'signed out', detail: '' });
    response.redirect(303, '/login');
  });

  return router;

  async function userBy(email: string, password: string): Promise<string | null> {
    const user = await findByAddress(db, email);
    const kept = user?.password ?? null;
    const verdict = await checkPassword(password.slice(0, LONGEST_PASSWORD), kept);
    if (user === null || kept === null || !verdict.isRight || user.isDisabled) return null;
    if (verdict.isOutdated) await refreshPassword(db, user.id, { password, kept });
    return user.id;
  }

  async function showForm(
    response: Response,
    { next, email = '', problem = null }: { next: string; email?: string; problem?: string | null },
  ): Promise<void> {
    response.send(
      pages.render('login', {
        visit: null,
        title: 'Sign in',
        problem,
        next,
        email,
        byPassword: signIn.password,
        provider: signIn.oidc?.name ?? null,
        isNew: signIn.password && signIn.oidc === null && !(await hasAdmin(db)),
      }),
    );
  }
}

/** A field of a form; empty when it is not there. */
export function textOf(request: Request, field: string): string {
  const value: unknown = request.body?.[field];
  return typeof value === 'string' ? value : '';
}
