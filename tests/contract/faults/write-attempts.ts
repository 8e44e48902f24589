import { expect } from 'vitest';
import type { Connector, LateAnswer, LatePlace } from '../../../src/connector.ts';
import { expectOnPerson } from '../cases/write-late-field.ts';
import { expectOnRecord } from '../cases/write-late-ticket.ts';
import { PLANTED_COMMENT } from '../planted.ts';
import {
  answerFor,
  ask,
  askFor,
  closedCase,
  followUp,
  lateAnswer,
  notesWith,
  reopen,
  repliesWith,
  taskFor,
  writeLate,
} from '../situations.ts';
import { type Attempt, type Came, cameTo } from './attempt.ts';

/** What writes on the CRM. Here a fault may leave it unknown whether the write took effect. */
export const writeAttempts: readonly Attempt[] = [
  {
    method: 'write-back',
    situation: 'a closed case',
    async prepare(stand) {
      const caseId = await closedCase(stand, { tags: ['vip'] });
      const before = await stand.sandbox.readCase(caseId);
      const item = answerFor(caseId);
      return {
        call: async (connector) => cameTo(await connector.writeBack([item]), item.key),
        async expectRight() {
          const { tags, ...record } = await stand.sandbox.readCase(caseId);
          const { state, mailsToCustomer, notes } = before;
          expect(record).toMatchObject({ state, mailsToCustomer, notes, score: 2, comment: PLANTED_COMMENT });
          expect(tags).toEqual([...new Set(tags)]);
          expect(tags).toEqual(expect.arrayContaining([...before.tags]));
        },
      };
    },
  },
  {
    method: 'write-late',
    situation: 'a record to be made',
    needs: 'late follow-up tickets',
    async prepare(stand) {
      const item = await lateAnswer(stand);
      const before = await stand.sandbox.readCase(item.caseId);
      return {
        call: (connector, again) =>
          callLate(connector, { ...item, outcomeUnknown: again }, 'follow-up-ticket'),
        async expectRight() {
          await expectOnRecord(stand, item, 2);
          expect(await stand.sandbox.readCase(item.caseId)).toEqual(before);
        },
      };
    },
  },
  {
    method: 'write-late',
    situation: 'a record that is there',
    needs: 'late follow-up tickets',
    async prepare(stand) {
      const item = { ...(await lateAnswer(stand)), outcomeUnknown: true };
      await writeLate(stand, stand.connect(), [item], 'follow-up-ticket');
      return {
        call: (connector) => callLate(connector, item, 'follow-up-ticket'),
        expectRight: () => expectOnRecord(stand, item, 2),
      };
    },
  },
  {
    method: 'write-late',
    situation: 'fields on the person',
    needs: 'late user fields',
    async prepare(stand) {
      const item = await lateAnswer(stand);
      const before = await stand.sandbox.readCase(item.caseId);
      return {
        call: (connector, again) => callLate(connector, { ...item, outcomeUnknown: again }, 'user-field'),
        async expectRight() {
          await expectOnPerson(stand, item, 2);
          expect(await stand.sandbox.readCase(item.caseId)).toEqual(before);
        },
      };
    },
  },
  {
    method: 'reopen',
    situation: 'a closed case',
    needs: 'reopening',
    async prepare(stand) {
      const task = taskFor(stand, await closedCase(stand));
      const before = await stand.sandbox.readCase(task.caseId);
      return {
        call: (connector, again) => callReopen(connector, { ...task, outcomeUnknown: again }),
        async expectRight() {
          const { notes, ...record } = await stand.sandbox.readCase(task.caseId);
          expect({ ...record, notes: notesWith(notes, task) }).toEqual({
            ...before,
            state: 'open',
            notes: 1,
          });
        },
      };
    },
  },
  {
    method: 'reopen',
    situation: 'closed again since',
    needs: 'reopening',
    async prepare(stand) {
      const task = taskFor(stand, await closedCase(stand), { outcomeUnknown: true });
      await reopen(stand, stand.connect(), [task]);
      await stand.sandbox.closeCase(task.caseId);
      const before = await stand.sandbox.readCase(task.caseId);
      return {
        call: (connector) => callReopen(connector, task),
        expectRight: async () => expect(await stand.sandbox.readCase(task.caseId)).toEqual(before),
      };
    },
  },
  {
    method: 'ask',
    situation: 'a closed case',
    needs: 'asking',
    async prepare(stand) {
      const item = askFor(stand, await closedCase(stand));
      const before = await stand.sandbox.readCase(item.caseId);
      return {
        call: (connector, again) => callAsk(connector, { ...item, outcomeUnknown: again }),
        async expectRight() {
          const { publicReplies, notes, state } = await stand.sandbox.readCase(item.caseId);
          expect({ notes, state, replies: repliesWith(publicReplies, item) }).toEqual({
            notes: before.notes,
            state: before.state,
            replies: 1,
          });
        },
      };
    },
  },
  {
    method: 'ask',
    situation: 'asked already',
    needs: 'asking',
    async prepare(stand) {
      const item = askFor(stand, await closedCase(stand), { outcomeUnknown: true });
      await ask(stand, stand.connect(), [item]);
      const before = await stand.sandbox.readCase(item.caseId);
      return {
        call: (connector) => callAsk(connector, item),
        expectRight: async () => expect(await stand.sandbox.readCase(item.caseId)).toEqual(before),
      };
    },
  },
  {
    method: 'follow-up',
    situation: 'a task to be made',
    async prepare(stand) {
      const caseId = await closedCase(stand);
      const before = await stand.sandbox.readCase(caseId);
      const task = taskFor(stand, caseId);
      return {
        call: async (connector, again) =>
          cameTo(await connector.followUp([{ ...task, outcomeUnknown: again }]), task.key),
        async expectRight() {
          expect(await stand.sandbox.followUpsOf(caseId)).toHaveLength(1);
          expect(await stand.sandbox.readCase(caseId)).toEqual(before);
        },
      };
    },
  },
  {
    method: 'follow-up',
    situation: 'a task that is there',
    async prepare(stand) {
      const caseId = await closedCase(stand);
      const task = { ...taskFor(stand, caseId), outcomeUnknown: true };
      await followUp(stand, stand.connect(), [task]);
      return {
        call: async (connector) => cameTo(await connector.followUp([task]), task.key),
        expectRight: async () => expect(await stand.sandbox.followUpsOf(caseId)).toHaveLength(1),
      };
    },
  },
];

async function callLate(connector: Connector, item: LateAnswer, place: LatePlace): Promise<Came> {
  const receipt = await (connector.writeLate?.([item], place) ?? expect.fail('there is no writeLate'));
  return cameTo(receipt, item.key);
}

async function callReopen(connector: Connector, task: ReturnType<typeof taskFor>): Promise<Came> {
  return cameTo(await (connector.reopen?.([task]) ?? expect.fail('there is no reopen')), task.key);
}

async function callAsk(connector: Connector, item: ReturnType<typeof askFor>): Promise<Came> {
  return cameTo(await (connector.askInCase?.([item]) ?? expect.fail('there is no askInCase')), item.key);
}
