import type { ByHand } from './by-hand.ts';
import type { Calendar } from './calendar.ts';
import type { CaseSnapshot } from './case.ts';
import type { SurveyDefinition, Via } from './survey.ts';

/** All that a decision on one closure looks at. */
export interface DecisionFacts {
  readonly connector: string;
  /** The newest one known of this case. */
  readonly snapshot: CaseSnapshot;
  /** The closure's. */
  readonly closedAt: Date;
  /** From when on the connector's closures count. */
  readonly startedAt: Date;
  readonly optedOut: boolean;
  /** An earlier mail to this person came back because there is no such address. */
  readonly bounced: boolean;
  /** When this person was last asked over all connectors: a pending ask counts, this closure's own does not. */
  readonly personLastAskedAt: Date | null;
  /** Asks of this case for other closures, pending or sent. Cancelled ones do not count, so cancel before deciding. */
  readonly earlierAsks: number;
  /** The store knows a later closure of this case, and did not leave it out on account of this one's ask. */
  readonly newerClosureExists: boolean;
  /** Surveys that went out, or are about to. */
  readonly sentInLastHour: number;
  /** How the survey reaches the customer, `mail` where there is none; and whether the CRM can be replied in. */
  readonly via: Via;
  readonly asksInCase: boolean;
  /** What `chooseSurvey` says. */
  readonly survey: SurveyDefinition | null;
  readonly now: Date;
  /** What a person overrules who wants it sent; null where the policy decides alone. */
  readonly byHand: ByHand | null;
  /** A person keeps it back. */
  readonly heldByHand: boolean;
  /** Why a reminder is not called for; null when it is, and for the first mail. */
  readonly noReminder: string | null;
  /** Our own mail domains; their subdomains count too. */
  readonly ownDomains: readonly string[];
  /** When the team works, for `hours: business`, and the zone of customers whose own is not known. */
  readonly calendar: Calendar;
}
