import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Tries within a quarter of an hour; a right password clears those of its account. */
const MOST = { account: 10, caller: 60 } as const;
const WINDOW_MS = 15 * MINUTE_MS;

/**
 * Counts a try before the password is looked at, so that many at once get no more than one after the other. Null when it may go
 * on, else how long to wait. Kept in the store: several web processes count together, and a restart forgets nothing.
 */
export async function takeTry(
  db: Kysely<Tables>,
  { email, caller, at }: { email: string; caller: string; at: Date },
): Promise<{ waitMs: number } | null> {
  const s = db.withSchema(SCHEMA);
  await s.deleteFrom('sign_in_tries').where('until', '<=', at).execute();
  const until = new Date(at.getTime() + WINDOW_MS);
  // In one order, so that two statements never wait for each other.
  const asked = [
    { who: accountKey(email), most: MOST.account },
    { who: `caller:${caller}`, most: MOST.caller },
  ];
  const counted = await s
    .insertInto('sign_in_tries')
    .values(asked.map(({ who }) => ({ who, tries: 1, until })))
    .onConflict((conflict) =>
      conflict.column('who').doUpdateSet({ tries: sql<number>`sign_in_tries.tries + 1` }),
    )
    .returning(['who', 'tries', 'until'])
    .execute();
  const over = counted.filter(({ who, tries }) => asked.some((one) => one.who === who && tries > one.most));
  if (over.length === 0) return null;
  return { waitMs: Math.max(...over.map((one) => one.until.getTime() - at.getTime())) };
}

/** After a right password. */
export async function clearTries(db: Kysely<Tables>, email: string): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('sign_in_tries').where('who', '=', accountKey(email)).execute();
}

/** Addresses that nobody has are counted too, so the key must not be the address. */
function accountKey(email: string): string {
  return `account:${createHash('sha256').update(email.trim().toLowerCase()).digest('base64url')}`;
}
