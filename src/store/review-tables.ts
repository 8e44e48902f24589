import type { Generated } from 'kysely';
import type { Cause } from '../domain/causes.ts';

/** A low score that somebody has looked at. */
export interface ReviewsTable {
  closure_id: string;
  /** What is to be done about it, without the customer's words; null when nothing was written. */
  note: string | null;
  reviewed_at: Date;
  /** The id of a viewer. */
  reviewed_by: string;
}

export interface ReviewCausesTable {
  closure_id: string;
  cause: Cause;
}

/** Credit that a person has moved. `*_id` null: to nobody by name, so that the team alone has it. */
export interface CreditMovesTable {
  id: Generated<string>;
  closure_id: string;
  moved_at: Date;
  moved_by: string;
  reason: string;
  from_id: string | null;
  from_name: string | null;
  to_id: string | null;
  to_name: string | null;
}
