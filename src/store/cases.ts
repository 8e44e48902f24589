import { type Kysely, sql, type Transaction } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import type { KnownClosure } from '../domain/closure.ts';
import { snapshotFromJson } from './snapshot.ts';
import { SCHEMA, type Tables } from './tables.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/**
 * Keeps what these cases are now, unless a newer snapshot is here already, and locks every one of them for this transaction
 * either way, always in one order. Each case may stand there once. Says which were new to the store and of which a newer
 * snapshot was kept; a case that is in neither has a newer one here. What was refused before is forgotten with it.
 */
export async function saveCases(
  tx: Store,
  connector: string,
  snapshots: readonly CaseSnapshot[],
  noticedAt: Date,
): Promise<ReadonlyMap<string, 'new' | 'newer'>> {
  const seen = snapshots.map((snapshot) => ({
    case_id: snapshot.caseId,
    number: snapshot.number,
    state: snapshot.state,
    changed_at: snapshot.changedAt,
    snapshot,
  }));
  // A row that this statement inserted has been locked by nobody yet: its xmax is 0.
  const { rows } = await sql<{ case_id: string; is_new: boolean }>`
    with taken_in as (
      delete from caseloop.refusals
       where connector = ${connector} and case_id = any(${snapshots.map(({ caseId }) => caseId)}::text[])
    )
    insert into caseloop.cases (connector, case_id, number, state, changed_at, noticed_at, snapshot)
    select ${connector}::text, case_id, number, state, changed_at, ${noticedAt}::timestamptz, snapshot
      from jsonb_to_recordset(${JSON.stringify(seen)}::jsonb)
        as seen (case_id text, number text, state text, changed_at timestamptz, snapshot jsonb)
     order by case_id
    on conflict (connector, case_id) do update
       set number = excluded.number, state = excluded.state, changed_at = excluded.changed_at, snapshot = excluded.snapshot,
           address_changed_at = case
             when lower(cases.snapshot->'requester'->>'email') <> lower(excluded.snapshot->'requester'->>'email')
             then excluded.noticed_at else cases.address_changed_at end
     where cases.changed_at <= excluded.changed_at
    returning case_id, xmax = 0 as is_new`.execute(tx);
  return new Map(rows.map((row) => [row.case_id, row.is_new ? 'new' : 'newer']));
}

/** The newest known snapshots of these cases, by id. */
export async function readCases(
  tx: Store,
  connector: string,
  caseIds: readonly string[],
): Promise<ReadonlyMap<string, CaseSnapshot>> {
  if (caseIds.length === 0) return new Map();
  const rows = await tx
    .withSchema(SCHEMA)
    .selectFrom('cases')
    .select(['case_id', 'snapshot'])
    .where('connector', '=', connector)
    .where('case_id', 'in', caseIds)
    .execute();
  return new Map(rows.map((row) => [row.case_id, snapshotFromJson(row.snapshot)]));
}

/** The known closures of these cases, by case id, in the order of their cycles. */
export async function closuresOf(
  tx: Store,
  connector: string,
  caseIds: readonly string[],
): Promise<ReadonlyMap<string, readonly KnownClosure[]>> {
  if (caseIds.length === 0) return new Map();
  const rows = await tx
    .withSchema(SCHEMA)
    .selectFrom('closures')
    .select(['case_id', 'closed_at', 'cycle'])
    .where('connector', '=', connector)
    .where('case_id', 'in', caseIds)
    .orderBy('cycle')
    .execute();
  const closures = new Map<string, KnownClosure[]>();
  for (const row of rows) {
    const known = closures.get(row.case_id) ?? [];
    known.push({ closedAt: row.closed_at, cycle: row.cycle });
    closures.set(row.case_id, known);
  }
  return closures;
}
