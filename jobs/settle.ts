import { DAY_MS, MINUTE_MS } from '../src/clock.ts';
import { PermanentError } from '../src/errors.ts';
import { unclaimRows } from '../src/store/due-rows.ts';
import type { Lane, VendorJobRow } from '../src/store/tables.ts';
import {
  forgetVendorJob,
  postponeVendorJob,
  readVendorJob,
  rowsOfVendorJob,
} from '../src/store/vendor-jobs.ts';
import { askDrain } from './ask-in-case.ts';
import { type Drain, jobOf, recordReceipt } from './drain.ts';
import { reopenDrain, taskDrain } from './follow-up.ts';
import { lateFieldDrain, lateTicketDrain } from './late-answer.ts';
import { connectorNamed, type Work } from './work.ts';
import { writeBackDrain } from './write-back.ts';

/** A vendor job that says nothing for so long is given up; its rows are due again, and what they make is looked up first. */
const GIVE_UP_AFTER_MS = DAY_MS;

const DRAINS: Readonly<Record<Lane, Drain>> = {
  'write-back': writeBackDrain,
  'late-follow-up-ticket': lateTicketDrain,
  'late-user-field': lateFieldDrain,
  'follow-up': taskDrain,
  reopen: reopenDrain,
  ask: askDrain,
};

/** Asks after a vendor job that was still running when its batch was handed over. */
export async function settle(work: Work, payload: { connector: string; handleId: string }): Promise<void> {
  const connector = connectorNamed(work, payload.connector);
  const job = await readVendorJob(work.db, payload.handleId);
  if (job === null) return;
  const drain = DRAINS[job.kind];
  const ids = await rowsOfVendorJob(work.db, job);
  const now = work.clock.now();
  const lost = async (reason: string): Promise<void> => {
    await unclaimRows(work.db, drain.lane, { ids, now, error: reason });
    await forgetVendorJob(work.db, job.id);
  };
  if (now.getTime() - job.created_at.getTime() > GIVE_UP_AFTER_MS) {
    return lost('The CRM never told how its job ended.');
  }
  const receipt = await connector.settle(job.handle).catch(async (error: unknown) => {
    if (!(error instanceof PermanentError)) throw error;
    await lost(error.message);
    return null;
  });
  if (receipt === null) return;
  if ('pending' in receipt) return askLater(work, job, receipt.pending);
  // The job goes last: dying in between has it asked after again, and only the rows that are left are recorded.
  await recordReceipt(work, job.connector, drain, ids, receipt);
  await forgetVendorJob(work.db, job.id);
  // An answer that changed while the vendor's job ran is due now, and so is what waited for room for another job.
  await work.queues.add(jobOf(job.kind), { connector: job.connector });
}

/** Each look waits as long as the job has run so far, so that a slow job costs few calls. */
async function askLater(
  work: Work,
  job: VendorJobRow,
  { handle, checkAfterMs }: { readonly handle: string; readonly checkAfterMs: number },
): Promise<void> {
  const now = work.clock.now().getTime();
  const delayMs = Math.max(checkAfterMs, Math.min(now - job.created_at.getTime(), MINUTE_MS));
  await postponeVendorJob(work.db, { id: job.id, handle, checkAt: new Date(now + delayMs) });
  await work.queues.add(
    'settle',
    { connector: job.connector, kind: job.kind, handleId: job.id },
    { delayMs },
  );
}
