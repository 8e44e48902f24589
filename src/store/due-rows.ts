import { type Kysely, sql, type Transaction } from 'kysely';
import { HOUR_MS, SECOND_MS } from '../clock.ts';
import { type CaseloopError, ConfigError, PermanentError } from '../errors.ts';
import { SCHEMA, type Tables, type VendorJobRow } from './tables.ts';
import { isOrphaned } from './workers.ts';

/**
 * Write-backs and follow-ups wait in tables of the same shape. A drain claims what is due, hands it to the CRM in one
 * batch, and records one outcome per row. A claim dies with its worker.
 */
export type DueTable = 'write_backs' | 'follow_ups';

type Store = Kysely<Tables> | Transaction<Tables>;

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

/** Claims up to `limit` rows that are due and in nobody's hands; gives their ids, oldest first. */
export async function claimDueRows(
  db: Kysely<Tables>,
  table: DueTable,
  claim: { connector: string; workerId: string; now: Date; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update ${sql.table(`${SCHEMA}.${table}`)} set claimed_by = ${claim.workerId}, claimed_at = ${claim.now}, attempts = attempts + 1
     where id in (
       select id from ${sql.table(`${SCHEMA}.${table}`)}
        where connector = ${claim.connector} and state = 'due' and claimed_by is null
          and next_attempt_at <= ${claim.now}
        order by next_attempt_at limit ${claim.limit} for update skip locked)
    returning id`.execute(db);
  return rows.map((row) => row.id);
}

/** Puts claimed rows back after an attempt that came to nothing: due again when `nextAttemptAt` says. */
export async function unclaimRows(
  db: Store,
  table: DueTable,
  rows: { ids: readonly string[]; now: Date; error: string },
): Promise<void> {
  for (const id of rows.ids) {
    const row = await db
      .withSchema(SCHEMA)
      .selectFrom(table)
      .select('attempts')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const at = nextAttemptAt(row.attempts, rows.now);
    const earliest = new Date(rows.now.getTime() + (table === 'follow_ups' ? LOOK_UP_AFTER_MS : 0));
    await db
      .withSchema(SCHEMA)
      .updateTable(table)
      .set({
        claimed_by: null,
        vendor_job_id: null,
        state: 'due',
        next_attempt_at: at > earliest ? at : earliest,
        last_error: rows.error,
      })
      .where('id', '=', id)
      .execute();
  }
}

/** Records a failed outcome: the error's class says whether the row waits for time, for an admin, or for nothing more. */
export async function recordFailure(
  db: Store,
  table: DueTable,
  failure: { id: string; error: CaseloopError; now: Date },
): Promise<void> {
  const { error, id, now } = failure;
  if (!(error instanceof ConfigError || error instanceof PermanentError)) {
    return unclaimRows(db, table, { ids: [id], now, error: error.message });
  }
  await db
    .withSchema(SCHEMA)
    .updateTable(table)
    .set({
      state: error instanceof ConfigError ? 'waiting' : 'failed',
      claimed_by: null,
      vendor_job_id: null,
      last_error: error.message,
      fix: error.fix,
    })
    .where('id', '=', id)
    .execute();
}

/** Hands claimed rows to a vendor job that is still running; the job outlives the worker, so the claim ends here. */
export async function handToVendorJob(
  tx: Store,
  table: DueTable,
  job: {
    connector: string;
    kind: VendorJobRow['kind'];
    handle: string;
    checkAt: Date;
    now: Date;
    ids: readonly string[];
  },
): Promise<string> {
  const s = tx.withSchema(SCHEMA);
  const { id } = await s
    .insertInto('vendor_jobs')
    .values({
      connector: job.connector,
      kind: job.kind,
      handle: job.handle,
      check_at: job.checkAt,
      created_at: job.now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await s
    .updateTable(table)
    .set({ state: 'running', claimed_by: null, vendor_job_id: id })
    .where('id', 'in', job.ids)
    .execute();
  return id;
}

export async function readVendorJob(db: Store, id: string): Promise<VendorJobRow | null> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('vendor_jobs')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** The rows a vendor job works on. */
export async function rowsOfVendorJob(db: Store, table: DueTable, vendorJobId: string): Promise<string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom(table)
    .select('id')
    .where('vendor_job_id', '=', vendorJobId)
    .where('state', '=', 'running')
    .execute();
  return rows.map((row) => row.id);
}

export async function postponeVendorJob(
  db: Store,
  job: { id: string; handle: string; checkAt: Date },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('vendor_jobs')
    .set({ handle: job.handle, check_at: job.checkAt })
    .where('id', '=', job.id)
    .execute();
}

export async function forgetVendorJob(db: Store, id: string): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('vendor_jobs').where('id', '=', id).execute();
}

/** Frees rows whose worker died or hangs. Whether the CRM took them is not known: a follow-up is looked up before it is made. */
export async function freeOrphanedRows(db: Kysely<Tables>, now: Date): Promise<void> {
  const s = db.withSchema(SCHEMA);
  await s.updateTable('write_backs').set({ claimed_by: null }).where(isOrphaned(db, now)).execute();
  await s
    .updateTable('follow_ups')
    .set({ claimed_by: null, outcome_unknown: true })
    .where(isOrphaned(db, now))
    .execute();
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

/** Vendor jobs that are due to be asked after. */
export async function dueVendorJobs(db: Kysely<Tables>, now: Date): Promise<VendorJobRow[]> {
  return db.withSchema(SCHEMA).selectFrom('vendor_jobs').selectAll().where('check_at', '<=', now).execute();
}
