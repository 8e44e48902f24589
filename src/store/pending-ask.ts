import type { CaseSnapshot } from '../domain/case.ts';
import type { SurveyRow } from './tables.ts';

/** A survey that is about to go out, by whichever way, with what is known of its case by now. */
export interface PendingAsk {
  readonly survey: SurveyRow;
  /** The closure's. */
  readonly closedAt: Date;
  /** From when on the connector's closures count; null when there is no such connector any more. */
  readonly startedAt: Date | null;
  /** The case as it is now, not as it was when it closed. */
  readonly snapshot: CaseSnapshot;
}
