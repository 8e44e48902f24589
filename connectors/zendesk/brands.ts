import type { ConnectorContext } from '../../src/connector.ts';
import type { ZendeskApi } from './client.ts';
import { BrandList } from './schema.ts';

/** Names change seldom, and an old one for ten minutes harms nobody. */
const KEEP_MS = 10 * 60_000;

/** Names by id. */
export type Names = ReadonlyMap<number, string>;

/** Gives the names of the account's brands, which tickets only refer to by id: one call, kept for ten minutes. */
export function createBrandNames(api: ZendeskApi, clock: ConnectorContext['clock']): () => Promise<Names> {
  let kept: { readonly names: Names; readonly readAt: number } | null = null;
  return async () => {
    const now = clock.now().getTime();
    if (kept === null || now - kept.readAt >= KEEP_MS) {
      const { brands } = await api.read('brands.json', {}, BrandList);
      kept = { names: new Map(brands.map(({ id, name }) => [id, name])), readAt: now };
    }
    return kept.names;
  };
}
