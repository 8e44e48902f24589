import type { Kysely, Transaction } from 'kysely';
import { LANES } from './due-rows.ts';
import { type Lane, SCHEMA, type Tables, type VendorJobRow } from './tables.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/** Hands claimed rows to a vendor job that is still running; the job outlives the worker, so the claim ends here. */
export async function handToVendorJob(
  db: Kysely<Tables>,
  lane: Lane,
  job: { connector: string; handle: string; checkAt: Date; now: Date; ids: readonly string[] },
): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const s = tx.withSchema(SCHEMA);
    const { id } = await s
      .insertInto('vendor_jobs')
      .values({
        connector: job.connector,
        kind: lane,
        handle: job.handle,
        check_at: job.checkAt,
        created_at: job.now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await s
      .updateTable(LANES[lane].table)
      .set({ state: 'running', claimed_by: null, vendor_job_id: id })
      .where('id', 'in', job.ids)
      .execute();
    return id;
  });
}

/** How many of the connector's vendor jobs are not settled yet. */
export async function countVendorJobs(db: Store, connector: string): Promise<number> {
  const { count } = await db
    .withSchema(SCHEMA)
    .selectFrom('vendor_jobs')
    .select((e) => e.fn.countAll<string>().as('count'))
    .where('connector', '=', connector)
    .executeTakeFirstOrThrow();
  return Number(count);
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
export async function rowsOfVendorJob(db: Store, job: Pick<VendorJobRow, 'id' | 'kind'>): Promise<string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom(LANES[job.kind].table)
    .select('id')
    .where('vendor_job_id', '=', job.id)
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

/** Call it only after every outcome of the job is recorded: a crash in between has the job asked after once more. */
export async function forgetVendorJob(db: Store, id: string): Promise<void> {
  await db.withSchema(SCHEMA).deleteFrom('vendor_jobs').where('id', '=', id).execute();
}

/** Vendor jobs that are due to be asked after. */
export async function dueVendorJobs(db: Kysely<Tables>, now: Date): Promise<VendorJobRow[]> {
  return db.withSchema(SCHEMA).selectFrom('vendor_jobs').selectAll().where('check_at', '<=', now).execute();
}
