import type { Generated } from 'kysely';
import type { LatePlace } from '../connector.ts';
import type { RecoveredBy } from '../domain/recovery.ts';

/** What the drains share: who works on the row, when it is next due, and what went wrong last. */
interface DueRow {
  id: Generated<string>;
  closure_id: string;
  connector: string;
  next_attempt_at: Date;
  attempts: Generated<number>;
  claimed_by: string | null;
  claimed_at: Date | null;
  vendor_job_id: string | null;
  last_error: string | null;
  fix: string | null;
  done_at: Date | null;
}

/** A survey that goes by a reply on its own case. */
export interface CaseAsksTable extends DueRow {
  survey_id: string;
  state: 'due' | 'running' | 'asked' | 'cancelled' | 'waiting' | 'failed';
  outcome_unknown: Generated<boolean>;
  /** When the last decision let it go; null while none has. It counts for the hourly brake from then on. */
  let_go_at: Date | null;
  /** Until when the links work that it was last handed over with. */
  expires_at: Date | null;
}

export interface WriteBacksTable extends DueRow {
  /** The answer's version that must stand on the record. */
  version: number;
  /** The version that was handed to the CRM by the attempt under way. */
  sent_version: number | null;
  written_version: number | null;
  /** `running`: in a vendor job. `waiting`: for a configuration change. `kept`: the record is locked, the answer stays here. */
  state: 'due' | 'running' | 'written' | 'kept' | 'waiting' | 'failed';
  /** Where the answer goes: on the case, or, once that turned out to be closed for good, to the configured place. */
  place: Generated<'case' | LatePlace>;
  /** Names the follow-up ticket of a late answer in the CRM. */
  late_key: string | null;
  /** The CRM would not have that ticket finished from the start: it is made open. */
  leave_open: Generated<boolean>;
  /** The CRM may have the follow-up ticket already, whatever we heard. */
  outcome_unknown: Generated<boolean>;
  /** The record that holds a late answer. */
  ref_id: string | null;
  ref_url: string | null;
}

export interface FollowUpsTable extends DueRow {
  key: string;
  /** A task of its own, or the case opened again. */
  action: Generated<'task' | 'reopen'>;
  /** A task in place of a reopening, on a case that is closed for good. */
  is_fallback: Generated<boolean>;
  /** Why the CRM would not have the owner or the team; from then on none is named. */
  owner_refused: string | null;
  state: 'due' | 'running' | 'made' | 'cancelled' | 'waiting' | 'failed';
  /** When a human must have answered the customer, in business hours. */
  due_at: Date;
  created_at: Date;
  outcome_unknown: Generated<boolean>;
  ref_id: string | null;
  ref_url: string | null;
  /**
   * The recovery clock: one row of each closure that ever had a low score carries it, whatever became of the row itself. It runs
   * from `low_since` until the customer was answered (`recovered_at`) or raised the score (`stopped_at`). A low score that comes
   * after either starts it again, and counts in `starts`.
   */
  is_clock: Generated<boolean>;
  starts: Generated<number>;
  /** When the customer gave the low score. */
  low_since: Date | null;
  stopped_at: Date | null;
  /** When the customer was answered, and what proves it. */
  recovered_at: Date | null;
  recovered_by: RecoveredBy | null;
  /** When it was said that nobody had answered in time. */
  escalated_at: Date | null;
  /** From when on the lead is to be told of the low score; null when they have been. */
  tell_at: Date | null;
  /** When the CRM was last asked, and when it is to be asked again. */
  looked_at: Date | null;
  next_look_at: Date | null;
}
