import type { Dimension, Metric } from './report.ts';
import { isSatisfied, needsFollowUp, type Scale } from './score.ts';
import { type SignSource, signsOf } from './signs.ts';
import type { SurveyKind } from './survey.ts';

/** What the store knows of a closure that figures are made of. */
export interface FactSource {
  readonly closureId: string;
  readonly closedAt: Date;
  /** On which it closed, in the report's zone. */
  readonly day: string;
  readonly connector: string;
  readonly creditedId: string | null;
  readonly creditedName: string | null;
  readonly team: string | null;
  readonly channel: string | null;
  readonly topic: string | null;
  readonly brand: string | null;
  readonly tier: string | null;
  /** The languages it was written in, or the case's: the best first. */
  readonly locale: string | null;
  readonly botHandled: boolean;
  readonly openedAt: Date | null;
  readonly firstRepliedAt: Date | null;
  readonly reopened: boolean;
  readonly signs: SignSource;
  /** Null: nobody was asked. */
  readonly survey: {
    readonly metric: string;
    readonly kind: SurveyKind;
    readonly scale: Scale;
    readonly satisfiedFrom: number;
    readonly followUpBelow: number;
  } | null;
  /** The latest version; null while there is none. */
  readonly answer: { readonly score: number; readonly at: Date; readonly commented: boolean } | null;
  /** The clock of a low score; null where there is none. */
  readonly recovery: { readonly since: Date | null; readonly dueAt: Date; readonly at: Date | null } | null;
}

/** One closure as figures count it. */
export interface ClosureFact {
  readonly closureId: string;
  readonly closedAt: Date;
  readonly day: string;
  readonly values: Readonly<Record<Dimension, string>>;
  /** For people, where it is not the value itself. */
  readonly agentName: string | null;
  readonly metric: Metric | null;
  readonly score: number | null;
  readonly satisfied: boolean;
  readonly low: boolean;
  readonly commented: boolean;
  readonly reopened: boolean;
  readonly recovered: boolean;
  /** Bits of `SIGNS`. */
  readonly signs: number;
  readonly firstReplySeconds: number | null;
  readonly resolutionSeconds: number | null;
  /** From when the score was low to the customer being answered. */
  readonly recoverySeconds: number | null;
  /** Of a low score that is not recovered. */
  readonly dueAt: Date | null;
}

/**
 * How a closure counts. It is asked about with the metric of its survey; an answer is the latest version; a score is low below
 * the survey's own threshold. Times that run backwards are not known.
 */
export function factOf(source: FactSource): ClosureFact {
  const { survey, answer, recovery } = source;
  const counts = survey !== null && answer !== null ? { survey, ...answer } : null;
  const low = counts !== null && needsFollowUp(counts.survey, counts.score);
  const recovered = low && recovery !== null && recovery.at !== null;
  return {
    closureId: source.closureId,
    closedAt: source.closedAt,
    day: source.day,
    values: {
      agent: source.creditedId === null ? '' : `${source.connector}/${source.creditedId}`,
      team: source.team ?? '',
      channel: source.channel ?? '',
      topic: source.topic ?? '',
      brand: source.brand ?? '',
      tier: source.tier ?? '',
      language: languageOf(source.locale),
      connector: source.connector,
      handledBy: source.botHandled ? 'bot' : 'human',
    },
    agentName: source.creditedName,
    metric: survey === null ? null : metricOf(survey),
    score: counts?.score ?? null,
    satisfied: counts !== null && isSatisfied(counts.survey, counts.score),
    low,
    commented: counts?.commented ?? false,
    reopened: source.reopened,
    recovered,
    signs: signsOf(source.signs),
    firstReplySeconds: secondsBetween(source.openedAt, source.firstRepliedAt),
    resolutionSeconds: secondsBetween(source.openedAt, source.closedAt),
    recoverySeconds: recovered ? secondsBetween(recovery.since ?? counts?.at ?? null, recovery.at) : null,
    dueAt: low && !recovered && recovery !== null ? toSecond(recovery.dueAt) : null,
  };
}

/** What answers mean that are counted together. Its key is the whole of it. */
export function metricOf(survey: {
  readonly metric: string;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly satisfiedFrom: number;
}): Metric {
  const { metric: name, kind, scale, satisfiedFrom } = survey;
  return { key: `${kind} ${scale} ${satisfiedFrom} ${name}`, name, kind, scale, satisfiedFrom };
}

/** The first language alone, without its region: of `de-AT,en` it is `de`. */
function languageOf(locale: string | null): string {
  return (locale ?? '').split(/[-_,; ]/, 1)[0]?.toLowerCase() ?? '';
}

function secondsBetween(from: Date | null, to: Date | null): number | null {
  if (from === null || to === null) return null;
  const seconds = Math.floor((to.getTime() - from.getTime()) / 1_000);
  return seconds < 0 ? null : Math.min(seconds, LONGEST_SECONDS);
}

/** Columns hold seconds; lists must say the same. */
function toSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1_000) * 1_000);
}

/** What fits the store's integers: 68 years. */
const LONGEST_SECONDS = 2_147_483_647;
