import { DAY_MS } from '../../src/clock.ts';
import type { ConnectorContext } from '../../src/connector.ts';
import type { FreshdeskApi } from './client.ts';
import { RecordGone } from './refusal.ts';
import { Contact } from './schema.ts';

/** What contacts say about themselves changes hardly ever. */
const KEEP_MS = DAY_MS;

/** About a megabyte. The one that was read first makes room. */
const MOST_KEPT = 20_000;

/** What a contact's record says beyond what stands on the ticket. */
export interface ContactFacts {
  readonly language: string | null;
  /** As Freshdesk names it. */
  readonly timeZone: string | null;
}

const NOTHING: ContactFacts = { language: null, timeZone: null };

/** Reads contacts, a call each, kept for a day. One who is gone says nothing. */
export function createContacts(
  api: FreshdeskApi,
  clock: ConnectorContext['clock'],
): (contactId: number) => Promise<ContactFacts> {
  const kept = new Map<number, { readonly facts: ContactFacts; readonly readAt: number }>();
  return async (contactId) => {
    const now = clock.now().getTime();
    const known = kept.get(contactId);
    if (known !== undefined && Math.abs(now - known.readAt) < KEEP_MS) return known.facts;
    const facts = await readContact(api, contactId);
    kept.delete(contactId);
    kept.set(contactId, { facts, readAt: now });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return facts;
  };
}

async function readContact(api: FreshdeskApi, contactId: number): Promise<ContactFacts> {
  try {
    const { language, time_zone } = await api.get(`contacts/${contactId}`, {}, Contact);
    return { language: language || null, timeZone: time_zone || null };
  } catch (error) {
    // Deleted since, or turned into an agent: there is nobody to write to in any language.
    if (error instanceof RecordGone) return NOTHING;
    throw error;
  }
}
