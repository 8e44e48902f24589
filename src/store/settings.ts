import { createHmac, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** Turns an address into the key we know a person by. The same address gives the same key, over all connectors. */
type HashPerson = (email: string) => string;

/** Facts of this installation that are made once and kept in the store. */
export interface Installation {
  /** Makes follow-up keys unique over installations that share a CRM account. */
  readonly id: string;
  readonly hashPerson: HashPerson;
  /** Turns the address a request came from into a key that stands for it. */
  readonly hashCaller: (ip: string) => string;
}

/** Reads the installation's own facts, making them at the first start. Safe to run in several processes at once. */
export async function readInstallation(db: Kysely<Tables>): Promise<Installation> {
  const id = await settled(db, 'installation-id', () => randomUUID().slice(0, 8));
  const key = createSecretKey(
    await settled(db, 'person-key', () => randomBytes(32).toString('base64')),
    'base64',
  );
  const hash = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return {
    id,
    hashPerson: (email) => hash(email.trim().toLowerCase()),
    hashCaller: (ip) => hash(`caller:${ip}`),
  };
}

async function settled(db: Kysely<Tables>, key: string, make: () => string): Promise<string> {
  const s = db.withSchema(SCHEMA);
  const read = () => s.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  const known = await read();
  if (known !== undefined) return known.value;
  await s
    .insertInto('settings')
    .values({ key, value: make() })
    .onConflict((c) => c.column('key').doNothing())
    .execute();
  const made = await read();
  if (made === undefined) throw new Error(`The setting "${key}" vanished right after it was written.`);
  return made.value;
}
