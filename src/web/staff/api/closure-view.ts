import type { z } from 'zod';
import type { ClosureRecord } from '../../../domain/closure-record.ts';
import { seesComment, type Viewer } from '../../../domain/staff.ts';
import { releasedOf } from '../../../store/released-comments.ts';
import type { ApiDeps } from './api-deps.ts';
import type { Closure } from './shapes.ts';

/** A closure as its reader may see it; instants become text on the way out. */
export type VisibleClosure = WithDates<z.infer<typeof Closure>>;

type Instants =
  | 'openedAt'
  | 'closedAt'
  | 'askedAt'
  | 'answeredAt'
  | 'dueAt'
  | 'escalatedAt'
  | 'stoppedAt'
  | 'recoveredAt'
  | 'doneAt';
type WithDates<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? {
        readonly [K in keyof T]: K extends Instants
          ? Date | (null extends T[K] ? null : never)
          : WithDates<T[K]>;
      }
    : T;

/** These records without the comments that are not for this reader. */
export async function visibleClosures(
  { db, agentsSee }: Pick<ApiDeps, 'db' | 'agentsSee'>,
  viewer: Viewer,
  records: readonly ClosureRecord[],
): Promise<readonly VisibleClosure[]> {
  const commented = records.flatMap(({ survey, answer }) =>
    survey !== null && answer?.comment != null ? [survey.id] : [],
  );
  const released = viewer.role === 'agent' ? await releasedOf(db, commented) : new Set<string>();
  return records.map(({ number, outcome, rule, reason, answer, ...record }) => {
    const sees = seesComment(viewer, agentsSee.comments, released.has(record.survey?.id ?? ''));
    return {
      ...record,
      caseNumber: number,
      decision: { outcome, rule, reason },
      answer:
        answer === null
          ? null
          : {
              ...answer,
              reasons: [...answer.reasons],
              comment: sees ? answer.comment : null,
              commentHidden: !sees && answer.comment !== null,
            },
    };
  });
}
