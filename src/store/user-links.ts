import { type Kysely, sql } from 'kysely';
import { DAY_MS } from '../clock.ts';
import type { Role } from '../domain/staff.ts';
import { PermanentError } from '../errors.ts';
import { noteInAudit } from './audit.ts';
import { hashBearer, makeBearer } from './bearer.ts';
import { hashPassword } from './passwords.ts';
import { SCHEMA, type Tables } from './tables.ts';
import { hasAdmin } from './users.ts';

const VALID_MS = DAY_MS;

/** Whom a link lets in, and to what. */
export type UserLink =
  | { readonly purpose: 'setup' }
  | { readonly purpose: 'invite' | 'reset'; readonly email: string; readonly name: string };

/** The token of the link that makes the first admin; null when there is one. It takes the place of any before it. */
export async function makeSetupLink(db: Kysely<Tables>, at: Date): Promise<string | null> {
  if (await hasAdmin(db)) return null;
  return db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    await s.deleteFrom('user_links').where('purpose', '=', 'setup').execute();
    return insertLink(tx, { purpose: 'setup', user_id: null, at });
  });
}

export interface Invitation {
  readonly email: string;
  /** What pages call them until they say so themselves; null for the part of the address before the @. */
  readonly name: string | null;
  /** Null leaves the role of somebody who is known as it is, and makes an agent of a new one. */
  readonly role: Role | null;
  /** Whose answers somebody new sees as agent; none when left out. */
  readonly agents?: readonly string[];
  readonly actor: string;
  readonly at: Date;
}

/** The token of a link to choose a password by; somebody unknown is taken in. It takes the place of any before it. */
export async function inviteUser(
  db: Kysely<Tables>,
  { email, name, role, agents = [], actor, at }: Invitation,
): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    const known = await s
      .selectFrom('users')
      .select(['id', 'password', 'role', 'disabled_at'])
      .where(sql`lower(email)`, '=', email.trim().toLowerCase())
      .where('oidc_subject', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (known?.disabled_at) throw new PermanentError('This user is disabled.', { fix: 'Enable them first.' });
    if (known !== undefined && role !== null && role !== known.role)
      throw new PermanentError(`There is a user with this address already, as ${known.role}.`, {
        fix: 'Change their role, then make a link without one.',
      });
    const user =
      known ??
      (await s
        .insertInto('users')
        .values({
          name: name ?? email.split('@')[0] ?? email,
          email: email.trim(),
          role: role ?? 'agent',
          agents: [...agents],
          created_at: at,
        })
        .returning(['id', 'password', 'role'])
        .executeTakeFirstOrThrow());
    const purpose = user.password === null ? 'invite' : 'reset';
    await s.deleteFrom('user_links').where('user_id', '=', user.id).execute();
    const what = known === undefined ? 'user invited' : 'sign-in link made';
    await noteInAudit(tx, { at, actor, what, detail: `user:${user.id}, ${user.role}` });
    return insertLink(tx, { purpose, user_id: user.id, at });
  });
}

async function insertLink(
  db: Kysely<Tables>,
  { purpose, user_id, at }: { purpose: 'setup' | 'invite' | 'reset'; user_id: string | null; at: Date },
): Promise<string> {
  const s = db.withSchema(SCHEMA);
  await s.deleteFrom('user_links').where('expires_at', '<=', at).execute();
  const token = makeBearer();
  const expires_at = new Date(at.getTime() + VALID_MS);
  await s
    .insertInto('user_links')
    .values({ hash: hashBearer(token), purpose, user_id, expires_at })
    .execute();
  return token;
}

/** What a link is for; null when it is used, expired or unknown. Looking does not use it. */
export async function readLink(db: Kysely<Tables>, token: string, at: Date): Promise<UserLink | null> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('user_links')
    .leftJoin('users', 'users.id', 'user_links.user_id')
    .select(['purpose', 'email', 'name'])
    .where('hash', '=', hashBearer(token))
    .where('expires_at', '>', at)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { purpose, email, name } = row;
  if (purpose === 'setup') return (await hasAdmin(db)) ? null : { purpose };
  return { purpose, email: email ?? '', name: name ?? '' };
}

export interface LinkUse {
  readonly password: string;
  readonly name: string;
  /** Of the first admin; the others have theirs. */
  readonly email: string;
  readonly at: Date;
}

/** Uses a link up: its user has this password from now on and is signed out everywhere else. Null when it does not work any more. */
export async function spendLink(db: Kysely<Tables>, token: string, use: LinkUse): Promise<string | null> {
  const password = await hashPassword(use.password);
  return db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    const link = await s
      .deleteFrom('user_links')
      .where('hash', '=', hashBearer(token))
      .where('expires_at', '>', use.at)
      .returning(['purpose', 'user_id'])
      .executeTakeFirst();
    if (link === undefined) return null;
    const userId =
      link.user_id === null
        ? await makeFirstAdmin(tx, { ...use, password })
        : await givePassword(tx, link.user_id, { ...use, password });
    if (userId === null) return null;
    await s.deleteFrom('sessions').where('user_id', '=', userId).execute();
    const actor = `user:${userId}`;
    const what = link.purpose === 'setup' ? 'first admin made' : 'password chosen';
    await noteInAudit(tx, { at: use.at, actor, what, detail: actor });
    return userId;
  });
}

async function makeFirstAdmin(tx: Kysely<Tables>, use: LinkUse): Promise<string | null> {
  if (await hasAdmin(tx)) return null;
  const { name, email, password, at } = use;
  const row = await tx
    .withSchema(SCHEMA)
    .insertInto('users')
    .values({ name, email: email.trim(), password, role: 'admin', created_at: at })
    // Somebody who was invited and never came, or is disabled: whoever sets the installation up owns it.
    .onConflict((conflict) =>
      conflict
        .expression(sql`lower(email)`)
        .where('oidc_subject', 'is', null)
        .doUpdateSet({ name, password, role: 'admin', disabled_at: null }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

async function givePassword(tx: Kysely<Tables>, userId: string, use: LinkUse): Promise<string | null> {
  const row = await tx
    .withSchema(SCHEMA)
    .updateTable('users')
    .set({ name: use.name, password: use.password })
    .where('id', '=', userId)
    .where('disabled_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}
