import type { Connector, Outcome, Receipt } from '../src/connector.ts';
import { AuthError, CaseloopError, ConfigError, PermanentError, RetryableError } from '../src/errors.ts';
import type { JobName } from '../src/queue.ts';
import { claimDueRows, LANES, recordFailure, releaseUntried, unclaimRows } from '../src/store/due-rows.ts';
import type { Lane } from '../src/store/tables.ts';
import { countVendorJobs, handToVendorJob } from '../src/store/vendor-jobs.ts';
import { claimsOf } from '../src/store/workers.ts';
import { connectorNamed, type Work } from './work.ts';

/** What tells one drain from another. */
export interface Drain {
  readonly lane: Lane;
  /** Says which of the claimed rows may still go, and puts the others where they belong. Absent: all may. */
  admit?(work: Work, ids: readonly string[]): Promise<readonly string[]>;
  /** Hands rows to the CRM in one batch. Items in the receipt are keyed by the row's id. */
  send(work: Work, connector: Connector, ids: readonly string[]): Promise<Receipt>;
  /** The row ids behind the keys that `send` gave to the CRM. Absent: the keys are row ids. */
  rowIds?(work: Work, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The CRM has it. */
  done(work: Work, id: string, outcome: Extract<Outcome, { result: 'done' }>): Promise<void>;
  /** Refused for good: true when the row is due again in another form. Absent: it never is. */
  refused?(work: Work, id: string, error: PermanentError): Promise<boolean>;
  /** The case is closed for good. */
  locked(work: Work, id: string, connectorName: string): Promise<void>;
}

/** So many drains of a connector, one for each table, may hand over a job at the same moment. */
const DRAINS_AT_ONCE = 3;

/** The longest a ring may wait for a row that the CRM could not take. */
const LONGEST_RING_MS = 5_000;

/** The queue's job that drains a lane. */
export function jobOf(lane: Lane): Extract<JobName, 'write-back' | 'follow-up' | 'ask-in-case'> {
  return JOB_OF[LANES[lane].table];
}

const JOB_OF = { write_backs: 'write-back', follow_ups: 'follow-up', case_asks: 'ask-in-case' } as const;

/**
 * Hands a connector's due rows to the CRM, lane after lane, in the vendor's largest batches, until none is left. Each row
 * gets its own outcome; what can be tried again stays due. A lane that fails does not hold up the next, unless the whole
 * account must wait; the first error is thrown for the queue to space the attempts.
 */
export async function drainLanes(work: Work, connectorName: string, drains: readonly Drain[]): Promise<void> {
  const failures: unknown[] = [];
  for (const drain of drains) {
    try {
      await drainRows(work, connectorName, drain);
    } catch (error) {
      failures.push(error);
      if (error instanceof AuthError || (error instanceof RetryableError && error.scope === 'account')) break;
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function drainRows(work: Work, connectorName: string, drain: Drain): Promise<void> {
  const connector = connectorNamed(work, connectorName);
  const { jobsAtOnce } = connector;
  for (;;) {
    if (jobsAtOnce !== undefined) {
      const running = await countVendorJobs(work.db, connectorName);
      // Whoever settles one of them rings again.
      if (running + DRAINS_AT_ONCE > jobsAtOnce) return;
    }
    const ids = await claimDueRows(work.db, drain.lane, {
      connector: connectorName,
      workerId: work.workerId,
      now: work.clock.now(),
      limit: connector.batchSize,
    });
    if (ids.length === 0) return;
    await work.inHand.during(ids, async () => {
      const admitted = await admitRows(work, drain, ids);
      if (admitted.length > 0) await sendBatch(work, connectorName, connector, drain, admitted);
    });
  }
}

async function admitRows(work: Work, drain: Drain, ids: readonly string[]): Promise<readonly string[]> {
  try {
    return (await drain.admit?.(work, ids)) ?? ids;
  } catch (error) {
    // Nothing was handed over, so nothing need be looked up.
    await releaseUntried(work.db, drain.lane, ids);
    throw error;
  }
}

async function sendBatch(
  work: Work,
  connectorName: string,
  connector: Connector,
  drain: Drain,
  ids: readonly string[],
): Promise<void> {
  let receipt: Receipt;
  try {
    receipt = await drain.send(work, connector, ids);
  } catch (error) {
    if (!(await areOurs(work, drain, ids))) return;
    // A whole batch refused for good has one bad row in it: halve until it stands alone.
    if (error instanceof PermanentError && ids.length > 1) {
      const middle = Math.ceil(ids.length / 2);
      await sendBatch(work, connectorName, connector, drain, ids.slice(0, middle));
      await sendBatch(work, connectorName, connector, drain, ids.slice(middle));
      return;
    }
    const now = work.clock.now();
    if (error instanceof ConfigError || error instanceof PermanentError) {
      for (const id of ids) await recordItem(work, drain, id, error);
      return logRefusal(work, connectorName, drain, error, ids.length);
    }
    const reason = error instanceof CaseloopError ? error.message : 'An unexpected error; see the log.';
    await unclaimRows(work.db, drain.lane, { ids, now, error: reason });
    throw error;
  }
  if (!(await areOurs(work, drain, ids))) return;
  await recordReceipt(work, connectorName, drain, ids, receipt);
  if ('stopped' in receipt && receipt.stopped !== undefined) throw receipt.stopped;
}

/** False when this worker hung for so long that others have taken its rows: what becomes of them is theirs to record. */
async function areOurs(work: Work, drain: Drain, ids: readonly string[]): Promise<boolean> {
  const claimed = new Set(await claimsOf(work.db, work.workerId));
  if (ids.every((id) => claimed.has(id))) return true;
  work.log.warn({ kind: drain.lane, rows: ids.length }, 'this worker hung, and its rows were taken over');
  return false;
}

/** Records what became of a batch: one outcome per row, or a vendor job that is asked after later. Safe to repeat. */
export async function recordReceipt(
  work: Work,
  connectorName: string,
  drain: Drain,
  ids: readonly string[],
  receipt: Receipt,
): Promise<void> {
  const now = work.clock.now();
  if ('pending' in receipt) {
    const { handle, checkAfterMs } = receipt.pending;
    const handleId = await handToVendorJob(work.db, drain.lane, {
      connector: connectorName,
      handle,
      checkAt: new Date(now.getTime() + checkAfterMs),
      now,
      ids,
    });
    await work.queues.add(
      'settle',
      { connector: connectorName, kind: drain.lane, handleId },
      { delayMs: checkAfterMs },
    );
    return;
  }
  const keys = (await drain.rowIds?.(work, ids)) ?? new Map<string, string>();
  const outcomes = new Map(receipt.outcomes.map((one) => [keys.get(one.key) ?? one.key, one]));
  const untried = receipt.stopped === undefined ? [] : ids.filter((id) => !outcomes.has(id));
  await releaseUntried(work.db, drain.lane, untried);
  let againAt: Date | null = null;
  for (const id of ids) {
    const outcome = outcomes.get(id);
    if (untried.includes(id)) continue;
    if (outcome?.result === 'done') {
      await drain.done(work, id, outcome);
    } else if (outcome?.result === 'locked') {
      await drain.locked(work, id, connectorName);
    } else {
      const error =
        outcome?.error ??
        new RetryableError(`${connectorName}: the CRM's reply left out a row; it is asked again.`);
      const at = await recordItem(work, drain, id, error);
      if (at === null) logRefusal(work, connectorName, drain, error, 1);
      else if (againAt === null || at < againAt) againAt = at;
    }
  }
  work.log.info({ connector: connectorName, kind: drain.lane, rows: ids.length }, 'batch recorded');
  if (againAt === null) return;
  // The row knows when it is due, and the sweep finds it. Soon, it is rung for: no longer ahead, since every other ring would
  // join this one and wait as long.
  const delayMs = Math.max(0, againAt.getTime() - now.getTime());
  if (delayMs > LONGEST_RING_MS) return;
  await work.queues.add(jobOf(drain.lane), { connector: connectorName }, { delayMs });
}

/** Records one refused row. Gives when it is due again, null when it is not. */
async function recordItem(work: Work, drain: Drain, id: string, error: CaseloopError): Promise<Date | null> {
  const now = work.clock.now();
  if (error instanceof PermanentError && (await drain.refused?.(work, id, error)) === true) return now;
  return recordFailure(work.db, drain.lane, { id, error, now });
}

function logRefusal(work: Work, connector: string, drain: Drain, error: CaseloopError, rows: number): void {
  work.log.error({ connector, kind: drain.lane, rows, error: error.name, fix: error.fix }, error.message);
}
