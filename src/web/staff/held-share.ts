import { figureOf } from '../../domain/figures.ts';
import type { Figure, Metric, Report, Tally } from '../../domain/report.ts';
import { SCALES } from '../../domain/score.ts';
import type { HeldScores } from '../../store/held-answers.ts';

/** What the held taps do to the figures of a period: without them, and as if all of them counted. */
export interface HeldShare {
  readonly metric: Metric;
  readonly held: number;
  readonly without: { readonly answered: number; readonly figure: Figure };
  readonly with: { readonly answered: number; readonly figure: Figure };
}

/** Null when nobody was asked in the period: then there is no metric to count by. */
export function heldShareOf(report: Report, scores: readonly HeldScores[]): HeldShare | null {
  const { metric, total, settings } = report;
  if (metric === null) return null;
  const counted = withScores(total.tally, metric, scores);
  return {
    metric,
    held: counted.answered - total.tally.answered,
    without: { answered: total.tally.answered, figure: total.figure },
    with: { answered: counted.answered, figure: figureOf(metric, counted, settings.minimum) },
  };
}

function withScores(tally: Tally, metric: Metric, held: readonly HeldScores[]): Tally {
  const { min } = SCALES[metric.scale];
  const of = (score: number) => held.find((one) => one.score === score)?.surveys ?? 0;
  const sum = (counted: readonly HeldScores[]) => counted.reduce((all, { surveys }) => all + surveys, 0);
  return {
    ...tally,
    answered: tally.answered + sum(held),
    satisfied: tally.satisfied + sum(held.filter(({ score }) => score >= metric.satisfiedFrom)),
    scores: tally.scores.map((count, nth) => count + of(min + nth)),
  };
}
