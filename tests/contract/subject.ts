import type { Clock } from '../../src/clock.ts';
import type { Sandbox } from '../../src/sandbox.ts';

/** What the suite must know of a vendor beyond its sandbox. One file per connector in `subjects/`. */
export interface Subject {
  /** Starts the simulated CRM on a free port of loopback. */
  start(options: { readonly clock: Clock }): Promise<Stage>;
  /** Settings that give a request up soon, for calls that are never answered. Long enough for a busy machine. */
  readonly impatience: Readonly<Record<string, unknown>>;
  /** Settings with credentials that the CRM does not know. */
  readonly wrongCredentials: Readonly<Record<string, unknown>>;
  /** Two agents and a team whom `openCase` can name. */
  readonly staff: { readonly agent: string; readonly colleague: string; readonly team: string };
  /** Requests that mint tokens, as "METHOD /path"; null when the credentials are never renewed. */
  readonly tokenRequests: RegExp | null;
  /** Requests with a limit of their own, as "METHOD /path": their 429 must not stop the rest of the account. */
  readonly endpointLimits: RegExp;
  /** This many cases fill a page of the watch. */
  readonly watchPageSize: number;
  /** What this CRM does that not every CRM does; cases that need it are left out for the others. */
  readonly traits: readonly Trait[];
  /** Cases that this connector cannot pass. A declared one that passes fails the suite. */
  readonly deviations: readonly Deviation[];
}

export type Trait =
  /** It sends pushes to the webhook that provisioning makes. */
  | 'pushes'
  /** It works batches off in background jobs, so receipts may be pending. */
  | 'vendor jobs'
  /** An answer whose case is closed for good can stand on a record made for it: `latePlaces` has `follow-up-ticket`. */
  | 'late follow-up tickets'
  /** It can stand on the person who asked for help: `latePlaces` has `user-field`. */
  | 'late user fields'
  /** A closed case can be opened again through the API. */
  | 'reopening'
  /** The customer can be asked on the closed case itself. */
  | 'asking'
  /** It tells what changed on a stream that we hold open. */
  | 'streams';

export interface Deviation {
  /** The title as the table prints it: "write-back: ...", or "write-back: a closed case x 409" for a fault. */
  readonly case: string;
  /** Why this CRM cannot do it, for the reader of the table. */
  readonly reason: string;
}

/** A running simulated CRM with the acts that `Sandbox` does not have. */
export interface Stage {
  readonly sandbox: Sandbox;
  /** Somebody deletes the case. */
  deleteCase(caseId: string): Promise<void>;
  /** Resolves when the CRM has done what it was asked to do; at once when it never works in the background. */
  quiet(): Promise<void>;
  /** Background jobs wait until they are released. Used only for CRMs with the trait `vendor jobs`. */
  holdJobs(): void;
  releaseJobs(): void;
  /** Used only for CRMs with the trait `streams`. */
  readonly streaming?: {
    /** Streams that are listened to now. */
    subscriptions(): number;
    /** One person closes all of these at once. */
    closeTogether(caseIds: readonly string[]): Promise<void>;
  };
}
