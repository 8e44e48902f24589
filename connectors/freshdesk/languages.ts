import { DAY_MS } from '../../src/clock.ts';
import type { ConnectorContext } from '../../src/connector.ts';
import type { FreshdeskApi } from './client.ts';
import { RecordGone } from './refusal.ts';
import { Contact } from './schema.ts';

/** A person's language changes hardly ever. */
const KEEP_MS = DAY_MS;

/** About a megabyte. The one that was read first makes room. */
const MOST_KEPT = 20_000;

/** Gives the language of a contact, a call each, kept for a day. Null for one who has none or is gone. */
export function createLanguages(
  api: FreshdeskApi,
  clock: ConnectorContext['clock'],
): (contactId: number) => Promise<string | null> {
  const kept = new Map<number, { readonly language: string | null; readonly readAt: number }>();
  return async (contactId) => {
    const now = clock.now().getTime();
    const known = kept.get(contactId);
    if (known !== undefined && Math.abs(now - known.readAt) < KEEP_MS) return known.language;
    const language = await readLanguage(api, contactId);
    kept.delete(contactId);
    kept.set(contactId, { language, readAt: now });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return language;
  };
}

async function readLanguage(api: FreshdeskApi, contactId: number): Promise<string | null> {
  try {
    const { language } = await api.get(`contacts/${contactId}`, {}, Contact);
    return language || null;
  } catch (error) {
    // Deleted since, or turned into an agent: there is nobody to write to in any language.
    if (error instanceof RecordGone) return null;
    throw error;
  }
}
