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
  await db.withSchema(SCHEMA).deleteFrom('sign_in_tries').where('until', '<=', at).execute();
  // The caller first: one who is over the limit leaves no more rows, whatever accounts they make up.
  const over =
    (await count(db, { who: `caller:${caller}`, most: MOST.caller, at })) ??
    (await count(db, { who: accountKey(email), most: MOST.account, at }));
  return over === null ? null : { waitMs: over.getTime() - at.getTime() };
}

/** One try more. Until when it is one too many; null when it is not. */
async function count(
  db: Kysely<Tables>,
  { who, most, at }: { who: string; most: number; at: Date },
): Promise<Date | null> {
  const { tries, until } = await db
    .withSchema(SCHEMA)
    .insertInto('sign_in_tries')
    .values({ who, tries: 1, until: new Date(at.getTime() + WINDOW_MS) })
    .onConflict((conflict) =>
      conflict.column('who').doUpdateSet({ tries: sql<number>`sign_in_tries.tries + 1` }),
    )
    .returning(['tries', 'until'])
    .executeTakeFirstOrThrow();
  return tries > most ? until : null;
}

/** After a right password. */
export async function clearTries(db: Kysely<Tables>, email: string): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('sign_in_tries').where('who', '=', accountKey(email)).execute();
}

/** Addresses that nobody has are counted too, so the key must not be the address. */
function accountKey(email: string): string {
  return `account:${createHash('sha256').update(email.trim().toLowerCase()).digest('base64url')}`;
}
