import type { Kysely } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import type { Viewer } from '../domain/staff.ts';
import { hashBearer, makeBearer } from './bearer.ts';
import { SCHEMA, type Tables } from './tables.ts';

export interface SessionRules {
  /** A session ends when nothing was asked for so long, */
  readonly idleMs: number;
  /** and in any case after this. */
  readonly lifetimeMs: number;
}

export interface Session {
  readonly viewer: Viewer;
  readonly csrf: string;
}

/** How exactly `seen_at` is kept: a page with a dozen parts is one write, not a dozen. */
const SEEN_EVERY_MS = MINUTE_MS;

/** Begins a session and gives out its token, which is kept nowhere. Ends those that are over. */
export async function beginSession(
  db: Kysely<Tables>,
  { userId, caller, at, rules }: { userId: string; caller: string; at: Date; rules: SessionRules },
): Promise<string> {
  const s = db.withSchema(SCHEMA);
  const token = makeBearer();
  await s
    .deleteFrom('sessions')
    .where((where) =>
      where.or([
        where('expires_at', '<=', at),
        where('seen_at', '<=', new Date(at.getTime() - rules.idleMs)),
      ]),
    )
    .execute();
  await s
    .insertInto('sessions')
    .values({
      hash: hashBearer(token),
      user_id: userId,
      csrf: makeBearer(),
      caller,
      created_at: at,
      seen_at: at,
      expires_at: new Date(at.getTime() + rules.lifetimeMs),
    })
    .execute();
  await s.updateTable('users').set({ signed_in_at: at }).where('id', '=', userId).execute();
  return token;
}

/**
 * Who a token stands for, as they are now: a changed role counts at once, and one who is disabled has no session. Without
 * `isActive` the session goes on towards its end.
 */
export async function findSession(
  db: Kysely<Tables>,
  token: string,
  { at, rules, isActive = true }: { at: Date; rules: SessionRules; isActive?: boolean },
): Promise<Session | null> {
  const s = db.withSchema(SCHEMA);
  const hash = hashBearer(token);
  const row = await s
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['users.id', 'name', 'role', 'agents', 'csrf', 'seen_at'])
    .where('hash', '=', hash)
    .where('disabled_at', 'is', null)
    .where('expires_at', '>', at)
    .where('seen_at', '>', new Date(at.getTime() - rules.idleMs))
    .executeTakeFirst();
  if (row === undefined) return null;
  if (isActive && at.getTime() - row.seen_at.getTime() >= SEEN_EVERY_MS)
    await s.updateTable('sessions').set({ seen_at: at }).where('hash', '=', hash).execute();
  const { id, name, role, agents, csrf } = row;
  return { viewer: { id: `user:${id}`, name, role, agents }, csrf };
}

export async function endSession(db: Kysely<Tables>, token: string): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('sessions').where('hash', '=', hashBearer(token)).execute();
}
