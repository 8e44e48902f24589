import type { Kysely } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** Notes what a person had done: who, what, and to which rows. No addresses, no words of customers. */
export async function noteInAudit(
  db: Kysely<Tables>,
  entry: { at: Date; actor: string; what: string; detail: string },
): Promise<void> {
  await db.withSchema(SCHEMA).insertInto('audit').values(entry).execute();
}
