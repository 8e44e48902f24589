import { DAY_MS } from '../src/clock.ts';
import { PermanentError } from '../src/errors.ts';
import {
  forgetVendorJob,
  postponeVendorJob,
  readVendorJob,
  rowsOfVendorJob,
  unclaimRows,
} from '../src/store/due-rows.ts';
import { readFollowUps } from '../src/store/follow-ups.ts';
import { recordReceipt } from './drain.ts';
import { followUpDrain, keyedByRow } from './follow-up.ts';
import { connectorNamed, type Work } from './work.ts';
import { writeBackDrain } from './write-back.ts';

/** A vendor job that says nothing for so long is given up; its rows are due again, and follow-ups are looked up first. */
const GIVE_UP_AFTER_MS = DAY_MS;

/** Asks after a vendor job that was still running when its batch was handed over. */
export async function settle(work: Work, payload: { connector: string; handleId: string }): Promise<void> {
  const connector = connectorNamed(work, payload.connector);
  const job = await readVendorJob(work.db, payload.handleId);
  if (job === null) return;
  const drain = job.kind === 'write-back' ? writeBackDrain : followUpDrain;
  const ids = await rowsOfVendorJob(work.db, drain.table, job.id);
  const now = work.clock.now();
  const lost = async (reason: string): Promise<void> => {
    await unclaimRows(work.db, drain.table, { ids, now, error: reason });
    await forgetVendorJob(work.db, job.id);
  };
  if (now.getTime() - job.created_at.getTime() > GIVE_UP_AFTER_MS) {
    return lost('The CRM never told how its job ended.');
  }
  let receipt = await connector.settle(job.handle).catch(async (error: unknown) => {
    if (!(error instanceof PermanentError)) throw error;
    await lost(error.message);
    return null;
  });
  if (receipt === null) return;
  if ('pending' in receipt) {
    const { handle, checkAfterMs } = receipt.pending;
    await postponeVendorJob(work.db, { id: job.id, handle, checkAt: new Date(now.getTime() + checkAfterMs) });
    await work.queues.add(
      'settle',
      { connector: job.connector, kind: job.kind, handleId: job.id },
      { delayMs: checkAfterMs },
    );
    return;
  }
  if (job.kind === 'follow-up') {
    const rows = await readFollowUps(work.db, ids);
    receipt = keyedByRow(receipt, new Map(rows.map(({ row }) => [row.key, row.id])));
  }
  await forgetVendorJob(work.db, job.id);
  await recordReceipt(work, job.connector, drain, ids, receipt);
  // An answer that changed while the vendor's job ran is due now.
  await work.queues.add(job.kind, { connector: job.connector });
}
