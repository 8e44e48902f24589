import type { Response } from 'express';
import { makeApiKey, readApiKeys, revokeApiKey } from '../../store/api-keys.ts';
import { agentsField, nameField, problemIn, roleField } from './admin-fields.ts';
import { refusalOf, refuse } from './refusals.ts';
import type { StaffRoute, Visit } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const LIST = '/dashboard/admin/keys';

/** Keys for programs. The store notes each change. */
export function adminKeyRoutes({ db, clock }: StaffDeps, pages: StaffPages): readonly StaffRoute[] {
  const admin = { needs: 'admin', audit: null } as const;
  return [
    {
      ...admin,
      method: 'get',
      path: LIST,
      handle: (request, response, visit) =>
        show(response, visit, request.query.done === 'revoked' ? { good: 'The key works no more.' } : {}),
    },
    {
      ...admin,
      method: 'post',
      path: LIST,
      async handle(request, response, visit) {
        const [name, role, agents] = [nameField(request), roleField(request), agentsField(request)];
        const problem = problemIn(name, role, agents);
        if (problem !== null || !('value' in name && 'value' in role && 'value' in agents)) {
          response.status(422);
          await show(response, visit, { problem: problem ?? '' });
          return;
        }
        const key = await makeApiKey(db, {
          name: name.value,
          role: role.value,
          agents: role.value === 'agent' ? agents.value : [],
          userId: visit.viewer.id.replace(/^user:/, ''),
          at: clock.now(),
        });
        await show(response, visit, { key });
      },
    },
    {
      ...admin,
      method: 'post',
      path: `${LIST}/:keyId/revoke`,
      async handle(request, response, visit) {
        const wanted = { id: String(request.params.keyId), actor: visit.viewer.id, at: clock.now() };
        if (await revokeApiKey(db, wanted)) response.redirect(303, `${LIST}?done=revoked`);
        else refuse({ pages, visit }, request, response, refusalOf(404));
      },
    },
  ];

  async function show(
    response: Response,
    visit: Visit,
    { problem, good, key }: { problem?: string; good?: string; key?: string },
  ): Promise<void> {
    const notice =
      problem !== undefined
        ? ({ tone: 'problem', text: problem } as const)
        : good === undefined
          ? null
          : ({ tone: 'good', text: good } as const);
    const keys = await readApiKeys(db);
    response.send(
      pages.render('admin-keys', { visit, title: 'API keys', path: LIST, notice, key: key ?? null, keys }),
    );
  }
}
