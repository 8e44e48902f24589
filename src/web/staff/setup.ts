import express, { type Response, Router } from 'express';
import { passwordProblem } from '../../domain/password.ts';
import { noteInAudit } from '../../store/audit.ts';
import { readLink, spendLink, type UserLink } from '../../store/user-links.ts';
import { isAddress } from './address.ts';
import type { Gate } from './gate.ts';
import { refusalOf, refuse } from './refusals.ts';
import { staffHeaders } from './router.ts';
import { textOf } from './sign-in.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const LONGEST_NAME = 100;

/** `/setup/:token`: makes the first admin, or lets somebody who was invited choose a password. Only the press of its button uses the link up. */
export function setupRoutes({ db, clock, signIn }: StaffDeps, gate: Gate, pages: StaffPages): Router {
  const router = Router();
  router.use('/setup', staffHeaders);

  router.get('/setup/:token', async (request, response) => {
    const link = await find(request.params.token);
    if (link === null) sayGone(response);
    else show(response, link, link.purpose === 'setup' ? { name: '', email: '' } : link);
  });

  router.post(
    '/setup/:token',
    express.urlencoded({ extended: false, limit: '16kb' }),
    async (request, response) => {
      const { token } = request.params;
      if (!gate.isFromHere(request)) {
        refuse({ pages, visit: null }, request, response, refusalOf(403, 'Please open the link itself.'));
        return;
      }
      const link = await find(token);
      if (link === null) {
        sayGone(response);
        return;
      }
      const name = textOf(request, 'name').trim();
      const email = link.purpose === 'setup' ? textOf(request, 'email').trim() : link.email;
      const password = textOf(request, 'password');
      const problem = problemOf({ name, email, password }, textOf(request, 'again'));
      if (problem !== null) {
        response.status(422);
        show(response, link, { name, email, problem });
        return;
      }
      const userId = await spendLink(db, token, { name, email, password, at: clock.now() });
      if (userId === null) {
        sayGone(response);
        return;
      }
      await gate.begin(request, response, userId);
      await noteInAudit(db, { at: clock.now(), actor: `user:${userId}`, what: 'signed in', detail: 'link' });
      response.redirect(303, '/dashboard');
    },
  );

  return router;

  async function find(token: string): Promise<UserLink | null> {
    return signIn.password ? readLink(db, token, clock.now()) : null;
  }

  function show(
    response: Response,
    { purpose }: UserLink,
    { name, email, problem }: { name: string; email: string; problem?: string },
  ): void {
    response.send(
      pages.render('setup', {
        visit: null,
        title:
          purpose === 'setup'
            ? 'Set up Caseloop'
            : purpose === 'invite'
              ? 'Welcome to Caseloop'
              : 'A new password',
        problem: problem ?? null,
        purpose,
        name,
        email,
      }),
    );
  }

  function sayGone(response: Response): void {
    response.status(404).send(
      pages.render('staff-notice', {
        visit: null,
        title: 'This link does not work any more',
        paragraphs: [
          'Each link works once, for 24 hours. Ask an admin for a new one; the command "caseloop users invite" makes one, too.',
        ],
        onwards: { href: '/login', label: 'Go to the sign-in' },
      }),
    );
  }
}

function problemOf(
  { name, email, password }: { name: string; email: string; password: string },
  again: string,
): string | null {
  if (name === '' || name.length > LONGEST_NAME) return `Write a name of up to ${LONGEST_NAME} characters.`;
  if (!isAddress(email)) return 'Write one mail address, such as ann@acme.example.';
  return (
    passwordProblem(password, { email, name }) ?? (password === again ? null : 'The two passwords differ.')
  );
}
