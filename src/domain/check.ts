import type { Evidence } from './evidence.ts';
import type { Flag } from './report.ts';

/** One thing to look at before one believes the figures. */
export interface Check {
  /** Its name in reports; never rename one. */
  readonly check: string;
  readonly title: string;
  /** One finding for each thing to look at; none when all is well. */
  readonly look: (evidence: Evidence) => readonly Finding[];
}

export type Finding = Omit<Flag, 'check' | 'title'>;

/** How often a check may raise a flag about what chance alone made: once in ten thousand looks. */
export const ERROR_RATE = 0.0001;
/** The normal quantile of an interval that leaves out as little, two-sided. */
export const Z_SURE = 3.8906;
