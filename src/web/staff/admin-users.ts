import type { Request, Response } from 'express';
import { PermanentError } from '../../errors.ts';
import { inviteUser } from '../../store/user-links.ts';
import { type Change, disableUser, enableUser, readUsers, setAgents, setRole } from '../../store/users.ts';
import { isAddress } from './address.ts';
import { agentsField, nameField, problemIn, roleField } from './admin-fields.ts';
import { refusalOf, refuse } from './refusals.ts';
import type { StaffRoute, Visit } from './route.ts';
import { textOf } from './sign-in.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const LIST = '/dashboard/admin/users';

const FIELDS = ['name', 'email', 'role', 'agents'] as const;

const DONE: Readonly<Record<string, string>> = {
  role: 'The role is changed.',
  agents: 'The answers they see are changed.',
  disabled: 'They are disabled, and signed out everywhere.',
  enabled: 'They can sign in again.',
};

interface Shown {
  readonly problem?: string;
  readonly link?: string;
}

/** Who may sign in, and as what. The store notes each change with what it was, so the routes have no line of their own. */
export function adminUserRoutes(
  { db, clock, publicUrl, signIn }: StaffDeps,
  pages: StaffPages,
): readonly StaffRoute[] {
  const admin = { needs: 'admin', audit: null } as const;
  const one = `${LIST}/:userId`;
  return [
    {
      ...admin,
      method: 'get',
      path: LIST,
      handle: (_request, response, visit) => showAll(response, visit, {}),
    },
    {
      ...admin,
      method: 'post',
      path: LIST,
      async handle(request, response, visit) {
        const [name, role, agents] = [nameField(request), roleField(request), agentsField(request)];
        const email = textOf(request, 'email').trim();
        const problem =
          problemIn(name, role, agents) ??
          (isAddress(email) ? null : 'Write one mail address, such as ann@acme.example.') ??
          ((await isKnown(email)) ? 'There is a user with this address already.' : null);
        if (problem !== null || !('value' in name && 'value' in role && 'value' in agents)) {
          const filled = Object.fromEntries(FIELDS.map((field) => [field, textOf(request, field)]));
          response.status(422);
          await showAll(response, visit, { problem: problem ?? '', filled });
          return;
        }
        const token = await inviteUser(db, {
          email,
          name: name.value,
          role: role.value,
          agents: agents.value,
          actor: visit.viewer.id,
          at: clock.now(),
        });
        await showAll(response, visit, { link: linkOf(token), invited: name.value });
      },
    },
    {
      ...admin,
      method: 'get',
      path: one,
      handle: (request, response, visit) => showOne(request, response, visit, {}),
    },
    change('role', (request, given) => {
      const role = roleField(request);
      return 'problem' in role ? role.problem : setRole(db, role.value, given);
    }),
    change('agents', (request, given) => {
      const agents = agentsField(request);
      return 'problem' in agents ? agents.problem : setAgents(db, agents.value, given);
    }),
    change('disabled', (_request, given) =>
      given.actor === `user:${given.userId}` ? 'Somebody else must disable you.' : disableUser(db, given),
    ),
    change('enabled', (_request, given) => enableUser(db, given)),
    {
      ...admin,
      method: 'post',
      path: `${one}/link`,
      async handle(request, response, visit) {
        const user = await userOf(request);
        if (user === null || user.signsInBy === 'provider') {
          refuse({ pages, visit }, request, response, refusalOf(404));
          return;
        }
        const invitation = {
          email: user.email,
          name: null,
          role: null,
          actor: visit.viewer.id,
          at: clock.now(),
        };
        await telling(request, response, visit, async () =>
          showOne(request, response, visit, { link: linkOf(await inviteUser(db, invitation)) }),
        );
      },
    },
  ];

  /** A form of somebody's page: it says what is wrong, or leads back there with what was done. */
  function change(
    what: string,
    make: (request: Request, given: Change) => string | Promise<void>,
  ): StaffRoute {
    return {
      ...admin,
      method: 'post',
      path: `${one}/${what}`,
      handle: (request, response, visit) =>
        telling(request, response, visit, async () => {
          const userId = String(request.params.userId);
          const problem = await make(request, { userId, actor: visit.viewer.id, at: clock.now() });
          if (typeof problem === 'string') throw new PermanentError(problem);
          response.redirect(303, `${LIST}/${encodeURIComponent(userId)}?done=${what}`);
        }),
    };
  }

  /** What cannot be done is said on the page it was asked on. */
  async function telling(
    request: Request,
    response: Response,
    visit: Visit,
    make: () => Promise<void>,
  ): Promise<void> {
    try {
      await make();
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      response.status(422);
      await showOne(request, response, visit, {
        problem: [error.message, error.fix].filter(Boolean).join(' '),
      });
    }
  }

  function linkOf(token: string): string {
    return `${publicUrl}/setup/${token}`;
  }

  async function userOf(request: Request) {
    return (await readUsers(db)).find(({ id }) => id === request.params.userId) ?? null;
  }

  async function isKnown(email: string): Promise<boolean> {
    const users = await readUsers(db);
    return users.some(
      (user) => user.signsInBy !== 'provider' && user.email.toLowerCase() === email.toLowerCase(),
    );
  }

  async function showAll(
    response: Response,
    visit: Visit,
    {
      problem,
      link,
      invited = '',
      filled = {},
    }: Shown & { invited?: string; filled?: Readonly<Record<string, string>> },
  ): Promise<void> {
    response.send(
      pages.render('admin-users', {
        visit,
        title: 'People',
        path: LIST,
        notice: problem === undefined ? null : { tone: 'problem', text: problem },
        link: link ?? null,
        invited,
        filled,
        users: await readUsers(db),
        byPassword: signIn.password,
      }),
    );
  }

  async function showOne(
    request: Request,
    response: Response,
    visit: Visit,
    { problem, link }: Shown,
  ): Promise<void> {
    const user = await userOf(request);
    if (user === null) {
      refuse({ pages, visit }, request, response, refusalOf(404));
      return;
    }
    const done = DONE[String(request.query.done)];
    response.send(
      pages.render('admin-user', {
        visit,
        title: user.name,
        path: `${LIST}/${user.id}`,
        notice:
          problem !== undefined
            ? { tone: 'problem', text: problem }
            : done === undefined
              ? null
              : { tone: 'good', text: done },
        link: link ?? null,
        user,
        isSelf: visit.viewer.id === `user:${user.id}`,
        byPassword: signIn.password,
      }),
    );
  }
}
