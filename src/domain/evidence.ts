import type { Share } from './compare.ts';
import type { Rule } from './policy.ts';
import type { Metric, Question, Tally } from './report.ts';

/** What the checks judge a report on: counts, and hashes that stand for people and addresses. No more is read for them. */
export interface Evidence {
  readonly question: Question;
  readonly metric: Metric | null;
  readonly now: Period;
  /** Right before it, as many days as the baseline has. */
  readonly before: Period;
  /** Of the period, one per agent and team. */
  readonly agents: readonly AgentCounts[];
  /** Answers given in the period from addresses that several customers, or staff, used. */
  readonly answers: readonly Origin[];
  /** Hashes of the addresses from which somebody signed in here. */
  readonly staffCallers: readonly string[];
}

export interface Period {
  readonly tally: Tally;
  readonly days: number;
  /** Every day of it is over, and the store knew of closings before it began. */
  readonly isWhole: boolean;
  /** Surveys that left long enough before now, and how many of them were answered within `PROMPT_DAYS`. */
  readonly prompt: Share;
  /** Closings that tell a first reply, and how many took longer for it than half of those before did. */
  readonly slowReply: Share;
  readonly slowResolution: Share;
}

/** Days in which an answer counts as prompt: without such a limit, last week's surveys would look ignored. */
export const PROMPT_DAYS = 3;

export interface AgentCounts {
  /** `connector/id`; `''` where nobody is credited. */
  readonly agent: string;
  readonly label: string;
  readonly team: string;
  readonly closures: number;
  readonly answered: number;
  /** Skipped by a rule of `AVOIDING`. */
  readonly avoided: number;
  /** The requester's address changed in the last hours before the closing. */
  readonly addressChanged: number;
}

/** Rules against asking that an agent can bring about on a case; chance and the customer's own doings are not among them. */
export const AVOIDING = [
  'merged',
  'spam',
  'outbound',
  'no-public-reply',
  'skipped-tag',
  'staff',
  'own-domain',
  'no-address',
] as const satisfies readonly Rule[];

/** Where one answer came from. */
export interface Origin {
  /** The keyed hash of a network address, never the address. */
  readonly caller: string;
  /** The keyed hash of a mail address. */
  readonly customer: string;
  /** Stands for the part of it after the @. */
  readonly domain: string;
  readonly agent: string;
  readonly label: string;
  readonly at: Date;
}
