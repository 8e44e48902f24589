import { type Kysely, sql } from 'kysely';
import type { Role } from '../domain/staff.ts';
import { PermanentError } from '../errors.ts';
import { noteInAudit } from './audit.ts';
import { hashPassword } from './passwords.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** Somebody who can sign in, or is invited to. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly agents: readonly string[];
  /** `invited`: has no password yet. `provider`: signs in by OpenID Connect, and has the role that the provider says. */
  readonly signsInBy: 'password' | 'provider' | 'invited';
  readonly signedInAt: Date | null;
  readonly disabledAt: Date | null;
}

/** A change, and who makes it. */
export interface Change {
  readonly userId: string;
  readonly actor: string;
  readonly at: Date;
}

export async function readUsers(db: Kysely<Tables>): Promise<readonly User[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('users')
    .selectAll()
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    agents: row.agents,
    signsInBy: row.oidc_subject !== null ? 'provider' : row.password === null ? 'invited' : 'password',
    signedInAt: row.signed_in_at,
    disabledAt: row.disabled_at,
  }));
}

/** Who has this address and signs in by a password; the password's hash is for `checkPassword` and nothing else. */
export async function findByAddress(
  db: Kysely<Tables>,
  email: string,
): Promise<{ id: string; password: string | null; isDisabled: boolean } | null> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('users')
    .select(['id', 'password', 'disabled_at'])
    .where(sql`lower(email)`, '=', email.trim().toLowerCase())
    .where('oidc_subject', 'is', null)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { id: row.id, password: row.password, isDisabled: row.disabled_at !== null };
}

/** The same password, with today's parameters. Nothing when it was changed meanwhile. */
export async function refreshPassword(
  db: Kysely<Tables>,
  userId: string,
  { password, kept }: { password: string; kept: string },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('users')
    .set({ password: await hashPassword(password) })
    .where('id', '=', userId)
    .where('password', '=', kept)
    .execute();
}

/** Who signs in by a provider. Known by issuer and subject alone: an address can be given to somebody else. */
export async function takeInFromProvider(
  db: Kysely<Tables>,
  person: { issuer: string; subject: string; email: string; name: string; role: Role; at: Date },
): Promise<{ id: string; isDisabled: boolean }> {
  const { issuer, subject, email, name, role, at } = person;
  const row = await db
    .withSchema(SCHEMA)
    .insertInto('users')
    .values({ oidc_issuer: issuer, oidc_subject: subject, email, name, role, created_at: at })
    .onConflict((conflict) =>
      conflict.columns(['oidc_issuer', 'oidc_subject']).doUpdateSet({ email, name, role }),
    )
    .returning(['id', 'disabled_at'])
    .executeTakeFirstOrThrow();
  return { id: row.id, isDisabled: row.disabled_at !== null };
}

/** True when somebody can sign in who may do everything. */
export async function hasAdmin(db: Kysely<Tables>): Promise<boolean> {
  const row = await admins(db).executeTakeFirst();
  return row !== undefined;
}

export async function setRole(db: Kysely<Tables>, role: Role, change: Change): Promise<void> {
  await changeUser(db, change, { role }, { what: 'role changed', detail: role });
}

/** Also their order and doubles are the admin's. */
export async function setAgents(
  db: Kysely<Tables>,
  agents: readonly string[],
  change: Change,
): Promise<void> {
  await changeUser(db, change, { agents: [...agents] }, { what: 'agents changed', detail: agents.join(' ') });
}

/** They are signed out at once, wherever they are. */
export async function disableUser(db: Kysely<Tables>, change: Change): Promise<void> {
  await changeUser(db, change, { disabled_at: change.at }, { what: 'user disabled', detail: '' });
}

export async function enableUser(db: Kysely<Tables>, change: Change): Promise<void> {
  await changeUser(db, change, { disabled_at: null }, { what: 'user enabled', detail: '' });
}

async function changeUser(
  db: Kysely<Tables>,
  { userId, actor, at }: Change,
  values: { role?: Role; agents?: string[]; disabled_at?: Date | null },
  note: { what: string; detail: string },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    // One after the other, or two admins could each remove the other as the last but one.
    await s.selectFrom('users').select('id').where('role', '=', 'admin').orderBy('id').forUpdate().execute();
    const hadAdmin = (await admins(tx).executeTakeFirst()) !== undefined;
    const changed = await s
      .updateTable('users')
      .set(values)
      .where(sql`id::text`, '=', userId)
      .returning(['id', 'oidc_subject'])
      .executeTakeFirst();
    if (changed === undefined)
      throw new PermanentError('There is no such user.', { fix: 'Load the list anew.' });
    if (values.role !== undefined && changed.oidc_subject !== null)
      throw new PermanentError('The role of this user comes from the provider.', {
        fix: 'Change their groups there; the next sign-in takes the role over.',
      });
    if (hadAdmin && (await admins(tx).executeTakeFirst()) === undefined)
      throw new PermanentError('This is the last admin who can sign in.', {
        fix: 'Make somebody else admin first.',
      });
    if (values.disabled_at) {
      await s.deleteFrom('sessions').where('user_id', '=', changed.id).execute();
      await s.deleteFrom('user_links').where('user_id', '=', changed.id).execute();
    }
    const detail = [`user:${changed.id}`, note.detail].filter((part) => part !== '').join(', ');
    await noteInAudit(tx, { at, actor, what: note.what, detail });
  });
}

function admins(db: Kysely<Tables>) {
  return db
    .withSchema(SCHEMA)
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .where((where) => where.or([where('password', 'is not', null), where('oidc_subject', 'is not', null)]))
    .limit(1);
}
