import type { ApiCall, ApiReply, ApiRoute } from './api.ts';
import type { NamedRecord } from './model.ts';
import { PAGE_PARAMS, pageReply } from './paging.ts';
import { allowOnly, readChoice, readIdParam, readInstantParam } from './params.ts';
import { presentAgent, presentContact, presentNamed } from './presenters.ts';
import { notFound } from './refusal.ts';
import { findPersonByEmail, type State } from './state.ts';

/** People, groups, products, companies and the account itself. */
export function directoryRoutes(state: State): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/contacts',
      endpoint: 'contact list',
      handle: (call) => listContacts(state, call),
    },
    {
      method: 'GET',
      path: '/contacts/:id',
      handle: ({ id, query }) => one(query, state.contacts.get(id), presentContact),
    },
    { method: 'GET', path: '/agents', handle: (call) => listAgents(state, call) },
    { method: 'GET', path: '/agents/me', handle: ({ agent, query }) => one(query, agent, presentAgent) },
    {
      method: 'GET',
      path: '/agents/:id',
      handle: ({ id, query }) => one(query, state.agents.get(id), presentAgent),
    },
    ...namedRoutes('/groups', state.groups),
    ...namedRoutes('/products', state.products),
    ...namedRoutes('/companies', state.companies),
    {
      method: 'GET',
      path: '/account',
      handle({ query, url }) {
        allowOnly(query, []);
        return {
          body: {
            account_id: state.accountId,
            account_name: 'Acme',
            account_domain: new URL(url).host,
            organisation_id: state.accountId + 1,
            organisation_name: 'Acme',
            tier_type: 'Paid',
            total_agents: state.agents.size,
            timezone: 'Berlin',
            data_center: 'EU',
            hipaa_compliant: false,
          },
        };
      },
    },
  ];
}

function one<T>(query: URLSearchParams, record: T | undefined, present: (record: T) => unknown): ApiReply {
  allowOnly(query, []);
  if (record === undefined) throw notFound();
  return { body: present(record) };
}

function namedRoutes(path: string, records: ReadonlyMap<number, NamedRecord>): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path,
      handle(call) {
        allowOnly(call.query, PAGE_PARAMS);
        return pageReply(call, [...records.values()], presentNamed);
      },
    },
    {
      method: 'GET',
      path: `${path}/:id`,
      handle: ({ id, query }) => one(query, records.get(id), presentNamed),
    },
  ];
}

function listContacts(state: State, call: ApiCall): ApiReply {
  const { query } = call;
  allowOnly(query, ['email', 'phone', 'company_id', 'updated_since', 'state', ...PAGE_PARAMS]);
  const companyId = readIdParam(query, 'company_id');
  const since = readInstantParam(query, 'updated_since');
  const verification = readChoice(query, 'state', ['blocked', 'deleted', 'unverified', 'verified'] as const);
  const email = query.get('email');
  const phone = query.get('phone');
  const rows = [...state.contacts.values()].filter(
    (contact) =>
      (verification === undefined || verification === 'verified') &&
      (email === null || findPersonByEmail(state, email) === contact) &&
      (phone === null || contact.phone === phone) &&
      (companyId === undefined || contact.companyId === companyId) &&
      (since === undefined || contact.createdAt >= since),
  );
  return pageReply(call, rows, presentContact);
}

function listAgents(state: State, call: ApiCall): ApiReply {
  const { query } = call;
  allowOnly(query, ['email', 'phone', 'mobile', 'state', ...PAGE_PARAMS]);
  const kind = readChoice(query, 'state', ['fulltime', 'occasional'] as const);
  const email = query.get('email');
  const rows = [...state.agents.values()].filter(
    (agent) =>
      kind !== 'occasional' &&
      !query.has('phone') &&
      !query.has('mobile') &&
      (email === null || findPersonByEmail(state, email) === agent),
  );
  return pageReply(call, rows, presentAgent);
}
