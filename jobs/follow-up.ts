import type { FollowUpTask } from '../src/connector.ts';
import { followUpText } from '../src/domain/follow-up.ts';
import { PermanentError } from '../src/errors.ts';
import { markOutcomeUnknown, recordFailure } from '../src/store/due-rows.ts';
import { dropOwner, markMade, readFollowUps, rowsOfKeys, turnIntoTask } from '../src/store/follow-ups.ts';
import type { Lane } from '../src/store/tables.ts';
import { type Drain, drainLanes } from './drain.ts';
import { ownerOf } from './owner.ts';
import type { Work } from './work.ts';

/** Makes the tasks that low scores ask for, one per closure, for the people who owned the cases when they closed. */
export const taskDrain: Drain = {
  lane: 'follow-up',
  send: async (work, connector, ids) => connector.followUp(await readTasks(work, 'follow-up', ids)),
  rowIds: (work, ids) => rowsOfKeys(work.db, ids),
  done: markDone,
  refused: retryUnowned,
  async locked(work, id) {
    await recordFailure(work.db, 'follow-up', {
      id,
      error: new PermanentError('The case is closed for good, so nothing can be added to it.'),
      now: work.clock.now(),
    });
  },
};

/** Opens cases with a low score again, once per closure. One that is closed for good gets a task instead. */
export const reopenDrain: Drain = {
  lane: 'reopen',
  async send(work, connector, ids) {
    const tasks = await readTasks(work, 'reopen', ids);
    if (connector.reopen !== undefined) return connector.reopen(tasks);
    return { outcomes: tasks.map(({ key }) => ({ key, result: 'locked' })) };
  },
  rowIds: (work, ids) => rowsOfKeys(work.db, ids),
  done: markDone,
  refused: retryUnowned,
  locked: (work, id) => turnIntoTask(work.db, { id, at: work.clock.now() }),
};

function retryUnowned(work: Work, id: string, error: PermanentError): Promise<boolean> {
  return dropOwner(work.db, { id, reason: error.message, at: work.clock.now() });
}

function markDone(
  work: Work,
  id: string,
  { ref }: { readonly ref: { readonly id: string; readonly url: string } | null },
): Promise<void> {
  return markMade(work.db, {
    id,
    refId: ref?.id ?? null,
    refUrl: ref?.url ?? null,
    at: work.clock.now(),
  });
}

async function readTasks(work: Work, lane: Lane, ids: readonly string[]): Promise<FollowUpTask[]> {
  const followUps = await readFollowUps(work.db, ids);
  // Before the call, not after: a crash while it is under way must not lead to a second follow-up.
  await markOutcomeUnknown(work.db, lane, ids);
  return followUps.map(({ row, survey, answer, snapshot }) => {
    const owner = ownerOf(work.config.followUp, { snapshot, row });
    return {
      key: row.key,
      outcomeUnknown: row.outcome_unknown,
      caseId: survey.case_id,
      dueAt: row.due_at,
      ownerId: owner.id,
      teamId: row.owner_refused === null ? (snapshot.team?.id ?? null) : null,
      ...followUpText({
        caseNumber: snapshot.number,
        score: answer.score,
        kind: survey.kind,
        scale: survey.scale,
        comment: answer.comment,
        reasons: answer.reasons as string[],
        answeredAt: answer.answered_at,
        url: snapshot.url,
        namedOwner: owner.isOnlyNamed ? owner.name : null,
      }),
    };
  });
}

/** Drains the follow-ups of a connector that are due, tasks last: a case that cannot be opened again becomes one. */
export function followUp(work: Work, payload: { connector: string }): Promise<void> {
  return drainLanes(work, payload.connector, [reopenDrain, taskDrain]);
}
