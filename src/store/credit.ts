import { type Kysely, type Selectable, sql } from 'kysely';
import type { Named } from '../domain/case.ts';
import { PermanentError } from '../errors.ts';
import { noteInAudit } from './audit.ts';
import type { CreditMovesTable } from './review-tables.ts';
import { SCHEMA, type Tables } from './tables.ts';

export type CreditMoveRow = Selectable<CreditMovesTable>;

/** What a person wants moved. */
export interface CreditOrder {
  readonly closureId: string;
  /** The CRM's id of an agent; null for nobody by name, so that only the team has it. */
  readonly toId: string | null;
  /** Why, in the mover's words. */
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
}

/**
 * Moves the credit for a closing to another person, or to its team alone, and keeps who did it, when and why. False when it is
 * there already. Throws PermanentError for somebody the connector has never named.
 */
export async function moveCredit(db: Kysely<Tables>, order: CreditOrder): Promise<boolean> {
  const { closureId, toId, reason, actor, at } = order;
  return db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    const closure = await s
      .selectFrom('closures')
      .selectAll()
      .where('id', '=', closureId)
      .forUpdate()
      .executeTakeFirst();
    if (closure === undefined)
      throw new PermanentError(`credit: there is no closing ${closureId}.`, {
        fix: 'Look at the case again.',
      });
    if (closure.credited_id === toId && (toId !== null || closure.credited_by === 'by-hand')) return false;
    const known = toId === null ? [] : await readCreditable(tx, closure);
    const to = known.find(({ id }) => id === toId);
    if (toId !== null && to === undefined)
      throw new PermanentError(`credit: ${closure.connector} has never named an agent ${toId}.`, {
        fix: 'Choose somebody who has had a case of this connector.',
      });
    await s
      .updateTable('closures')
      .set({ credited_id: toId, credited_name: to?.name ?? null, credited_by: 'by-hand' })
      .where('id', '=', closureId)
      .execute();
    await s
      .insertInto('credit_moves')
      .values({
        closure_id: closureId,
        moved_at: at,
        moved_by: actor,
        reason,
        from_id: closure.credited_id,
        from_name: closure.credited_name,
        to_id: toId,
        to_name: to?.name ?? null,
      })
      .execute();
    const key = (id: string | null) => (id === null ? 'the team alone' : `${closure.connector}/${id}`);
    const detail = `closing ${closure.cycle} of case ${closure.case_id} on ${closure.connector}: from ${key(closure.credited_id)} to ${key(toId)}`;
    await noteInAudit(tx, { at, actor, what: 'credit moved', detail });
    return true;
  });
}

/** Every move of these closings, oldest first. */
export async function readCreditMoves(
  db: Kysely<Tables>,
  closureIds: readonly string[],
): Promise<readonly CreditMoveRow[]> {
  if (closureIds.length === 0) return [];
  return db
    .withSchema(SCHEMA)
    .selectFrom('credit_moves')
    .selectAll()
    .where('closure_id', 'in', closureIds)
    .orderBy('id')
    .execute();
}

/**
 * Who can be credited with a closing: everybody who has been credited with one of the same connector, and whoever had the
 * case. By name; each with the latest one.
 */
export async function readCreditable(
  db: Kysely<Tables>,
  closure: { readonly id: string; readonly connector: string },
): Promise<readonly Named[]> {
  // A step from each id to the next: reading all closings for a few hundred people would take seconds.
  const { rows } = await sql<Named>`
    with recursive agents(id) as (
      (select credited_id from caseloop.closures
        where connector = ${closure.connector} and credited_id is not null order by credited_id limit 1)
      union all
      select (select c.credited_id from caseloop.closures c
               where c.connector = ${closure.connector} and c.credited_id > agents.id order by c.credited_id limit 1)
        from agents where agents.id is not null
    )
    select agents.id, latest.credited_name as name
      from agents
      join lateral (
        select c.credited_name from caseloop.closures c
         where c.connector = ${closure.connector} and c.credited_id = agents.id
         order by c.closed_at desc limit 1) latest on true
    union all
    select who->>'id', who->>'name'
      from caseloop.closures c
      join caseloop.cases ca on ca.connector = c.connector and ca.case_id = c.case_id
      cross join lateral (values (c.snapshot->'assignee'), (c.snapshot->'lastReplier'), (ca.snapshot->'assignee')) named(who)
     where c.id = ${closure.id} and who->>'id' is not null`.execute(db);
  const agents = new Map<string, Named>();
  for (const row of rows) if (!agents.has(row.id)) agents.set(row.id, row);
  const nameOf = ({ name, id }: Named) => name ?? id;
  return [...agents.values()].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en'));
}
