import type { ApiRoute } from './api.ts';
import type { NamedRecord, User } from './model.ts';
import { paginate } from './paging.ts';
import { readId, readIdList } from './params.ts';
import { presentNamed, presentUser } from './presenters.ts';
import { recordNotFound, tooManyValues } from './refusal.ts';
import type { State } from './state.ts';
import { userFieldValues } from './user-field-routes.ts';

const SHOW_MANY = 100;

/** Who and what the account knows: users, groups, brands, organizations, statuses, settings. All read-only. */
export function directoryRoutes(state: State): readonly ApiRoute[] {
  return [
    ...userRoutes(state),
    ...namedRoutes('groups', 'group', state.groups),
    ...namedRoutes('brands', 'brand', state.brands),
    ...namedRoutes('organizations', 'organization', state.organizations),
    {
      method: 'get',
      path: '/custom_statuses',
      resource: 'tickets',
      handle: () => ({
        body: {
          custom_statuses: [...state.customStatuses.values()].map((status) => ({
            id: status.id,
            status_category: status.category,
            agent_label: status.label,
            end_user_label: status.label,
            active: true,
            default: true,
          })),
        },
      }),
    },
    {
      method: 'get',
      path: '/triggers',
      resource: 'triggers',
      adminOnly: true,
      handle: (call) => ({ body: paginate(call, 'triggers', [], (row) => row, 'triggers') }),
    },
    {
      method: 'get',
      path: '/account/settings',
      resource: 'account_settings',
      handle: ({ url }) => ({
        body: {
          settings: {
            branding: { header_color: '17494D' },
            brands: { default_brand_id: [...state.brands.keys()][0] ?? null },
            localization: { locale_ids: [1, 8], time_zone: 'Berlin' },
            active_features: { satisfaction_ratings: false, custom_statuses_enabled: true },
            api: { accepted_api_agreement: true, api_password_access: false, api_token_access: true },
            tickets: { agent_ticket_deletion: false },
            lotus: { url: `${url}/agent` },
          },
        },
      }),
    },
  ];
}

function userRoutes(state: State): readonly ApiRoute[] {
  const resource = 'users';
  const present = (url: string, user: User) => presentUser(url, user, userFieldValues(state, user));
  return [
    {
      method: 'get',
      path: '/users',
      resource,
      handle: (call) => {
        const roles = [...call.query.getAll('role'), ...call.query.getAll('role[]')];
        const users = [...state.users.values()].filter(
          (user) => roles.length === 0 || roles.includes(user.role),
        );
        return { body: paginate(call, 'users', users, (user: User) => present(call.url, user), 'users') };
      },
    },
    {
      method: 'get',
      path: '/users/show_many',
      resource,
      handle: ({ url, query }) => {
        const ids = readIdList('ids', query.get('ids'));
        if (ids.length > SHOW_MANY) throw tooManyValues('ids', SHOW_MANY);
        const users = ids.flatMap((id) => state.users.get(id) ?? []).map((user) => present(url, user));
        return { body: { users, next_page: null, previous_page: null, count: users.length } };
      },
    },
    {
      method: 'get',
      path: '/users/:id',
      resource,
      handle: ({ url, params }) => {
        const user = state.users.get(readId('id', params.id));
        if (user === undefined) throw recordNotFound();
        return { body: { user: present(url, user) } };
      },
    },
  ];
}

function namedRoutes(
  plural: string,
  singular: string,
  records: ReadonlyMap<number, NamedRecord>,
): ApiRoute[] {
  return [
    {
      method: 'get',
      path: `/${plural}`,
      resource: plural,
      handle: (call) => {
        const present = (record: NamedRecord): unknown => presentNamed(call.url, plural, record);
        return { body: paginate(call, plural, [...records.values()], present, plural) };
      },
    },
    {
      method: 'get',
      path: `/${plural}/:id`,
      resource: plural,
      handle: ({ url, params }) => {
        const record = records.get(readId('id', params.id));
        if (record === undefined) throw recordNotFound();
        return { body: { [singular]: presentNamed(url, plural, record) } };
      },
    },
  ];
}
