import type { Request } from 'express';
import { ROLES, type Role } from '../../domain/staff.ts';
import { textOf } from './sign-in.ts';

const LONGEST_NAME = 100;
const MOST_AGENTS = 100;

/** What a form says, or a sentence about what is wrong with it. */
export type Field<T> = { readonly value: T } | { readonly problem: string };

export function nameField(request: Request): Field<string> {
  const value = textOf(request, 'name').trim();
  return value !== '' && value.length <= LONGEST_NAME
    ? { value }
    : { problem: `Write a name of up to ${LONGEST_NAME} characters.` };
}

export function roleField(request: Request): Field<Role> {
  const value = ROLES.find((role) => role === textOf(request, 'role'));
  return value === undefined ? { problem: 'Choose a role.' } : { value };
}

/** Keys of agents with spaces, commas or lines between. */
export function agentsField(request: Request): Field<readonly string[]> {
  const value = [...new Set(textOf(request, 'agents').split(/[\s,]+/))].filter((agent) => agent !== '');
  const wrong = value.find((agent) => !/^[a-z][a-z0-9-]{0,39}\/[^\s/]{1,100}$/.test(agent));
  if (wrong !== undefined)
    return {
      problem: `"${wrong.slice(0, 60)}" is no key of an agent: write connector/id, such as desk/361.`,
    };
  return value.length <= MOST_AGENTS
    ? { value }
    : { problem: `Write at most ${MOST_AGENTS} keys of agents.` };
}

/** The first thing that is wrong. */
export function problemIn(...fields: readonly Field<unknown>[]): string | null {
  for (const field of fields) if ('problem' in field) return field.problem;
  return null;
}
