/**
 * `closed`: closed, and its record can still be written. `locked`: closed for good, the CRM refuses any change.
 */
export type CaseState = 'open' | 'closed' | 'locked' | 'deleted';

/** What a case is when we look: everything decisions and reports need, and no vendor JSON. Instants are UTC. */
export interface CaseSnapshot {
  /** The CRM's id, as a string. */
  readonly caseId: string;
  /** The number people use for it, often the id. */
  readonly number: string;
  /** Where an agent opens it. */
  readonly url: string;
  readonly subject: string | null;
  readonly state: CaseState;
  /** When the CRM last changed it; an older snapshot never overrides a newer one. */
  readonly changedAt: Date;
  readonly openedAt: Date;
  /** When it was closed, to the second; null while open. Solved-then-closed keeps the first instant. */
  readonly closedAt: Date | null;
  readonly requester: Requester;
  readonly assignee: Named | null;
  readonly team: Named | null;
  readonly channel: string | null;
  readonly brand: string | null;
  readonly organisation: string | null;
  readonly tier: string | null;
  readonly tags: readonly string[];
  /** What kind of case the CRM says it is: question, incident ... */
  readonly kind: string | null;
  /** The case's own language, when the CRM keeps one (BCP 47). */
  readonly language: string | null;
  readonly priority: string | null;
  readonly firstRepliedAt: Date | null;
  readonly reopens: number | null;
  readonly flags: CaseFlags;
  /** False when no person on our side ever answered in public; null when nobody looked (it costs extra calls). */
  readonly publicReply: boolean | null;
  /** The person on our side who last answered in public; null when nobody did, or nobody looked (it costs extra calls). */
  readonly lastReplier: Named | null;
}

export interface Named {
  readonly id: string;
  readonly name: string | null;
}

export interface Requester {
  readonly id: string | null;
  readonly name: string | null;
  readonly email: string | null;
  /** BCP 47. */
  readonly locale: string | null;
  /** IANA, such as Europe/Berlin; null when the CRM does not say. */
  readonly timeZone: string | null;
  /** An agent or admin of the CRM account, not a customer. */
  readonly isStaff: boolean;
}

export interface CaseFlags {
  readonly merged: boolean;
  readonly spam: boolean;
  /** Started by us towards the customer, not by the customer. */
  readonly outbound: boolean;
  readonly botHandled: boolean;
  /** Made by Caseloop itself: a follow-up. */
  readonly ours: boolean;
}
