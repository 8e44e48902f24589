import { type Kysely, sql, type Transaction } from 'kysely';
import type { ClosureFact } from '../domain/closure-fact.ts';
import { type FactIds, idsOf } from './report-ids.ts';
import { rewriteDays } from './report-rewrite.ts';
import { readFacts } from './report-sources.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** The setting that says in which zone the days of all facts were told apart. */
const ZONE_KEY = 'report-zone';

/**
 * Brings the figures up to date with at most `limit` changes, in one transaction and one process at a time. Days are told
 * apart in `zone`: when that is another one than before, every closure is taken anew. Gives whether more changes waited; safe to
 * repeat and to cut off.
 */
async function foldReport(
  db: Kysely<Tables>,
  { zone, limit }: { zone: string; limit: number },
): Promise<{ readonly more: boolean }> {
  return db.transaction().execute(async (tx) => {
    await holdZone(tx, zone);
    const { closureIds, more } = await takeChanges(tx, limit);
    const facts = await readFacts(tx, closureIds, zone);
    const days = new Set([...(await forget(tx, closureIds)), ...facts.map(({ day }) => day)]);
    await insertFacts(tx, facts, await idsOf(tx, facts));
    await rewriteDays(tx, [...days]);
    return { more };
  });
}

/** Whoever holds this row folds; the others wait. */
async function holdZone(tx: Transaction<Tables>, zone: string): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  await s
    .insertInto('settings')
    .values({ key: ZONE_KEY, value: zone })
    .onConflict((c) => c.column('key').doNothing())
    .execute();
  const row = await s
    .selectFrom('settings')
    .select('value')
    .where('key', '=', ZONE_KEY)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (row.value === zone) return;
  await s.updateTable('settings').set({ value: zone }).where('key', '=', ZONE_KEY).execute();
  await sql`truncate caseloop.report_facts, caseloop.report_days, caseloop.report_columns, caseloop.report_titles`.execute(
    tx,
  );
  await sql`
    insert into caseloop.report_changes (closure_id)
    select id from caseloop.closures order by closed_at`.execute(tx);
}

async function takeChanges(
  tx: Transaction<Tables>,
  limit: number,
): Promise<{ readonly closureIds: readonly string[]; readonly more: boolean }> {
  const { rows } = await sql<{ closure_id: string }>`
    with taken as (
      delete from caseloop.report_changes
       where id in (select id from caseloop.report_changes order by id limit ${limit}) returning closure_id)
    select closure_id from taken`.execute(tx);
  return { closureIds: [...new Set(rows.map((row) => row.closure_id))], more: rows.length === limit };
}

/** Takes the facts of these closures away; gives the days they were on. */
async function forget(tx: Transaction<Tables>, closureIds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ day: string }>`
    with titles as (delete from caseloop.report_titles where closure_id = any(${closureIds}::uuid[])),
    facts as (delete from caseloop.report_facts where closure_id = any(${closureIds}::uuid[]) returning day)
    select distinct day from facts`.execute(tx);
  return rows.map((row) => row.day);
}

async function insertFacts(
  tx: Transaction<Tables>,
  facts: readonly ClosureFact[],
  ids: FactIds,
): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map((fact) => ({
    closure_id: fact.closureId,
    closed_at: fact.closedAt,
    day: fact.day,
    ...ids.ofDimensions(fact),
    metric: ids.ofMetric(fact),
    score: fact.score,
    satisfied: fact.satisfied,
    low: fact.low,
    commented: fact.commented,
    reopened: fact.reopened,
    recovered: fact.recovered,
    signs: fact.signs,
    first_reply_s: fact.firstReplySeconds,
    resolution_s: fact.resolutionSeconds,
    recovery_s: fact.recoverySeconds,
    due_at: fact.dueAt,
  }));
  await sql`
    insert into caseloop.report_facts
    select * from jsonb_populate_recordset(null::caseloop.report_facts, ${JSON.stringify(rows)}::jsonb)`.execute(
    tx,
  );
  await sql`
    insert into caseloop.report_titles (closure_id, subject)
    select id, ${TITLE} from caseloop.closures
     where id = any(${rows.map((row) => row.closure_id)}::uuid[]) and snapshot->>'subject' <> ''`.execute(tx);
}

/** What a search for the beginning of a subject is compared with. */
const TITLE = sql.raw(`lower(left(ltrim(snapshot->>'subject'), 60))`);

/** Changes that somebody who looks at figures waits for. */
const MOST_TO_WAIT_FOR = 2_000;
/** Changes folded in one transaction: embedded, nobody else is served meanwhile. */
const TOGETHER = 2_000;

/** Takes in what waits, when it is little; gives how many closures are not in the figures then. */
export async function catchUp(db: Kysely<Tables>, zone: string): Promise<number> {
  const now = await readBacklog(db);
  if (now.zone === zone && now.waiting === 0) return 0;
  if (now.zone !== zone || now.waiting <= MOST_TO_WAIT_FOR) {
    const { more } = await foldReport(db, { zone, limit: MOST_TO_WAIT_FOR });
    if (!more) return 0;
  }
  const { rows } = await sql<{ behind: number }>`
    select count(distinct closure_id) as behind from caseloop.report_changes`.execute(db);
  return rows[0]?.behind ?? 0;
}

/** True when something waits to be taken into the figures. */
export async function isReportBehind(db: Kysely<Tables>, zone: string): Promise<boolean> {
  const now = await readBacklog(db);
  return now.zone !== zone || now.waiting > 0;
}

async function readBacklog(db: Kysely<Tables>): Promise<{ zone: string | null; waiting: number }> {
  const { rows } = await sql<{ zone: string | null; waiting: number }>`
    select (select value from caseloop.settings where key = ${ZONE_KEY}) as zone,
      (select count(*) from (select from caseloop.report_changes limit ${MOST_TO_WAIT_FOR + 1}) w) as waiting`.execute(
    db,
  );
  return rows[0] ?? { zone: null, waiting: 0 };
}

/** Takes in all that waits, some at a time, until nothing does or `signal` is aborted. */
export async function foldAll(
  db: Kysely<Tables>,
  { zone, signal, together = TOGETHER }: { zone: string; signal?: AbortSignal; together?: number },
): Promise<void> {
  for (let more = true; more; ) {
    signal?.throwIfAborted();
    ({ more } = await foldReport(db, { zone, limit: together }));
  }
}
