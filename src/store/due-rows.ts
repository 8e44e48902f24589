import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { HOUR_MS, SECOND_MS } from '../clock.ts';
import { type CaseloopError, ConfigError, PermanentError, RetryableError } from '../errors.ts';
import { type Lane, SCHEMA, type Tables } from './tables.ts';
import { isOrphaned } from './workers.ts';

/**
 * Write-backs, follow-ups and asks on cases wait in tables of the same shape. A drain claims what is due in its lane, hands it to the CRM
 * in one batch, and records one outcome per row. A claim dies with its worker.
 */
export type DueTable = 'write_backs' | 'follow_ups' | 'case_asks';

type Store = Kysely<Tables> | Transaction<Tables>;

interface LaneFacts {
  readonly table: DueTable;
  /** The table's rows that go this way. */
  readonly holds: RawBuilder<boolean>;
  /** It makes something that a repeated attempt would make twice, so it must look first. */
  readonly makes: boolean;
  /** Its rows wait on purpose, each for an instant of its own: none goes along because another is due. */
  readonly keepsTime?: boolean;
}

/** A late answer whose follow-up ticket is there is written on it as on any case. */
export const LANES: Readonly<Record<Lane, LaneFacts>> = {
  'write-back': {
    table: 'write_backs',
    holds: sql`(place = 'case' or (place = 'follow-up-ticket' and ref_id is not null))`,
    makes: false,
  },
  'late-follow-up-ticket': {
    table: 'write_backs',
    holds: sql`(place = 'follow-up-ticket' and ref_id is null)`,
    makes: true,
  },
  'late-user-field': { table: 'write_backs', holds: sql`(place = 'user-field')`, makes: false },
  'follow-up': { table: 'follow_ups', holds: sql`(action = 'task')`, makes: true },
  reopen: { table: 'follow_ups', holds: sql`(action = 'reopen')`, makes: true },
  ask: { table: 'case_asks', holds: sql`true`, makes: true, keepsTime: true },
};

const FIRST_WAIT_MS = 30 * SECOND_MS;

/** So many attempts in a row are spaced by the queue's own backoff; the row itself stays due meanwhile. */
const QUEUE_ATTEMPTS = 8;

/**
 * A CRM may still be making a task whose reply was lost. Looking for it too early would find nothing and make a second one.
 */
const LOOK_UP_AFTER_MS = 15 * SECOND_MS;

/**
 * When a row is due again after its nth failed attempt. The first ones are the queue's business; after those the row waits
 * 30 s, doubling, at most an hour, and never gives up.
 */
export function nextAttemptAt(attempts: number, now: Date): Date {
  const waits = attempts - QUEUE_ATTEMPTS;
  if (waits < 0) return now;
  return new Date(now.getTime() + Math.min(FIRST_WAIT_MS * 2 ** waits, HOUR_MS));
}

/**
 * Claims up to `limit` rows of a lane that are due and in nobody's hands; gives their ids. Rows that still gather go along as
 * soon as one is due, so that a batch holds all that came meanwhile and nothing waits longer than it must.
 */
export async function claimDueRows(
  db: Kysely<Tables>,
  lane: Lane,
  claim: { connector: string; workerId: string; now: Date; limit: number },
): Promise<string[]> {
  const { table, holds, keepsTime = false } = LANES[lane];
  const name = sql.table(`${SCHEMA}.${table}`);
  const isFree = sql`connector = ${claim.connector} and state = 'due' and claimed_by is null and ${holds}`;
  const { rows } = await sql<{ id: string }>`
    update ${name} set claimed_by = ${claim.workerId}, claimed_at = ${claim.now}, attempts = attempts + 1
     where id in (
       select id from ${name}
        where ${isFree}
          and (next_attempt_at <= ${claim.now}
               or (${!keepsTime} and attempts = 0 and exists (select from ${name} where ${isFree} and next_attempt_at <= ${claim.now})))
        order by next_attempt_at limit ${claim.limit} for update skip locked)
    returning id`.execute(db);
  return rows.map((row) => row.id);
}

/** Puts claimed rows back after a batch that came to nothing: due again when `nextAttemptAt` says. */
export async function unclaimRows(
  db: Store,
  lane: Lane,
  rows: { ids: readonly string[]; now: Date; error: string },
): Promise<void> {
  await putBack(db, lane, rows, (attempts) => nextAttemptAt(attempts, rows.now));
}

/**
 * Puts claimed rows back as if they had not been claimed: the vendor stopped the batch before their turn came. What has never
 * been tried before needs no look whether it is there.
 */
export async function releaseUntried(db: Store, lane: Lane, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const table = sql.table(`${SCHEMA}.${LANES[lane].table}`);
  await sql`
    update ${table}
       set claimed_by = null, attempts = attempts - 1, outcome_unknown = outcome_unknown and attempts > 1
     where id = any(${ids}::uuid[]) and state = 'due' and attempts > 0`.execute(db);
}

/** Puts rows back, each due `at` its number of attempts, and not before it can be looked up. Gives the first instant. */
async function putBack(
  db: Store,
  lane: Lane,
  rows: { ids: readonly string[]; now: Date; error: string },
  at: (attempts: number) => Date,
): Promise<Date | null> {
  if (rows.ids.length === 0) return null;
  const s = db.withSchema(SCHEMA);
  const { table, makes } = LANES[lane];
  const earliest = new Date(rows.now.getTime() + (makes ? LOOK_UP_AFTER_MS : 0));
  const tried = await s.selectFrom(table).select(['id', 'attempts']).where('id', 'in', rows.ids).execute();
  let first: Date | null = null;
  for (const attempts of new Set(tried.map((row) => row.attempts))) {
    const spaced = at(attempts);
    const next = spaced > earliest ? spaced : earliest;
    if (first === null || next < first) first = next;
    await s
      .updateTable(table)
      .set({
        claimed_by: null,
        vendor_job_id: null,
        state: 'due',
        next_attempt_at: next,
        last_error: rows.error,
      })
      .where(
        'id',
        'in',
        tried.filter((row) => row.attempts === attempts).map((row) => row.id),
      )
      .execute();
  }
  return first;
}

/**
 * Records one failed outcome: the error's class says whether the row waits for time, for an admin, or for nothing more. What
 * waits for time is spaced on its own, so that one row the CRM cannot take now holds up no other. Gives when the row is due
 * again; null when time alone will not help.
 */
export async function recordFailure(
  db: Store,
  lane: Lane,
  failure: { id: string; error: CaseloopError; now: Date },
): Promise<Date | null> {
  const { error, id, now } = failure;
  if (!(error instanceof ConfigError || error instanceof PermanentError)) {
    const askedMs = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
    const at = (attempts: number): Date =>
      new Date(now.getTime() + Math.max(askedMs, Math.min(SECOND_MS * 2 ** (attempts - 1), HOUR_MS)));
    return putBack(db, lane, { ids: [id], now, error: error.message }, at);
  }
  await db
    .withSchema(SCHEMA)
    .updateTable(LANES[lane].table)
    .set({
      state: error instanceof ConfigError ? 'waiting' : 'failed',
      claimed_by: null,
      vendor_job_id: null,
      last_error: error.message,
      fix: error.fix,
    })
    .where('id', '=', id)
    .execute();
  return null;
}

/** From now on the CRM may have what these rows make, whatever we hear: look before making it again. */
export async function markOutcomeUnknown(
  db: Kysely<Tables>,
  lane: Lane,
  ids: readonly string[],
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable(LANES[lane].table)
    .set({ outcome_unknown: true })
    .where('id', 'in', ids)
    .execute();
}

/**
 * Frees rows whose worker died or hangs. What they make is looked up before it is made: that was marked before the call. The
 * CRM may still be making it, so it is not looked up too early.
 */
export async function freeOrphanedRows(db: Kysely<Tables>, now: Date): Promise<void> {
  const lookUpAt = new Date(now.getTime() + LOOK_UP_AFTER_MS);
  for (const table of ['write_backs', 'follow_ups', 'case_asks'] as const) {
    await db
      .withSchema(SCHEMA)
      .updateTable(table)
      .set((e) => ({
        claimed_by: null,
        next_attempt_at: e
          .case()
          .when('outcome_unknown', '=', true)
          .then(lookUpAt)
          .else(e.ref('next_attempt_at'))
          .end(),
      }))
      .where(isOrphaned(db))
      .execute();
  }
}

/** Connectors that have rows due and in nobody's hands. */
export async function connectorsWithDueRows(
  db: Kysely<Tables>,
  table: DueTable,
  now: Date,
): Promise<string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom(table)
    .select('connector')
    .distinct()
    .where('state', '=', 'due')
    .where('claimed_by', 'is', null)
    .where('next_attempt_at', '<=', now)
    .execute();
  return rows.map((row) => row.connector);
}
