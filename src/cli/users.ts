import { styleText } from 'node:util';
import { ROLES, type Role } from '../domain/staff.ts';
import { ConfigError } from '../errors.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';
import type { ListedUser, UserOrder, UsersResult } from './user-commands.ts';

const ACTIONS = ['list', 'invite', 'role', 'agents', 'disable', 'enable'] as const;
type Action = (typeof ACTIONS)[number];

const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** `caseloop users`: who may sign in, and a way back in for an admin who cannot. */
export async function users(
  action: string,
  values: readonly string[],
  options: CommonOptions & { role?: string },
): Promise<number> {
  const order = orderOf(action, values, options.role ?? null);
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  try {
    const result = (await reached.call('users', order)) as UsersResult;
    if (options.json === true) printJson(result);
    else print(told(result).join('\n'));
    return 0;
  } finally {
    await reached.close();
  }
}

/** What is wrong with the arguments is said before the store is opened. */
function orderOf(word: string, values: readonly string[], roleOption: string | null): UserOrder {
  if (!isAction(word)) throw usage(word, 'there is no such action', `Use one of ${ACTIONS.join(', ')}.`);
  const [who, ...more] = values;
  if (word !== 'invite' && roleOption !== null)
    throw usage(
      word,
      '--role goes with invite',
      'Write the role after the address: users role ADDRESS lead.',
    );
  if (word === 'list') {
    requireNothing(word, values);
    return { action: word };
  }
  if (who === undefined)
    throw usage(word, 'a mail address is missing', 'Run `caseloop users --help` to see what it takes.');
  if (word === 'agents') return { action: word, who, agents: more.map((agent) => agentOf(agent)) };
  if (word === 'role') {
    requireNothing(word, more.slice(1));
    return { action: word, who, role: roleOf(word, more[0] ?? null) };
  }
  requireNothing(word, more);
  if (word !== 'invite') return { action: word, who };
  if (!ADDRESS.test(who))
    throw usage(word, 'this is not a mail address', 'Write one, such as ann@acme.example.');
  return { action: word, who, role: roleOption === null ? null : roleOf(word, roleOption) };
}

function isAction(word: string): word is Action {
  return (ACTIONS as readonly string[]).includes(word);
}

function roleOf(action: Action, text: string | null): Role {
  const role = ROLES.find((one) => one === text);
  if (role !== undefined) return role;
  throw usage(
    action,
    text === null ? 'a role is missing' : 'there is no such role',
    `Use one of ${ROLES.join(', ')}.`,
  );
}

function agentOf(text: string): string {
  if (/^[a-z][a-z0-9-]*\/\S+$/.test(text)) return text;
  throw usage('agents', 'this is no key of an agent', 'Write connector/id, such as desk/361.');
}

function requireNothing(action: Action, rest: readonly string[]): void {
  if (rest.length > 0) throw usage(action, 'there is more than it takes', 'Leave the rest out.');
}

function usage(action: string, message: string, fix: string): ConfigError {
  return new ConfigError(`users ${action}: ${message}.`, { fix });
}

function told({ link, users: all }: UsersResult): string[] {
  if (link !== null) return [`This link works once, for 24 hours. Hand it over safely:`, link];
  return all.length === 0
    ? ['Nobody can sign in yet: `caseloop start` prints a link for the first admin.']
    : all.flatMap(lines);
}

function lines({ name, email, role, agents, signsInBy, signedInAt, disabledAt }: ListedUser): string[] {
  const state =
    disabledAt !== null
      ? 'disabled'
      : signedInAt !== null
        ? `last signed in ${signedInAt.slice(0, 10)}`
        : signsInBy === 'invited'
          ? 'invited'
          : 'never signed in';
  const by = signsInBy === 'provider' ? ', by the provider' : '';
  return [
    `${styleText('bold', email)}  ${role}  ${name}  (${state}${by})`,
    ...(agents.length === 0 ? [] : [`    sees ${agents.join(', ')}`]),
  ];
}
