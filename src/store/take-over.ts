import type { Kysely } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/**
 * Frees what earlier processes held in the embedded directory. It has one owner at a time, so a new owner knows that they
 * are gone and need not wait for their heartbeats and leases to run out. Only for the owner of an embedded directory, and
 * before anything of its own runs.
 */
export async function takeOver(db: Kysely<Tables>): Promise<void> {
  const s = db.withSchema(SCHEMA);
  await s.deleteFrom('workers').execute();
  await s.deleteFrom('leases').execute();
}
