import type { Connector, Outcome, Receipt } from '../src/connector.ts';
import { CaseloopError, ConfigError, PermanentError, RetryableError } from '../src/errors.ts';
import {
  claimDueRows,
  type DueTable,
  handToVendorJob,
  recordFailure,
  unclaimRows,
} from '../src/store/due-rows.ts';
import type { VendorJobRow } from '../src/store/tables.ts';
import { connectorNamed, type Work } from './work.ts';

/** What tells one drain from another. */
export interface Drain {
  readonly table: DueTable;
  readonly kind: VendorJobRow['kind'];
  /** Hands rows to the CRM in one batch. Items in the receipt are keyed by the row's id. */
  send(work: Work, connector: Connector, ids: readonly string[]): Promise<Receipt>;
  /** The CRM has it. */
  done(work: Work, id: string, outcome: Extract<Outcome, { result: 'done' }>): Promise<void>;
  /** The case is closed for good. */
  locked(work: Work, id: string): Promise<void>;
}

/**
 * Hands a connector's due rows to the CRM, in the vendor's largest batches, until none is left. Each row gets its own
 * outcome; what can be tried again stays due, and the error is thrown for the queue to space the attempts.
 */
export async function drainRows(work: Work, connectorName: string, drain: Drain): Promise<void> {
  const connector = connectorNamed(work, connectorName);
  for (;;) {
    const ids = await claimDueRows(work.db, drain.table, {
      connector: connectorName,
      workerId: work.workerId,
      now: work.clock.now(),
      limit: connector.batchSize,
    });
    if (ids.length === 0) return;
    await sendBatch(work, connectorName, connector, drain, ids);
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
    // A whole batch refused for good has one bad row in it: halve until it stands alone.
    if (error instanceof PermanentError && ids.length > 1) {
      const middle = Math.ceil(ids.length / 2);
      await sendBatch(work, connectorName, connector, drain, ids.slice(0, middle));
      await sendBatch(work, connectorName, connector, drain, ids.slice(middle));
      return;
    }
    const now = work.clock.now();
    if (error instanceof ConfigError || error instanceof PermanentError) {
      for (const id of ids) await recordFailure(work.db, drain.table, { id, error, now });
      logRefusal(work, connectorName, drain, error, ids.length);
      return;
    }
    const reason = error instanceof CaseloopError ? error.message : 'An unexpected error; see the log.';
    await unclaimRows(work.db, drain.table, { ids, now, error: reason });
    throw error;
  }
  await recordReceipt(work, connectorName, drain, ids, receipt);
}

/** Records what became of a batch: one outcome per row, or a vendor job that is asked after later. */
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
    const handleId = await handToVendorJob(work.db, drain.table, {
      connector: connectorName,
      kind: drain.kind,
      handle,
      checkAt: new Date(now.getTime() + checkAfterMs),
      now,
      ids,
    });
    await work.queues.add(
      'settle',
      { connector: connectorName, kind: drain.kind, handleId },
      { delayMs: checkAfterMs },
    );
    return;
  }
  let again: RetryableError | null = null;
  for (const id of ids) {
    const outcome = receipt.outcomes.find((one) => one.key === id);
    if (outcome === undefined) {
      again ??= new RetryableError(`${connectorName}: the CRM's reply left out a row; it is asked again.`);
      await unclaimRows(work.db, drain.table, { ids: [id], now, error: again.message });
    } else if (outcome.result === 'done') {
      await drain.done(work, id, outcome);
    } else if (outcome.result === 'locked') {
      await drain.locked(work, id);
    } else {
      await recordFailure(work.db, drain.table, { id, error: outcome.error, now });
      if (outcome.error instanceof RetryableError) again ??= outcome.error;
      else logRefusal(work, connectorName, drain, outcome.error, 1);
    }
  }
  work.log.info({ connector: connectorName, kind: drain.kind, rows: ids.length }, 'batch recorded');
  if (again !== null) throw again;
}

function logRefusal(work: Work, connector: string, drain: Drain, error: CaseloopError, rows: number): void {
  work.log.error({ connector, kind: drain.kind, rows, error: error.name, fix: error.fix }, error.message);
}
