import type { Generated } from 'kysely';

/** Mail to an address, or a post to a chat of the config file. */
export type AlertWay = 'mail' | 'chat';

/** `opened`: there is a low score. `overdue`: the customer was not answered in time. */
export type AlertKind = 'opened' | 'overdue';

/** One follow-up that one receiver is to be told of, once for each start of its clock. */
export interface AlertsTable {
  id: Generated<string>;
  follow_up_id: string;
  start: number;
  kind: AlertKind;
  way: AlertWay;
  /** An address, or the name of a chat in the config file. */
  receiver: string;
  created_at: Date;
  /** The message that tells it; null while it waits for one. */
  message_id: string | null;
}

/** What one receiver is told at once: all alerts that had come together for them. Its id names it in every attempt. */
export interface AlertMessagesTable {
  id: Generated<string>;
  way: AlertWay;
  receiver: string;
  /** `dropped`: by then there was nothing left to tell. */
  state: 'due' | 'sent' | 'dropped' | 'failed';
  created_at: Date;
  next_attempt_at: Date;
  attempts: Generated<number>;
  claimed_by: string | null;
  claimed_at: Date | null;
  last_error: string | null;
  done_at: Date | null;
}
