import type { ProblemDraft } from './problem.ts';
import { valueAt } from './value-at.ts';

/** Somebody must be able to get in. */
export function checkSignIn(value: unknown): ProblemDraft[] {
  const oidc = valueAt(value, ['signIn', 'oidc']);
  if (valueAt(value, ['signIn', 'password']) === false && oidc === undefined)
    return [
      {
        path: ['signIn', 'password'],
        message: 'nobody could sign in: there is no provider, and passwords are off',
        allowed: 'false only with signIn.oidc',
        fix: 'Add signIn.oidc, or delete this key.',
      },
    ];
  const roles = valueAt(oidc, ['roles']);
  const isNobody =
    typeof roles === 'object' &&
    roles !== null &&
    ['admin', 'lead', 'agent'].every((role) => {
      const groups = valueAt(roles, [role]);
      return groups === undefined || (Array.isArray(groups) && groups.length === 0);
    });
  return isNobody
    ? [
        {
          path: ['signIn', 'oidc', 'roles'],
          message: 'no group has a role, so that nobody could sign in by the provider',
          allowed: 'groups under admin, lead or agent',
          fix: 'Name the groups of at least one role.',
        },
      ]
    : [];
}
