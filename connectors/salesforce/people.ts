import { type Clock, HOUR_MS } from '../../src/clock.ts';
import type { SalesforceApi } from './client.ts';
import { User } from './schema.ts';

/** Someone who joined less than an hour ago may still count as a customer. */
const KEEP_MS = HOUR_MS;

/** The active users of the org: who is staff, and who can own a task. */
export interface People {
  byId(id: string): User | null;
  byEmail(email: string): User | null;
  byUsername(username: string): User | null;
}

/** Reads the users once an hour, 2,000 a call. Portal users are customers and not among them. No I/O until asked. */
export function createPeople(api: SalesforceApi, clock: Clock): () => Promise<People> {
  let kept: { readonly people: Promise<People>; readonly readAt: number } | null = null;
  return () => {
    const now = clock.now().getTime();
    if (kept === null || now - kept.readAt >= KEEP_MS) {
      const reading = { people: readPeople(api), readAt: now };
      kept = reading;
      reading.people.catch(() => {
        // The caller has the error; the next one reads anew.
        if (kept === reading) kept = null;
      });
    }
    return kept.people;
  };
}

async function readPeople(api: SalesforceApi): Promise<People> {
  const users = await api.rows(
    User,
    "SELECT Id, Name, Username, Email, TimeZoneSidKey FROM User WHERE IsActive = true AND UserType = 'Standard'",
  );
  const by = (nameOf: (user: User) => string | null | undefined) => {
    const found = new Map(users.map((user) => [nameOf(user)?.toLowerCase(), user]));
    return (name: string): User | null => found.get(name.toLowerCase()) ?? null;
  };
  const ids = new Map(users.map((user) => [user.Id, user]));
  return {
    byId: (id) => ids.get(id) ?? null,
    byEmail: by(({ Email }) => Email),
    byUsername: by(({ Username }) => Username),
  };
}
