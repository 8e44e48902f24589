import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Dimension, Question, Report, ReportSettings } from '../../domain/report.ts';
import type { CommentRule } from '../../domain/staff.ts';
import type { AnswerReceipt } from '../../store/answers.ts';
import type { FollowUpOf } from '../../store/low-scores.ts';
import type { Choices } from '../../store/report-choices.ts';
import type { RetryWish } from '../../store/stuck-rows.ts';
import type { Tables } from '../../store/tables.ts';
import type { StaffPages } from './staff-pages.ts';

/** What the pages about cases need from the rest of the program. */
export interface CaseDeps {
  readonly db: Kysely<Tables>;
  readonly pages: StaffPages;
  readonly settings: ReportSettings;
  readonly signIn: { readonly agentsSee: { readonly comments: CommentRule } };
  report(question: Question, wish: { readonly splits: readonly Dimension[] }): Promise<Report>;
  choices(question: Question): Promise<Choices>;
  readonly actions: CaseActions;
  readonly clock: Clock;
}

/** What leads do that jobs must follow. `actor` is the id of a viewer. */
export interface CaseActions {
  /** Null when it was done; else why not, as the end of a sentence. */
  surveyByHand(order: SurveyOrder): Promise<{ readonly why: string; readonly helpsAgain: boolean } | null>;
  /** Counts a held tap; null when it is not held any more. */
  accept(ruling: { id: string; actor: string }): Promise<AnswerReceipt['outcome'] | null>;
  /** False when it is not held any more. */
  dismiss(ruling: { id: string; actor: string }): Promise<boolean>;
  /** The customer was answered where the CRM does not show it. False when no clock runs. */
  recover(mark: { closureId: string; actor: string }): Promise<boolean>;
  /** Who is to answer the customer after a low score; null when nobody is known by name. */
  ownerOf(of: FollowUpOf): string | null;
  /** Gives how many rows are due again. */
  retry(wish: RetryWish, actor: string): Promise<number>;
  /** Gives how many events are due again. */
  retryEvents(webhook: string, actor: string): Promise<number>;
}

export const SURVEY_ACTIONS = ['send', 'hold', 'release', 'resend'] as const;

export interface SurveyOrder {
  readonly action: (typeof SURVEY_ACTIONS)[number];
  readonly connector: string;
  readonly case: string;
  /** Also where the customer was asked, or has answered, before. */
  readonly again: boolean;
  readonly actor: string;
  /** How many mails the page showed, so that a second press asks for no second mail. */
  readonly mailsSeen: number | null;
}
