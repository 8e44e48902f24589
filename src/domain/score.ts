/** The scales a survey can use. */
export type Scale = 'thumbs' | '1-5' | 'stars' | 'faces' | 'labelled' | '1-7' | '1-10' | '0-10';

/** The CRM's pick list "CSAT level", that views and triggers filter on. */
export type Level = 'low' | 'neutral' | 'high';

/** What is fixed about a scale, and what a survey uses unless it says otherwise. Scores are whole numbers. */
export interface ScaleFacts {
  readonly min: number;
  readonly max: number;
  /** Default: the top two points count as satisfied, and on thumbs the upper one. */
  readonly satisfiedFrom: number;
  /** Default: scores below it open a follow-up. Null: the survey must say. */
  readonly followUpBelow: number | null;
  /** English words for satisfaction, one per point from `min` to `max`; a plain number where words would not help. */
  readonly labels: readonly string[];
}

const FIVE_LABELS = ['Very dissatisfied', 'Dissatisfied', 'Neutral', 'Satisfied', 'Very satisfied'];

/**
 * Stars, faces and labelled are the points of 1-5, drawn or in words alone. They have no default for follow-ups, since people
 * give stars more freely than they say "satisfied", so the threshold of 1-5 cannot be taken over unseen.
 *
 * Thumbs are 0 (down) and 1 (up): the average is then the share of thumbs up, and up is not stored as the same 2 that
 * means "dissatisfied" on 1-5.
 */
export const SCALES: Readonly<Record<Scale, ScaleFacts>> = {
  thumbs: { min: 0, max: 1, satisfiedFrom: 1, followUpBelow: null, labels: ['Thumbs down', 'Thumbs up'] },
  '1-5': { min: 1, max: 5, satisfiedFrom: 4, followUpBelow: 3, labels: FIVE_LABELS },
  stars: { min: 1, max: 5, satisfiedFrom: 4, followUpBelow: null, labels: FIVE_LABELS },
  faces: { min: 1, max: 5, satisfiedFrom: 4, followUpBelow: null, labels: FIVE_LABELS },
  labelled: { min: 1, max: 5, satisfiedFrom: 4, followUpBelow: null, labels: FIVE_LABELS },
  '1-7': {
    min: 1,
    max: 7,
    satisfiedFrom: 6,
    followUpBelow: null,
    labels: [
      'Very dissatisfied',
      'Dissatisfied',
      'Somewhat dissatisfied',
      'Neutral',
      'Somewhat satisfied',
      'Satisfied',
      'Very satisfied',
    ],
  },
  '1-10': {
    min: 1,
    max: 10,
    satisfiedFrom: 9,
    followUpBelow: null,
    labels: ['Very dissatisfied', '2', '3', '4', '5', '6', '7', '8', '9', 'Very satisfied'],
  },
  '0-10': {
    min: 0,
    max: 10,
    satisfiedFrom: 9,
    followUpBelow: null,
    labels: ['Very dissatisfied', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'Very satisfied'],
  },
};

/** What a survey says about its scores. `followUpBelow` equal to the scale's lowest point means no follow-ups. */
export interface Thresholds {
  readonly scale: Scale;
  readonly satisfiedFrom: number;
  readonly followUpBelow: number;
}

/** True for a whole number that the scale offers. */
export function isScoreOn(scale: Scale, score: number): boolean {
  const { min, max } = SCALES[scale];
  return Number.isInteger(score) && score >= min && score <= max;
}

/**
 * The level of a score: low below `followUpBelow`, high from `satisfiedFrom`, else neutral. Low wins where the two overlap,
 * so that every follow-up stands on a case that says "low". Throws RangeError for a score that is not on the scale.
 */
export function levelOf(survey: Thresholds, score: number): Level {
  if (needsFollowUp(survey, score)) return 'low';
  return isSatisfied(survey, score) ? 'high' : 'neutral';
}

/** True when the score counts as satisfied in CSAT %. Throws RangeError for a score that is not on the scale. */
export function isSatisfied(survey: Pick<Thresholds, 'scale' | 'satisfiedFrom'>, score: number): boolean {
  requireOnScale(survey.scale, score);
  return score >= survey.satisfiedFrom;
}

/** True when the score opens a follow-up. Throws RangeError for a score that is not on the scale. */
export function needsFollowUp(survey: Pick<Thresholds, 'scale' | 'followUpBelow'>, score: number): boolean {
  requireOnScale(survey.scale, score);
  return score < survey.followUpBelow;
}

/**
 * CSAT %: satisfied answers of all answers, times 100; null when there are none. Not rounded: 80 of 100 is 80.
 * Throws RangeError unless both are whole and 0 <= satisfied <= all.
 */
export function csatPercent(satisfied: number, all: number): number | null {
  if (!Number.isInteger(satisfied) || !Number.isInteger(all) || satisfied < 0 || satisfied > all) {
    throw new RangeError(
      `CSAT of ${satisfied} satisfied in ${all} answers: expected whole numbers, 0 <= satisfied <= all`,
    );
  }
  // Multiplied first: 57 / 100 * 100 is 56.99999999999999.
  return all === 0 ? null : (satisfied * 100) / all;
}

/** Throws RangeError for a score that is not on the scale. */
export function requireOnScale(scale: Scale, score: number): void {
  if (isScoreOn(scale, score)) return;
  const { min, max } = SCALES[scale];
  throw new RangeError(
    `score ${score} is not on the scale ${scale}: expected a whole number from ${min} to ${max}`,
  );
}
