import { type Kysely, sql } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import type { Role, Viewer } from '../domain/staff.ts';
import { noteInAudit } from './audit.ts';
import { hashBearer, makeBearer } from './bearer.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** How every key begins, so that people and scanners for lost secrets know one when they see it. */
const MARK = 'caseloop_';
const SHOWN_LENGTH = MARK.length + 6;
const USED_EVERY_MS = MINUTE_MS;

export interface ApiKey {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly role: Role;
  readonly agents: readonly string[];
  /** What pages call the admin who made it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Makes a key and gives it out, this once. `userId` is the admin who makes it. */
export async function makeApiKey(
  db: Kysely<Tables>,
  wish: { name: string; role: Role; agents: readonly string[]; userId: string; at: Date },
): Promise<string> {
  const key = `${MARK}${makeBearer()}`;
  await db.transaction().execute(async (tx) => {
    const { id } = await tx
      .withSchema(SCHEMA)
      .insertInto('api_keys')
      .values({
        prefix: key.slice(0, SHOWN_LENGTH),
        hash: hashBearer(key),
        name: wish.name,
        role: wish.role,
        agents: [...wish.agents],
        created_by: wish.userId,
        created_at: wish.at,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await noteInAudit(tx, {
      at: wish.at,
      actor: `user:${wish.userId}`,
      what: 'API key made',
      detail: `key:${id}, ${wish.role}`,
    });
  });
  return key;
}

/** Who a key stands for; null when there is none or it is revoked. */
export async function findApiKey(db: Kysely<Tables>, key: string, at: Date): Promise<Viewer | null> {
  if (!key.startsWith(MARK)) return null;
  const s = db.withSchema(SCHEMA);
  const row = await s
    .selectFrom('api_keys')
    .select(['id', 'name', 'role', 'agents', 'used_at'])
    .where('hash', '=', hashBearer(key))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return null;
  if (row.used_at === null || at.getTime() - row.used_at.getTime() >= USED_EVERY_MS)
    await s.updateTable('api_keys').set({ used_at: at }).where('id', '=', row.id).execute();
  return { id: `key:${row.id}`, name: row.name, role: row.role, agents: row.agents };
}

/** False when there is no such key, or it was revoked before. */
export async function revokeApiKey(
  db: Kysely<Tables>,
  { id, actor, at }: { id: string; actor: string; at: Date },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const gone = await tx
      .withSchema(SCHEMA)
      .updateTable('api_keys')
      .set({ revoked_at: at })
      .where(sql`id::text`, '=', id)
      .where('revoked_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (gone === undefined) return false;
    await noteInAudit(tx, { at, actor, what: 'API key revoked', detail: `key:${id}` });
    return true;
  });
}

/** Newest first, revoked ones too. */
export async function readApiKeys(db: Kysely<Tables>): Promise<readonly ApiKey[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.created_by')
    .select(['api_keys.id', 'prefix', 'api_keys.name', 'api_keys.role', 'api_keys.agents'])
    .select(['users.name as createdBy', 'api_keys.created_at as createdAt'])
    .select(['used_at as usedAt', 'revoked_at as revokedAt'])
    .orderBy('api_keys.created_at', 'desc')
    .orderBy('api_keys.id')
    .execute();
  return rows;
}
