import { type Request, type Response, Router } from 'express';
import { MINUTE_MS } from '../../clock.ts';
import { codeOf } from '../../error-facts.ts';
import { RetryableError } from '../../errors.ts';
import { noteInAudit } from '../../store/audit.ts';
import { takeInFromProvider } from '../../store/users.ts';
import { type Gate, readCookie } from './gate.ts';
import { createProvider, type Departure } from './oidc.ts';
import { ownPath } from './own-path.ts';
import { staffHeaders } from './router.ts';
import type { OidcSettings, StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const WAY_MS = 10 * MINUTE_MS;

/** The way to the provider and back. What the way back is checked against stays in the browser, in a cookie that no script reads. */
export function oidcRoutes(deps: StaffDeps, settings: OidcSettings, gate: Gate, pages: StaffPages): Router {
  const { db, clock, log } = deps;
  const provider = createProvider(settings, deps);
  const kept = gate.cookie('caseloop-oidc');
  const router = Router();
  router.use('/login/oidc', staffHeaders);

  router.get('/login/oidc', async (request, response) => {
    try {
      const { url, departure } = await provider.depart();
      const way: Way = { ...departure, next: ownPath(request.query.next) };
      response.cookie(kept.name, JSON.stringify(way), { ...kept.options, maxAge: WAY_MS });
      response.redirect(303, url);
    } catch (error) {
      sayFailed(response, error);
    }
  });

  router.get('/login/oidc/callback', async (request, response) => {
    const way = wayOf(request);
    response.clearCookie(kept.name, kept.options);
    if (way === null) {
      say(response, 400, 'The sign-in took too long', [
        'It was begun more than ten minutes ago, or in another browser. Please begin once more.',
      ]);
      return;
    }
    const arrival = await provider
      .arrive(new URL(request.originalUrl, deps.publicUrl).search, way)
      .catch((error: unknown) => {
        sayFailed(response, error);
        return null;
      });
    if (arrival === null) return;
    const { role, ...person } = arrival;
    const user = role === null ? null : await takeInFromProvider(db, { ...person, role, at: clock.now() });
    if (user === null || user.isDisabled) {
      const detail = user === null ? 'provider, in no group with a role' : `user:${user.id}, disabled`;
      await noteInAudit(db, { at: clock.now(), actor: 'nobody', what: 'sign-in refused', detail });
      say(response, 403, 'You have no role here', [
        `${settings.name} knows you, but nobody has given you a role in Caseloop. Ask whoever looks after it.`,
      ]);
      return;
    }
    await gate.begin(request, response, user.id);
    await noteInAudit(db, {
      at: clock.now(),
      actor: `user:${user.id}`,
      what: 'signed in',
      detail: 'provider',
    });
    response.redirect(303, way.next);
  });

  return router;

  function wayOf(request: Request): Way | null {
    try {
      const { state, nonce, verifier, next } = JSON.parse(readCookie(request, kept.name) ?? 'null') ?? {};
      const isWhole = [state, nonce, verifier].every((part) => typeof part === 'string' && part !== '');
      return isWhole ? { state, nonce, verifier, next: ownPath(next) } : null;
    } catch {
      return null;
    }
  }

  /** What providers send may hold anything, so the log has the kind of the error only. */
  function sayFailed(response: Response, error: unknown): void {
    const reason = codeOf(error instanceof RetryableError ? error.cause : error);
    log.warn({ reason }, 'a sign-in by the provider failed');
    say(response, error instanceof RetryableError ? 503 : 400, 'The sign-in did not work', [
      error instanceof RetryableError
        ? `${settings.name} does not answer. Please try again in a minute.`
        : `What ${settings.name} sent back was not what we had asked for, or you turned back there. Please begin once more.`,
    ]);
  }

  function say(response: Response, status: number, title: string, paragraphs: readonly string[]): void {
    const onwards = { href: '/login', label: 'Go to the sign-in' };
    response.status(status).send(pages.render('staff-notice', { visit: null, title, paragraphs, onwards }));
  }
}

interface Way extends Departure {
  readonly next: string;
}
