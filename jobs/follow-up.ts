import type { Receipt } from '../src/connector.ts';
import { followUpText } from '../src/domain/follow-up.ts';
import { PermanentError } from '../src/errors.ts';
import { recordFailure } from '../src/store/due-rows.ts';
import { markMade, markOutcomeUnknown, readFollowUps } from '../src/store/follow-ups.ts';
import { type Drain, drainRows } from './drain.ts';
import type { Work } from './work.ts';

/** Makes the tasks that low scores ask for, one per closure, for the people who owned the cases when they closed. */
export const followUpDrain: Drain = {
  table: 'follow_ups',
  kind: 'follow-up',
  async send(work, connector, ids) {
    const followUps = await readFollowUps(work.db, ids);
    // Before the call, not after: a crash while it is under way must not lead to a second task.
    await markOutcomeUnknown(work.db, ids);
    const receipt = await connector.followUp(
      followUps.map(({ row, survey, answer, snapshot }) => ({
        key: row.key,
        outcomeUnknown: row.outcome_unknown,
        caseId: survey.case_id,
        dueAt: row.due_at,
        ownerId: snapshot.assignee?.id ?? null,
        teamId: snapshot.team?.id ?? null,
        ...followUpText({
          caseNumber: snapshot.number,
          score: answer.score,
          scale: survey.scale,
          comment: answer.comment,
          reasons: answer.reasons as string[],
          answeredAt: answer.answered_at,
          url: snapshot.url,
        }),
      })),
    );
    return keyedByRow(receipt, new Map(followUps.map(({ row }) => [row.key, row.id])));
  },
  done: (work, id, outcome) =>
    markMade(work.db, {
      id,
      refId: outcome.ref?.id ?? null,
      refUrl: outcome.ref?.url ?? null,
      at: work.clock.now(),
    }),
  locked: (work, id) =>
    recordFailure(work.db, 'follow_ups', {
      id,
      error: new PermanentError('The case is closed for good, so nothing can be added to it.'),
      now: work.clock.now(),
    }),
};

/** A receipt that is keyed by follow-up keys, keyed by row ids instead. */
export function keyedByRow(receipt: Receipt, rowIds: ReadonlyMap<string, string>): Receipt {
  if ('pending' in receipt) return receipt;
  return { outcomes: receipt.outcomes.map((one) => ({ ...one, key: rowIds.get(one.key) ?? one.key })) };
}

/** Drains the follow-ups of a connector that are due. */
export function followUp(work: Work, payload: { connector: string }): Promise<void> {
  return drainRows(work, payload.connector, followUpDrain);
}
