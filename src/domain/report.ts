import type { Scale } from './score.ts';
import type { SurveyKind } from './survey.ts';

/**
 * What closures can be filtered and split by. `agent` is who is credited, as `connector/id`; `team`, `channel`, `topic`,
 * `brand` and `tier` are the CRM's own words, `topic` its kind of case; `handledBy` is `bot` or `human`.
 */
export const DIMENSIONS = [
  'agent',
  'team',
  'channel',
  'topic',
  'brand',
  'tier',
  'language',
  'connector',
  'handledBy',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Any of the values of each dimension, in all of the dimensions. `''` is "not known". An empty list matches nothing. */
export type Filters = Readonly<Partial<Record<Dimension, readonly string[]>>>;

/** What one asks of the figures. A closure counts on the day it closed, in the report's zone; days are `YYYY-MM-DD`. */
export interface Question {
  /** First and last day, both included. */
  readonly from: string;
  readonly to: string;
  readonly filters: Filters;
  /** The key of the metric; null for the one that the period's latest closures were asked with. */
  readonly metric: string | null;
}

/** What the answers mean that are counted together; figures of different metrics are never added up. */
export interface Metric {
  /** `kind scale satisfiedFrom name`, such as `csat 1-5 4 2026-11`. */
  readonly key: string;
  readonly name: string;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly satisfiedFrom: number;
}

/** Counts of closures; each answered one is also asked. */
export interface Tally {
  /** All closings, asked about or not. */
  readonly closures: number;
  /** Of this metric: those whose survey left, those answered, and what the answers were. */
  readonly asked: number;
  readonly answered: number;
  readonly satisfied: number;
  readonly low: number;
  /** Answers per point of the scale, from the lowest. */
  readonly scores: readonly number[];
  /** Closings after which the case was opened again. */
  readonly reopened: number;
  /** Times of all closings that tell: how many do, and their median in milliseconds; null when none does. */
  readonly firstReply: Times;
  readonly resolution: Times;
  readonly recovery: RecoveryTally;
}

export interface Times {
  readonly known: number;
  readonly medianMs: number | null;
}

/** What became of low scores. */
export interface RecoveryTally {
  readonly low: number;
  readonly recovered: number;
  /** Not recovered yet, and past the time they were due. */
  readonly overdue: number;
  /** From the answer to the customer being answered. */
  readonly medianMs: number | null;
}

/** What a tally says, and how sure one can be of it. Percentages from 0 to 100, not rounded. */
export interface Figure {
  /** False below the least number of answers: then only counts are shown, and every other figure but the rate is null. */
  readonly isEnough: boolean;
  /** Satisfied of all answers; for NPS the promoters less the detractors, from -100 to 100. */
  readonly percent: number | null;
  /** 95 % interval of `percent`: Wilson's score interval; null for NPS. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly average: number | null;
  /** Answered of asked; null when nobody was asked. */
  readonly responseRate: number | null;
}

export interface Measured {
  readonly tally: Tally;
  readonly figure: Figure;
}

/** One value of a dimension. */
export interface Slice extends Measured {
  /** For a filter; `''` is "not known". */
  readonly value: string;
  /** For people. */
  readonly label: string;
  /** From 1; null where intervals overlap with a neighbour's, or answers are too few, so that no order can be told. */
  readonly rank: number | null;
}

/** One step of a trend. */
export interface Step extends Measured {
  /** First and last day. */
  readonly from: string;
  readonly to: string;
  readonly metric: Metric;
}

/** Where another metric begins; lines do not go on over it. */
export interface Break {
  readonly day: string;
  readonly from: Metric;
  readonly to: Metric;
}

export interface Goal {
  /** From this percentage on a day to that one on another. */
  readonly from: { readonly percent: number; readonly day: string };
  readonly to: { readonly percent: number; readonly day: string };
}

/** How figures are made, the same for every reader; pages print it. */
export interface ReportSettings {
  /** IANA. The one zone in which days are told apart. */
  readonly zone: string;
  /** Answers below which only counts are shown. */
  readonly minimum: number;
  /** Null: none. */
  readonly goal: Goal | null;
  /** Days before the period that a trend is compared to. */
  readonly baselineDays: number;
}

/** Something in the figures that a lead should look at before they believe them. */
export interface Flag {
  /** The check that raised it, such as `more-ones`. */
  readonly check: string;
  readonly title: string;
  /** A sentence with the figures behind it. */
  readonly detail: string;
  /** The closures it is about. */
  readonly question: Question;
  readonly only: Subset;
}

/** Which of the closures of a question a list shows. */
export const SUBSETS = [
  'all',
  'asked',
  'not-asked',
  'answered',
  'not-answered',
  'satisfied',
  'neutral',
  'low',
  'reopened',
  'recovered',
  'not-recovered',
  'overdue',
  'commented',
] as const;
export type Subset = (typeof SUBSETS)[number];

/** The answer to a question: the same for the dashboard, the command, the digest and the API. */
export interface Report {
  readonly question: Question;
  readonly settings: ReportSettings;
  /** Null when nobody was asked in the period. */
  readonly metric: Metric | null;
  /** Every metric that was asked with in the period, latest first. */
  readonly metrics: readonly Metric[];
  readonly total: Measured;
  /** As many days as `baselineDays`, right before the period, with the same filters and metric. */
  readonly baseline: Measured;
  readonly trend: readonly Step[];
  readonly breaks: readonly Break[];
  readonly splits: readonly {
    readonly by: Dimension;
    readonly slices: readonly Slice[];
    readonly more: number;
  }[];
  readonly flags: readonly Flag[];
  /** Closures that are in the store and not in the figures yet; normally 0. */
  readonly behind: number;
}
