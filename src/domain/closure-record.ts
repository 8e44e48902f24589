import type { Metric } from './report.ts';
import type { Level } from './score.ts';

/** One closure with what a line of a list or a row of a table says of it. Instants are UTC, times in milliseconds. */
export interface ClosureRecord {
  readonly closureId: string;
  readonly connector: string;
  readonly caseId: string;
  /** What people call the case, and where they open it in the CRM. */
  readonly number: string;
  readonly url: string;
  readonly subject: string | null;
  readonly cycle: number;
  readonly openedAt: Date | null;
  readonly closedAt: Date;
  /** On which it counts, in the report's zone. */
  readonly day: string;
  readonly firstReplyMs: number | null;
  readonly resolutionMs: number | null;
  readonly reopened: boolean;
  /** The decision that stands, with its rule and the reason in a sentence. */
  readonly outcome: 'ask' | 'skip' | 'hold';
  readonly rule: string;
  readonly reason: string;
  readonly survey: SurveyRecord | null;
  readonly answer: AnswerRecord | null;
  /** `connector/id`, who that is, and by which rule; null where nobody is credited. */
  readonly credited: { readonly agent: string; readonly name: string; readonly by: string | null } | null;
  readonly team: string | null;
  readonly channel: string | null;
  readonly topic: string | null;
  readonly brand: string | null;
  readonly organisation: string | null;
  readonly tier: string | null;
  readonly language: string | null;
  readonly handledBy: 'bot' | 'human';
  readonly recovery: RecoveryRecord | null;
  readonly writeBack: WriteBackRecord | null;
}

export interface SurveyRecord {
  readonly id: string;
  readonly state: 'pending' | 'asked' | 'cancelled' | 'undeliverable';
  /** Whether it counts as asked. */
  readonly isAsked: boolean;
  readonly askedAt: Date | null;
  readonly metric: Metric;
}

/** The latest version. */
export interface AnswerRecord {
  readonly version: number;
  readonly score: number;
  readonly level: Level;
  readonly satisfied: boolean;
  readonly comment: string | null;
  readonly reasons: readonly string[];
  readonly source: 'form' | 'auto';
  readonly answeredAt: Date;
}

/** What a low score led to. */
export interface RecoveryRecord {
  /** Of the task or reopening in the CRM. */
  readonly state: string;
  readonly url: string | null;
  readonly dueAt: Date;
  readonly isOverdue: boolean;
  /** The score is no longer low. */
  readonly stoppedAt: Date | null;
  readonly escalatedAt: Date | null;
  readonly recoveredAt: Date | null;
  readonly recoveredBy: string | null;
}

export interface WriteBackRecord {
  readonly state: 'due' | 'running' | 'written' | 'kept' | 'waiting' | 'failed';
  readonly doneAt: Date | null;
  readonly error: string | null;
  readonly fix: string | null;
}
