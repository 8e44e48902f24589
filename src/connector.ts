import type { ZodType } from 'zod';
import type { Clock } from './clock.ts';
import type { CaseSnapshot } from './domain/case.ts';
import type { Level, Scale } from './domain/score.ts';
import type { AuthError, CaseloopError, RetryableError } from './errors.ts';
import type { Log } from './log.ts';
import type { TokenStore } from './token-store.ts';

/**
 * The contract between Caseloop and a CRM. A connector is a folder under `connectors/` that exports one of these.
 *
 * A connector makes one attempt with a time limit, then throws an error class that says what to do next. It never
 * retries and never sleeps; the one exception is a token that is minted anew once within an attempt.
 */
export interface ConnectorDefinition<C> {
  /** The folder's name and the config's `type`. */
  readonly type: string;
  /** The connector's own config keys (without `type`, `pollEvery`, `startFrom` and `late`, which are the same for all). Strict. */
  readonly Config: ZodType<C>;
  /** The values of `late` that it can do beside `keep`. Default none. Its connectors then have `writeLate`. */
  readonly latePlaces?: readonly LatePlace[];
  /** Words an admin should read about this configuration: a dying credential kind, a key whose feature is missing. */
  warnings?(config: C): readonly string[];
  /** Builds the connector. No I/O. */
  connect(config: C, context: ConnectorContext): Connector;
}

export interface ConnectorContext {
  /** The connector's name in the config file. */
  readonly name: string;
  /** Where the CRM must send pushes: `<publicUrl>/webhooks/<name>`. */
  readonly webhookUrl: string;
  /** What the address begins with that the last line of every `CaseAsk` is: our own asks are no answers to customers. */
  readonly optOutUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tokens: TokenStore;
  readonly needs: Needs;
  /** When a push last arrived, true to a minute; null when none ever did. For CRMs that cannot be asked whether they push. */
  pushedAt(): Promise<Date | null>;
}

/** What this configuration asks for beyond what every one needs. */
export interface Needs {
  /** Whether anybody answered in public, where that costs extra calls. */
  readonly publicReply: boolean;
  /** Who answered last in public, where that costs extra calls. Default no. */
  readonly lastReplier?: boolean;
  /** Fields on the person, for late answers. Default no. */
  readonly userFields?: boolean;
  /** The requester's language, where that costs extra calls. Default no. */
  readonly requesterLanguage?: boolean;
}

export interface Connector {
  /**
   * Read-only look at credentials, scopes, fields and webhook. Safe at any time.
   * Throws AuthError when the credentials are refused, RetryableError when the CRM cannot be asked.
   */
  check(): Promise<Account>;

  /**
   * Reads cases that changed, closed and reopened alike, from a cursor of an earlier page or from an instant.
   * Pages may overlap and repeat; they never skip. One call is one page.
   */
  watch(from: WatchFrom): Promise<WatchPage>;

  /** The current truth for the ids a push named, in as few calls as the vendor allows. Unknown ids are left out. */
  fetch(ids: readonly string[]): Promise<readonly CaseSnapshot[]>;

  /**
   * Verifies a push on its raw bytes and names the cases it is about; an empty list is a push that is none of our business.
   * Absent when the CRM cannot push. Throws SignatureError (refused) or PermanentError (signed but unreadable).
   */
  receive?(request: RawRequest): Promise<readonly string[]>;

  /**
   * Listens to what the CRM tells by itself, from `cursor` on, until `signal` aborts or the connection is lost: then it
   * throws, and is called again later. It never skips in silence: what it cannot name, and what was lost while nobody
   * listened, it asks a watch for. `push` resolves when bell and cursor are stored. Absent when the CRM has no stream.
   */
  stream?(
    cursor: string | null,
    push: (bell: StreamBell, cursor: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;

  /** Puts answers on case records. At most `batchSize` items; one outcome per item; the same input twice leaves the same state. */
  writeBack(items: readonly WriteBack[]): Promise<Receipt>;

  /**
   * Puts answers whose case is closed for good elsewhere. `user-field`: on the person, where the same input twice leaves the
   * same state and the answer given last stands, whatever the order of writing. `follow-up-ticket`: on a record made for it, looked up by its key when `outcomeUnknown`, else created; a
   * later answer is written there by `writeBack`. The record counts as ours and mails nobody. Absent when there is no such place.
   */
  writeLate?(items: readonly LateAnswer[], place: LatePlace): Promise<Receipt>;

  /**
   * Opens closed cases again, each with a private note that holds the task's text, for its owner; never mails the customer.
   * When `outcomeUnknown`, a case that has the note already is left as it is. Two tasks may be about one case. Locked cases are said to be so. Absent when the
   * CRM cannot: a task is made instead.
   */
  reopen?(tasks: readonly FollowUpTask[]): Promise<Receipt>;

  /**
   * Puts the survey to customers on their own closed cases, as a reply that they can read. No status is touched, so a closed
   * case stays closed by it, with its closing. When `outcomeUnknown`, a case that shows the ask's mark already is left as it
   * is. Locked cases are said to be so. At most `batchSize` items. Absent when the CRM has no such reply: surveys that would
   * go this way are not sent then.
   */
  askInCase?(asks: readonly CaseAsk[]): Promise<Receipt>;

  /**
   * Looks whether customers were answered after a low score, in as few calls as the vendor allows: in public on the case, or by
   * the task being done. Customers' own words, notes for staff and our own asks are no answer. At most `batchSize` items; one
   * state per item by key, also for cases that are gone. Changes nothing.
   */
  lookAfter(items: readonly RecoveryLook[]): Promise<readonly RecoveryState[]>;

  /** Makes follow-up tasks. Each is looked up by its key when `outcomeUnknown`, else created. At most `batchSize` items. */
  followUp(tasks: readonly FollowUpTask[]): Promise<Receipt>;

  /** Asks after a vendor job that was still running. */
  settle(handle: string): Promise<Receipt>;

  /** What is missing on the CRM (`plan`), or makes it (`apply`). Apply then plan leaves only steps marked manual. */
  provision(mode: 'plan' | 'apply'): Promise<readonly ProvisionStep[]>;

  /** The vendor's largest batch, for fetch and for everything that writes. */
  readonly batchSize: number;

  /** How many jobs the vendor runs or keeps waiting at once; no more are handed over. Absent: as many as you like. */
  readonly jobsAtOnce?: number;

  /**
   * What a fetch on the heels of another costs of the minute that a connector has in credit, in milliseconds; in a storm a
   * doorbell waits as long. Absent: 5 s. A vendor that counts calls by the day asks for more.
   */
  readonly hurriedFetchMs?: number;
}

/** What a stream tells: these cases changed, or anything since an instant may have, and a watch must look. */
export type StreamBell = { readonly ids: readonly string[] } | { readonly rescanFrom: Date };

export type WatchFrom = { readonly cursor: string } | { readonly startAt: Date };

export interface WatchPage {
  readonly cases: readonly CaseSnapshot[];
  /** Opaque; resume from it, also when `more` is false. */
  readonly cursor: string;
  readonly more: boolean;
  /** Everything that changed up to this instant has been read; for progress and drift. Null when the vendor gives no hint. */
  readonly reachedAt: Date | null;
}

/** A request as it arrived; header names in lower case. */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Account {
  /** How the CRM names the account, for people. */
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** One line of `check`. `fix` is an imperative sentence, null when all is well. */
export interface Finding {
  readonly what: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly detail: string;
  readonly fix: string | null;
}

export interface WriteBack {
  /** Names this item in the receipt. */
  readonly key: string;
  readonly caseId: string;
  readonly score: number;
  readonly scale: Scale;
  /** The score in a word or two for staff, such as "Dissatisfied"; the number where the scale has no words for it. */
  readonly rating: string;
  readonly level: Level;
  readonly comment: string | null;
  readonly reasons: readonly string[];
  readonly answeredAt: Date;
  /** Where staff see everything about the case in Caseloop. */
  readonly link: string;
  /** Also leave an internal note. Off by default: a lost reply would double it. */
  readonly note: boolean;
  /** Also tag the case. */
  readonly tag: boolean;
}

/** Where a late answer goes, beside being kept in the store. */
export type LatePlace = 'follow-up-ticket' | 'user-field';

/** An answer whose case is closed for good. */
export interface LateAnswer extends WriteBack {
  /** True when an earlier attempt's outcome is not known: look for the record before creating it. */
  readonly outcomeUnknown: boolean;
  /** The person who asked for help, by the CRM's id. */
  readonly requesterId: string | null;
  /** A record made for it is finished from the start, since nobody has to do anything, unless the CRM refused that before. */
  readonly leaveOpen: boolean;
  /** Words for a record made for it: plain text for staff that stays true when the answer changes. */
  readonly subject: string;
  readonly body: string;
}

/** A survey that the customer is to find on the case. */
export interface CaseAsk {
  /** Names this ask in the receipt. */
  readonly key: string;
  /** True when an earlier attempt's outcome is not known: look for the mark before replying. */
  readonly outcomeUnknown: boolean;
  readonly caseId: string;
  /** Plain text for the customer, links among it. */
  readonly text: string;
  /** A line of the text that no other ask has, the same in every attempt: what it is known again by. */
  readonly mark: string;
}

export interface FollowUpTask {
  /** Names the task in the receipt and, as its external id, in the CRM. Unique over all connectors of all installations. */
  readonly key: string;
  /** True when an earlier attempt's outcome is not known: look before creating. */
  readonly outcomeUnknown: boolean;
  readonly caseId: string;
  readonly subject: string;
  /** Plain text for staff; never shown or mailed to the customer. */
  readonly body: string;
  readonly dueAt: Date;
  /** The CRM user who should own it, and the team; null leaves it to the CRM. */
  readonly ownerId: string | null;
  readonly teamId: string | null;
}

/** A low score whose customer may have been answered meanwhile. */
export interface RecoveryLook {
  /** Names this item in the answer. */
  readonly key: string;
  readonly caseId: string;
  /** When the customer gave the score: what was said before does not count. */
  readonly since: Date;
  /** The record of the follow-up task, by the CRM's id; null when there is none, or the case itself was opened again. */
  readonly taskId: string | null;
}

export interface RecoveryState {
  readonly key: string;
  /** When somebody on our side first answered in public after `since`, as exactly as the CRM tells; null when nobody did. */
  readonly repliedAt: Date | null;
  /** When the task was done; null while it is not, and where there is none. */
  readonly taskDoneAt: Date | null;
}

/**
 * What became of a batch: one outcome per item by key, or a vendor job that is still running. A batch that is made call by
 * call may be `stopped` in the middle, by a limit or by refused credentials: items without an outcome were not tried.
 */
export type Receipt =
  | { readonly outcomes: readonly Outcome[]; readonly stopped?: AuthError | RetryableError }
  | { readonly pending: { readonly handle: string; readonly checkAfterMs: number } };

export type Outcome =
  /** Done. `ref` is the record that was made or found, when it is not the case itself. */
  | { readonly key: string; readonly result: 'done'; readonly ref: RecordRef | null }
  /** The case is closed for good: nothing can be written on it any more. */
  | { readonly key: string; readonly result: 'locked' }
  /** The class says what happens next; RetryableError keeps the row due. */
  | { readonly key: string; readonly result: 'failed'; readonly error: CaseloopError };

export interface RecordRef {
  readonly id: string;
  readonly url: string;
}

/** A change on the CRM that provisioning would make, has made, or that only a person can make. */
export interface ProvisionStep {
  readonly action: 'create' | 'update' | 'manual';
  /** What it is, by the name an admin knows: `ticket field "CSAT score"`. */
  readonly what: string;
  readonly detail: string;
}
