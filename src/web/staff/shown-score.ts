import { type Level, levelOf, SCALES, type Scale, type Thresholds } from '../../domain/score.ts';
import { labelsFor, type SurveyKind } from '../../domain/survey.ts';

/** A score as staff pages show it. */
export interface ShownScore {
  /** "2 of 5"; on thumbs "up" or "down". */
  readonly points: string;
  /** What the point is called: "Dissatisfied"; empty where a number is all there is. */
  readonly label: string;
  readonly level: Level;
}

interface Asked {
  readonly kind: SurveyKind;
  readonly scale: Scale;
}

/** Throws RangeError for a score that is not on the scale. */
export function shownScore(survey: Thresholds & Asked, score: number): ShownScore {
  return scoreOfLevel(survey, score, levelOf(survey, score));
}

/** A score whose level is known already. */
export function scoreOfLevel({ kind, scale }: Asked, score: number, level: Level): ShownScore {
  const { min, max } = SCALES[scale];
  const label = labelsFor({ kind, scale })[score - min] ?? '';
  const points = scale === 'thumbs' ? (score === max ? 'up' : 'down') : `${score} of ${max}`;
  return { points, label: label === String(score) ? '' : label, level };
}
