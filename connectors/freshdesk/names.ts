import { MINUTE_MS } from '../../src/clock.ts';
import type { ConnectorContext } from '../../src/connector.ts';
import type { FreshdeskApi } from './client.ts';
import { Agent, NamedRecord } from './schema.ts';

/** Names change seldom, and an old one for ten minutes harms nobody. */
const KEEP_MS = 10 * MINUTE_MS;

/** What tickets only refer to by id. Agents are the account's staff: a requester among them is no customer. */
export interface Names {
  readonly agents: ReadonlyMap<number, Agent>;
  readonly groups: ReadonlyMap<number, string>;
  readonly products: ReadonlyMap<number, string>;
}

/** Gives the account's agents, groups and products: a call or more each, kept for ten minutes. */
export function createNames(api: FreshdeskApi, clock: ConnectorContext['clock']): () => Promise<Names> {
  let kept: { readonly names: Names; readonly readAt: number } | null = null;
  return async () => {
    const now = clock.now().getTime();
    if (kept === null || Math.abs(now - kept.readAt) >= KEEP_MS) {
      const agents = await api.all('agents', {}, Agent);
      const groups = await api.all('groups', {}, NamedRecord);
      const products = await api.all('products', {}, NamedRecord);
      kept = {
        names: {
          agents: new Map(agents.map((agent) => [agent.id, agent])),
          groups: new Map(groups.map(({ id, name }) => [id, name])),
          products: new Map(products.map(({ id, name }) => [id, name])),
        },
        readAt: now,
      };
    }
    return kept.names;
  };
}

/** The agent whose API key it is. Unlike elsewhere, wrong credentials are refused here with a 401 (2026-11-22). */
export function readMe(api: FreshdeskApi): Promise<Agent> {
  return api.get('agents/me', {}, Agent);
}
