import type { LatePlace } from '../src/connector.ts';
import { lateAnswerText } from '../src/domain/late-answer.ts';
import { ConfigError } from '../src/errors.ts';
import { markOutcomeUnknown } from '../src/store/due-rows.ts';
import type { Lane } from '../src/store/tables.ts';
import {
  leaveOpen,
  markLocked,
  markWritten,
  readLateAnswers,
  rowsOfLateKeys,
} from '../src/store/write-backs.ts';
import { toWriteBack } from './answer-for-crm.ts';
import type { Drain } from './drain.ts';

/** Makes a follow-up ticket for each answer whose case is closed for good. */
export const lateTicketDrain: Drain = lateDrain('late-follow-up-ticket', 'follow-up-ticket');

/** Puts answers whose case is closed for good on the person who asked for help. */
export const lateFieldDrain: Drain = lateDrain('late-user-field', 'user-field');

function lateDrain(lane: Lane, place: LatePlace): Drain {
  return {
    lane,
    async send(work, connector, ids) {
      if (connector.writeLate === undefined) {
        throw new ConfigError(
          `late: this connector has no ${place}, and ${ids.length} answers are meant for it.`,
          {
            fix: 'Set late to keep; the answers that are here stay here.',
          },
        );
      }
      const due = await readLateAnswers(work.db, ids);
      // Before the call, not after: a crash while it is under way must not lead to a second ticket.
      await markOutcomeUnknown(work.db, lane, ids);
      return connector.writeLate(
        due.map((one) => ({
          ...toWriteBack(work, one, { key: one.key, caseId: one.survey.case_id }),
          outcomeUnknown: one.row.outcome_unknown,
          requesterId: one.snapshot.requester.id,
          leaveOpen: one.row.leave_open,
          ...lateAnswerText({ caseNumber: one.snapshot.number, url: one.snapshot.url }),
        })),
        place,
      );
    },
    rowIds: (work, ids) => rowsOfLateKeys(work.db, ids),
    done: (work, id, outcome) => markWritten(work.db, { id, ref: outcome.ref, at: work.clock.now() }),
    refused: (work, id) => leaveOpen(work.db, { id, place, at: work.clock.now() }),
    locked: (work, id) => markLocked(work.db, { id, late: null, at: work.clock.now() }),
  };
}
