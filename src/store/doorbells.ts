import { type Kysely, sql } from 'kysely';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { type ConnectorRow, SCHEMA, type Tables } from './tables.ts';

/** A stored notice that a case changed. One row per case, however often it rings. */
export interface Doorbell {
  readonly caseId: string;
  readonly rings: number;
  readonly rungAt: Date;
}

/** Stores the notice; when this resolves it survives anything. Safe to repeat. */
export async function ring(
  db: Kysely<Tables>,
  connector: string,
  caseIds: readonly string[],
  at: Date,
): Promise<void> {
  if (caseIds.length === 0) return;
  await sql`
    insert into caseloop.doorbells (connector, case_id, rung_at, rings)
    select distinct ${connector}::text, unnest(${caseIds}::text[]), ${at}::timestamptz, 1 order by 2
    on conflict (connector, case_id) do update set rung_at = excluded.rung_at, rings = doorbells.rings + 1`.execute(
    db,
  );
}

/** The oldest notices of a connector. */
export async function dueDoorbells(
  db: Kysely<Tables>,
  connector: string,
  limit: number,
): Promise<Doorbell[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('doorbells')
    .select(['case_id', 'rings', 'rung_at'])
    .where('connector', '=', connector)
    .orderBy('rung_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ caseId: row.case_id, rings: row.rings, rungAt: row.rung_at }));
}

/** Takes notices away after their cases were read, unless they rang again meanwhile. */
export async function answerDoorbells(
  db: Kysely<Tables>,
  connector: string,
  bells: readonly Doorbell[],
): Promise<void> {
  if (bells.length === 0) return;
  const answered = bells.map(({ caseId, rings, rungAt }) => ({ case_id: caseId, rings, rung_at: rungAt }));
  await sql`
    delete from caseloop.doorbells d
     using jsonb_to_recordset(${JSON.stringify(answered)}::jsonb) as a (case_id text, rings int, rung_at timestamptz)
     where d.connector = ${connector} and d.case_id = a.case_id and d.rings = a.rings and d.rung_at = a.rung_at`.execute(
    db,
  );
}

/** Connectors whose cases are waiting to be read. */
export async function connectorsWithDoorbells(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.withSchema(SCHEMA).selectFrom('doorbells').select('connector').distinct().execute();
  return rows.map((row) => row.connector);
}

/** What a connector may spend on fetches ahead of time; one second is earned back each second. */
const CREDIT_MS = MINUTE_MS;
/** A bell that rings so long after the last fetch rings in quiet. */
const QUIET_MS = 150;
const QUIET_COST_MS = SECOND_MS;
const HURRIED_COST_MS = 5 * SECOND_MS;

/**
 * How long a fetch must wait, and until when the connector's allowance is used up if it goes out. A fetch in quiet is cheap,
 * so that single closings are read at once; one on the heels of another is dear, 5 s unless `hurriedCostMs` says more, so that
 * a storm of closings costs the CRM no more than 24 calls in a minute, beside batches that are full: those are free. When the
 * credit is used up it waits, at most for that long, while more doorbells gather.
 */
export function fareOf(
  paid: Pick<ConnectorRow, 'fetched_at' | 'fetches_paid_until'>,
  fetch: { oldestRungAt: Date; isFull: boolean; now: Date; hurriedCostMs?: number | undefined },
): { readonly waitMs: number; readonly paidUntil: Date } {
  const now = fetch.now.getTime();
  const isQuiet =
    paid.fetched_at === null || fetch.oldestRungAt.getTime() - paid.fetched_at.getTime() >= QUIET_MS;
  const cost = fetch.isFull ? 0 : isQuiet ? QUIET_COST_MS : (fetch.hurriedCostMs ?? HURRIED_COST_MS);
  const paidUntil = paid.fetches_paid_until?.getTime() ?? now;
  // Further ahead than it can get by itself: the clock was set back, and waiting for it could take hours.
  const isAstray = paidUntil < now || paidUntil > now + CREDIT_MS;
  const next = (isAstray ? now : paidUntil) + cost;
  return { waitMs: Math.max(0, next - now - CREDIT_MS), paidUntil: new Date(next) };
}

/** Pays for a fetch that goes out. */
export async function payFetch(
  db: Kysely<Tables>,
  connector: string,
  fetch: { at: Date; paidUntil: Date },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('connectors')
    .set({ fetched_at: fetch.at, fetches_paid_until: fetch.paidUntil })
    .where('name', '=', connector)
    .execute();
}
