import type { Ticket } from './model.ts';
import { presentMetrics, presentNamed, presentUser } from './presenters.ts';
import type { State } from './state.ts';
import { userFieldValues } from './user-field-routes.ts';

const ALLOWED = ['users', 'groups', 'organizations', 'brands', 'metric_sets'];

/** What `include=` adds beside the tickets, each as a list of its own; names Zendesk does not know add nothing. */
export function sideload(
  state: State,
  url: string,
  include: string | null,
  tickets: readonly Ticket[],
): Record<string, unknown> {
  const wanted = new Set((include ?? '').split(',').map((name) => name.trim()));
  const loaded: Record<string, unknown> = {};
  for (const name of ALLOWED) if (wanted.has(name)) loaded[name] = load(state, url, name, tickets);
  return loaded;
}

function load(state: State, url: string, name: string, tickets: readonly Ticket[]): unknown[] {
  if (name === 'metric_sets') return tickets.map((ticket) => presentMetrics(url, ticket));
  if (name === 'users') {
    const ids = tickets.flatMap((ticket) => [ticket.requesterId, ticket.submitterId, ticket.assigneeId]);
    return pick(state.users, ids).map((user) => presentUser(url, user, userFieldValues(state, user)));
  }
  if (name === 'groups') {
    const found = pick(
      state.groups,
      tickets.map((ticket) => ticket.groupId),
    );
    return found.map((group) => presentNamed(url, name, group));
  }
  if (name === 'brands') {
    const found = pick(
      state.brands,
      tickets.map((ticket) => ticket.brandId),
    );
    return found.map((brand) => presentNamed(url, name, brand));
  }
  const found = pick(
    state.organizations,
    tickets.map((ticket) => ticket.organizationId),
  );
  return found.map((organization) => presentNamed(url, name, organization));
}

function pick<T>(records: ReadonlyMap<number, T>, ids: readonly (number | null)[]): T[] {
  return [...new Set(ids)].flatMap((id) => {
    const record = id === null ? undefined : records.get(id);
    return record === undefined ? [] : [record];
  });
}
