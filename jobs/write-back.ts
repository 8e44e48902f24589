import { levelOf } from '../src/domain/score.ts';
import { markWritten, readWriteBacks } from '../src/store/write-backs.ts';
import { type Drain, drainRows } from './drain.ts';
import type { Work } from './work.ts';

/** Puts answers on case records. The same answer twice leaves the same record; a changed answer is due again. */
export const writeBackDrain: Drain = {
  table: 'write_backs',
  kind: 'write-back',
  async send(work, connector, ids) {
    const { note, tag } = work.config.writeBack;
    const writeBacks = await readWriteBacks(work.db, ids);
    return connector.writeBack(
      writeBacks.map(({ row, survey, answer }) => ({
        key: row.id,
        caseId: survey.case_id,
        score: answer.score,
        level: levelOf(
          {
            scale: survey.scale,
            satisfiedFrom: survey.satisfied_from,
            followUpBelow: survey.follow_up_below,
          },
          answer.score,
        ),
        comment: answer.comment,
        reasons: answer.reasons as string[],
        answeredAt: answer.answered_at,
        note,
        tag,
      })),
    );
  },
  done: (work, id) => markWritten(work.db, { id, state: 'written', at: work.clock.now() }),
  locked: (work, id) => markWritten(work.db, { id, state: 'kept', at: work.clock.now() }),
};

/** Drains the write-backs of a connector that are due. */
export function writeBack(work: Work, payload: { connector: string }): Promise<void> {
  return drainRows(work, payload.connector, writeBackDrain);
}
