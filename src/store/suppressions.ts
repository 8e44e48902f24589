import { type Kysely, sql } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** Someone who wants no surveys. The list holds the keyed hash only; the address is what a survey still knows. */
export interface Suppression {
  readonly person: string;
  /** Null when no survey to this person is kept. */
  readonly address: string | null;
  readonly since: Date;
  readonly source: string;
}

const PERSON_REF = /^person:(?<installation>[^:]+):(?<person>[A-Za-z0-9_-]{43})$/;

/** Names a person without the address, for this installation alone: no other one has the key that made the hash. */
export function personRef(installationId: string, person: string): string {
  return `person:${installationId}:${person}`;
}

/** What a text that begins like a `personRef` names; null when it is none. */
export function readPersonRef(text: string): { installation: string; person: string } | null {
  const { installation, person } = PERSON_REF.exec(text)?.groups ?? {};
  return installation === undefined || person === undefined ? null : { installation, person };
}

interface Change {
  readonly at: Date;
  /** Who made it, for the audit. */
  readonly actor: string;
}

/**
 * Puts people on the list; who is on it stays as they are. One line in the audit, without a name. Gives how many were new.
 * Safe to repeat.
 */
export async function addSuppressions(
  db: Kysely<Tables>,
  people: readonly { person: string; since: Date; source: string }[],
  change: Change,
): Promise<number> {
  // The same person twice in one statement would be refused.
  const once = [...new Map(people.toReversed().map((one) => [one.person, one])).values()];
  if (once.length === 0) return 0;
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ person: string }>`
      insert into caseloop.suppressions (person, since, source)
      select * from jsonb_to_recordset(${JSON.stringify(once)}::jsonb) as t (person text, since timestamptz, source text)
      on conflict (person) do nothing returning person`.execute(tx);
    const detail = { added: rows.length, known: once.length - rows.length };
    await note(tx, { ...change, what: 'suppressions added', detail });
    return rows.length;
  });
}

/** Takes a person off the list. False when they were not on it. Safe to repeat. */
export async function removeSuppression(
  db: Kysely<Tables>,
  person: string,
  change: Change,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const removed = await tx
      .withSchema(SCHEMA)
      .deleteFrom('suppressions')
      .where('person', '=', person)
      .returning('person')
      .executeTakeFirst();
    if (removed === undefined) return false;
    await note(tx, { ...change, what: 'suppression removed', detail: { person } });
    return true;
  });
}

/** A page of the list, in the order of the hashes. */
export async function readSuppressions(
  db: Kysely<Tables>,
  page: { after: string | null; limit: number },
): Promise<readonly Suppression[]> {
  const { rows } = await sql<{ person: string; address: string | null; since: Date; source: string }>`
    select person, since, source,
           (select nullif(email, '') from caseloop.surveys s where s.person = list.person
             order by created_at desc limit 1) as address
      from caseloop.suppressions list
     where person > ${page.after ?? ''} order by person limit ${page.limit}`.execute(db);
  return rows;
}

/** Notes that the list was handed out with its addresses. */
export async function noteExport(db: Kysely<Tables>, change: Change & { people: number }): Promise<void> {
  const { people, ...rest } = change;
  await note(db, { ...rest, what: 'suppressions exported', detail: { people } });
}

async function note(
  db: Kysely<Tables>,
  line: Change & { what: string; detail: Readonly<Record<string, unknown>> },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .insertInto('audit')
    .values({ at: line.at, actor: line.actor, what: line.what, detail: JSON.stringify(line.detail) })
    .execute();
}
