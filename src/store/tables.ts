import type { Generated, Selectable } from 'kysely';
import type { ByHand } from '../domain/by-hand.ts';
import type { CaseState } from '../domain/case.ts';
import type { FollowUpEventType } from '../domain/follow-up-event.ts';
import type { Rule } from '../domain/policy.ts';
import type { Scale } from '../domain/score.ts';
import type { Tap } from '../domain/taps.ts';
import type { AlertMessagesTable, AlertsTable } from './alert-tables.ts';
import type { DigestsTable } from './digest-tables.ts';
import type { CaseAsksTable, FollowUpsTable, WriteBacksTable } from './due-tables.ts';
import type { RepliesTable } from './replies.ts';
import type { ReportTables } from './report-tables.ts';
import type { CreditMovesTable, ReviewCausesTable, ReviewsTable } from './review-tables.ts';
import type {
  ApiKeysTable,
  ReleasedCommentsTable,
  SessionsTable,
  SignInTriesTable,
  UserLinksTable,
  UsersTable,
} from './staff-tables.ts';

/** The database schema all tables live in; every query names it, because the embedded engine shares one search path. */
export const SCHEMA = 'caseloop';

/** The rows of the store. Instants are UTC; `person` is the keyed hash of an address, never the address. */
export interface Tables extends ReportTables {
  connectors: ConnectorsTable;
  doorbells: DoorbellsTable;
  refusals: RefusalsTable;
  cases: CasesTable;
  closures: ClosuresTable;
  decisions: DecisionsTable;
  people: { person: string };
  suppressions: { person: string; since: Date; source: string };
  surveys: SurveysTable;
  mails: MailsTable;
  replies: RepliesTable;
  taps: TapsTable;
  confirmations: ConfirmationsTable;
  answers: AnswersTable;
  case_asks: CaseAsksTable;
  write_backs: WriteBacksTable;
  follow_ups: FollowUpsTable;
  alerts: AlertsTable;
  alert_messages: AlertMessagesTable;
  vendor_jobs: VendorJobsTable;
  reviews: ReviewsTable;
  review_causes: ReviewCausesTable;
  credit_moves: CreditMovesTable;
  webhook_events: WebhookEventsTable;
  digests: DigestsTable;
  webhooks: { name: string; disabled_at: Date; reason: string };
  staff_callers: { caller: string; seen_at: Date };
  leases: { name: string; holder: string; expires_at: Date };
  workers: { id: string; role: string; started_at: Date; beat_at: Date };
  tokens: { connector: string; sealed: string; updated_at: Date };
  settings: { key: string; value: string };
  users: UsersTable;
  sessions: SessionsTable;
  user_links: UserLinksTable;
  sign_in_tries: SignInTriesTable;
  api_keys: ApiKeysTable;
  released_comments: ReleasedCommentsTable;
  audit: { id: Generated<string>; at: Date; actor: string; what: string; detail: string };
}

interface ConnectorsTable {
  name: string;
  type: string;
  /** Closures before this instant are decided "before start". */
  started_at: Date;
  /** Where the scheduled watch stands; opaque. */
  cursor: string | null;
  /** Everything that changed up to here has been read. */
  reached_at: Date | null;
  watched_at: Date | null;
  pushed_at: Date | null;
  paused_at: Date | null;
  paused_reason: string | null;
  /** When cases were last fetched because somebody rang, and up to when that is paid for; see `fareOf`. */
  fetched_at: Date | null;
  fetches_paid_until: Date | null;
  /** Where the CRM's stream stands, opaque; when it last told anything; from when on something was lost. */
  stream_cursor: string | null;
  streamed_at: Date | null;
  rescan_from: Date | null;
  checked_at: Date | null;
  /** What the last check found that is not well: a list of findings as JSON. */
  findings: Generated<unknown>;
}

/** Cases that could not be read or taken into the store, and why; gone as soon as one is. */
interface RefusalsTable {
  connector: string;
  case_id: string;
  at: Date;
  reason: string;
}

interface DoorbellsTable {
  connector: string;
  case_id: string;
  rung_at: Date;
  rings: number;
}

interface CasesTable {
  connector: string;
  case_id: string;
  number: string;
  state: CaseState;
  changed_at: Date;
  noticed_at: Date;
  /** When two looks at it differed in the requester's address, last; null: never. */
  address_changed_at: Date | null;
  /** A CaseSnapshot as JSON. */
  snapshot: unknown;
}

interface ClosuresTable {
  id: Generated<string>;
  connector: string;
  case_id: string;
  closed_at: Date;
  cycle: number;
  noticed_at: Date;
  noticed_by: NoticedBy;
  person: string | null;
  /** The case as it was at this closure: who is credited does not move later. */
  snapshot: unknown;
  /** Who is credited with it, by the CRM's id; null where nobody is. */
  credited_id: string | null;
  credited_name: string | null;
  /** By which rule, or that a person moved it. */
  credited_by: 'assignee' | 'last-replier' | 'team' | 'by-hand' | null;
  /** The decision that stands now; the ledger keeps every one. */
  outcome: 'ask' | 'skip' | 'hold';
  rule: Rule;
  reason: string;
  decided_at: Date;
}

/** How a case came to our notice: a push, a scheduled watch, or a watch someone ran by hand. */
export type NoticedBy = 'push' | 'watch';

interface DecisionsTable {
  id: Generated<string>;
  closure_id: string;
  stage: 'closing' | 'sending' | 'reopening' | 'by-hand';
  outcome: 'ask' | 'skip' | 'hold';
  rule: Rule;
  reason: string;
  decided_at: Date;
}

interface SurveysTable {
  id: Generated<string>;
  closure_id: string;
  connector: string;
  case_id: string;
  name: string;
  metric: string;
  kind: 'csat' | 'ces' | 'nps';
  scale: Scale;
  satisfied_from: number;
  follow_up_below: number;
  change_within_ms: number;
  person: string;
  /** Null where nobody is mailed: then there is a case ask in place of a mail. */
  email: string | null;
  recipient_name: string | null;
  locale: string | null;
  state: 'pending' | 'asked' | 'cancelled' | 'undeliverable';
  /** A person wants it sent, whatever the policy says. */
  by_hand: ByHand | null;
  /** Nothing of it leaves until a person releases it. */
  held_by_hand: Generated<boolean>;
  created_at: Date;
  asked_at: Date | null;
  expires_at: Date | null;
}

interface MailsTable {
  id: Generated<string>;
  survey_id: string;
  purpose: string;
  message_id: string;
  state: 'due' | 'sending' | 'sent' | 'held' | 'cancelled' | 'undeliverable' | 'bounced';
  next_attempt_at: Date;
  attempts: Generated<number>;
  first_tried_at: Date | null;
  claimed_by: string | null;
  claimed_at: Date | null;
  sent_at: Date | null;
  bounced_at: Date | null;
  last_error: string | null;
}

interface TapsTable {
  id: Generated<string>;
  survey_id: string;
  at: Date;
  kind: Tap['kind'];
  method: string;
  score: number | null;
  agent: string;
  /** The keyed hash of an address, never the address. */
  caller: string;
  /** TapFacts as JSON; `{}` for taps of before there were any. */
  facts: unknown;
}

/** What the page's script sent: an answer once it has settled, unless marks speak against it. */
interface ConfirmationsTable {
  id: Generated<string>;
  survey_id: string;
  /** The opening of the page that led to it; null when it names none of this survey. */
  tap_id: string | null;
  score: number;
  comment: string | null;
  /** A list of strings as JSON. */
  reasons: unknown;
  /** A Report as JSON. */
  report: unknown;
  at: Date;
  due_at: Date;
  state: 'settling' | 'counted' | 'held' | 'superseded' | 'overruled' | 'dismissed';
  /** A list of marks as JSON. */
  marks: Generated<unknown>;
  decided_at: Date | null;
  /** Who overruled or dismissed it; null when nobody had to. */
  decided_by: string | null;
}

interface AnswersTable {
  survey_id: string;
  version: number;
  score: number;
  comment: string | null;
  /** A list of strings as JSON. */
  reasons: unknown;
  source: 'form' | 'auto';
  answered_at: Date;
  /** In the order of storing, and when that was by the database's own clock. */
  ordinal: Generated<string>;
  stored_at: Generated<Date>;
}

/** What a drain hands to the CRM: rows of one table that go the same way. */
export type Lane =
  | 'write-back'
  | 'late-follow-up-ticket'
  | 'late-user-field'
  | 'follow-up'
  | 'reopen'
  | 'ask';

interface VendorJobsTable {
  id: Generated<string>;
  connector: string;
  kind: Lane;
  handle: string;
  check_at: Date;
  created_at: Date;
}

/** What one webhook is told about one version of an answer; `id` is the event's own, in every attempt. */
interface WebhookEventsTable {
  id: Generated<string>;
  webhook: string;
  survey_id: string;
  version: number;
  /** `answer`: the version itself; else what became of the follow-up it asked for. */
  event: Generated<'answer' | FollowUpEventType>;
  state: 'due' | 'delivered' | 'failed';
  created_at: Date;
  /** When a person had it tried once more after it had been given up. */
  retried_at: Date | null;
  next_attempt_at: Date;
  attempts: Generated<number>;
  claimed_by: string | null;
  claimed_at: Date | null;
  last_error: string | null;
  done_at: Date | null;
}

export type ConnectorRow = Selectable<ConnectorsTable>;
export type ClosureRow = Selectable<ClosuresTable>;
export type DecisionRow = Selectable<DecisionsTable>;
export type SurveyRow = Selectable<SurveysTable>;
export type MailRow = Selectable<MailsTable>;
export type ConfirmationRow = Selectable<ConfirmationsTable>;
export type AnswerRow = Selectable<AnswersTable>;
export type CaseAskRow = Selectable<CaseAsksTable>;
export type WriteBackRow = Selectable<WriteBacksTable>;
export type FollowUpRow = Selectable<FollowUpsTable>;
export type VendorJobRow = Selectable<VendorJobsTable>;
