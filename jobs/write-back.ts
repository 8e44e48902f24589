import { markLocked, markWritten, readWriteBacks } from '../src/store/write-backs.ts';
import { toWriteBack } from './answer-for-crm.ts';
import { type Drain, drainLanes } from './drain.ts';
import { lateFieldDrain, lateTicketDrain } from './late-answer.ts';
import type { Work } from './work.ts';

/**
 * Puts answers on case records. The same answer twice leaves the same record; a changed answer is due again. A late answer
 * that has a ticket of its own is written there like on any case.
 */
export const writeBackDrain: Drain = {
  lane: 'write-back',
  async send(work, connector, ids) {
    const due = await readWriteBacks(work.db, ids);
    return connector.writeBack(
      due.map((one) =>
        toWriteBack(work, one, { key: one.row.id, caseId: one.row.ref_id ?? one.survey.case_id }),
      ),
    );
  },
  done: (work, id) => markWritten(work.db, { id, ref: null, at: work.clock.now() }),
  locked: (work, id, connectorName) => {
    const late = work.config.connectors.get(connectorName)?.late ?? 'keep';
    return markLocked(work.db, { id, late: late === 'keep' ? null : late, at: work.clock.now() });
  },
};

/** Drains the write-backs of a connector that are due, late answers last: the first lane may turn an answer into one. */
export function writeBack(work: Work, payload: { connector: string }): Promise<void> {
  return drainLanes(work, payload.connector, [writeBackDrain, lateTicketDrain, lateFieldDrain]);
}
