import type { Generated } from 'kysely';

/** One digest of one week for one reader. */
export interface DigestsTable {
  id: Generated<string>;
  /** First and last day, `YYYY-MM-DD`. */
  week_from: string;
  week_to: string;
  /** `''` is all teams together. */
  team: string;
  address: string;
  /** The same for every attempt. */
  message_id: string;
  state: 'due' | 'sending' | 'sent' | 'held' | 'failed';
  created_at: Date;
  next_attempt_at: Date;
  attempts: Generated<number>;
  claimed_by: string | null;
  claimed_at: Date | null;
  sent_at: Date | null;
  last_error: string | null;
}
