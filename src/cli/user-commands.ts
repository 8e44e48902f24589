import { z } from 'zod';
import type { App } from '../app.ts';
import { ROLES } from '../domain/staff.ts';
import { PermanentError } from '../errors.ts';
import { inviteUser } from '../store/user-links.ts';
import { disableUser, enableUser, readUsers, setAgents, setRole, type User } from '../store/users.ts';

/** What `caseloop users` has the owner of the database do. */

const ACTOR = 'command line';

const Role = z.enum(ROLES);
const who = z.string();

export const UserArgs = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('list') }),
  z.strictObject({ action: z.literal('invite'), who, role: Role.nullable() }),
  z.strictObject({ action: z.literal('role'), who, role: Role }),
  z.strictObject({ action: z.literal('agents'), who, agents: z.array(z.string()) }),
  z.strictObject({ action: z.literal('disable'), who }),
  z.strictObject({ action: z.literal('enable'), who }),
]);

export type UserOrder = z.infer<typeof UserArgs>;

/** A user as the command shows them. */
export interface ListedUser extends Pick<User, 'id' | 'name' | 'email' | 'role' | 'agents' | 'signsInBy'> {
  readonly signedInAt: string | null;
  readonly disabledAt: string | null;
}

export interface UsersResult {
  /** A link that works once, for whoever was invited. */
  readonly link: string | null;
  readonly users: readonly ListedUser[];
}

/** Changes somebody, if asked to, and lists everybody after that. */
export async function changeUsers({ work, clock, config }: App, order: UserOrder): Promise<UsersResult> {
  const link = await change(order);
  return { link, users: (await readUsers(work.db)).map(toListed) };

  async function change(asked: UserOrder): Promise<string | null> {
    if (asked.action === 'list') return null;
    const at = clock.now();
    if (asked.action === 'invite') {
      const { who: email, role } = asked;
      const token = await inviteUser(work.db, { email, name: null, role, actor: ACTOR, at });
      return `${config.server.publicUrl}/setup/${token}`;
    }
    const userId = idOf(await readUsers(work.db), asked.who);
    const given = { userId, actor: ACTOR, at };
    if (asked.action === 'role') await setRole(work.db, asked.role, given);
    else if (asked.action === 'agents') await setAgents(work.db, asked.agents, given);
    else if (asked.action === 'disable') await disableUser(work.db, given);
    else await enableUser(work.db, given);
    return null;
  }
}

function idOf(users: readonly User[], asked: string): string {
  const found = users.filter(
    ({ id, email }) => id === asked || email.toLowerCase() === asked.trim().toLowerCase(),
  );
  const [one] = found;
  if (one === undefined)
    throw new PermanentError('users: nobody has this address or id.', {
      fix: 'Run `caseloop users list` to see everybody.',
    });
  if (found.length > 1)
    throw new PermanentError('users: several have this address, by a password and by the provider.', {
      fix: 'Name the one you mean by the id that `caseloop users list --json` shows.',
    });
  return one.id;
}

function toListed({ signedInAt, disabledAt, id, name, email, role, agents, signsInBy }: User): ListedUser {
  return {
    id,
    name,
    email,
    role,
    agents,
    signsInBy,
    signedInAt: signedInAt?.toISOString() ?? null,
    disabledAt: disabledAt?.toISOString() ?? null,
  };
}
