/** Titles of the fields Caseloop keeps on a case record, the same in every CRM. Admins find them by these names. */
export const FIELD_TITLES = {
  score: 'CSAT score',
  rating: 'CSAT rating',
  level: 'CSAT level',
  comment: 'CSAT comment',
  reasons: 'CSAT reasons',
  answeredAt: 'CSAT answered at',
  link: 'CSAT link',
} as const;

export type FieldName = keyof typeof FIELD_TITLES;

/** All of them in the order agents see them. */
export const FIELD_NAMES = Object.keys(FIELD_TITLES) as readonly FieldName[];

/** The view or list that shows low scores, the same name in every CRM. */
export const LOW_SCORE_VIEW_TITLE = 'Low CSAT';
