import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import type { FollowUpTask } from '../../../src/connector.ts';
import { PermanentError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import {
  answerFor,
  closedCase,
  closedCases,
  fetchOne,
  notesWith,
  openCase,
  reopen,
  taskFor,
  write,
} from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'reopen';
const needs = 'reopening';

export const reopenCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: 'opens the case with a private note of the task, by key',
    async run(stand) {
      const task = taskFor(stand, await closedCase(stand));
      const outcomes = await reopen(stand, stand.connect(), [task]);
      expect(outcomes.get(task.key)).toEqual({ key: task.key, result: 'done', ref: null });
      await expectOpen(stand, task);
    },
  },
  {
    method,
    needs,
    promise: 'mails nobody, makes no record and leaves the answer and the rest as they were',
    async run(stand) {
      const connector = stand.connect();
      const { agent, team } = stand.subject.staff;
      const caseId = await closedCase(stand, { assignee: agent, team, tags: ['vip'] });
      await write(stand, connector, [answerFor(caseId)]);
      const before = await stand.sandbox.readCase(caseId);
      const { assignee, team: group } = await fetchOne(connector, caseId);
      await reopen(stand, connector, [taskFor(stand, caseId)]);
      const after = await stand.sandbox.readCase(caseId);
      expect(after).toEqual({ ...before, state: 'open', notes: after.notes });
      expect(await stand.sandbox.followUpsOf(caseId)).toEqual([]);
      expect(await fetchOne(connector, caseId)).toMatchObject({ assignee, team: group });
    },
  },
  {
    method,
    needs,
    promise: 'gives the case to the owner and team of the task',
    async run(stand) {
      const connector = stand.connect();
      const { agent, colleague, team } = stand.subject.staff;
      const owned = await fetchOne(connector, await closedCase(stand, { assignee: agent, team }));
      const caseId = await closedCase(stand, { assignee: colleague });
      const task = taskFor(stand, caseId, {
        ownerId: owned.assignee?.id ?? null,
        teamId: owned.team?.id ?? null,
      });
      await reopen(stand, connector, [task]);
      const { assignee, team: group } = await fetchOne(connector, caseId);
      expect(assignee?.name).toBe(agent);
      expect({ assignee, team: group }).toEqual({ assignee: owned.assignee, team: owned.team });
    },
  },
  {
    method,
    needs,
    promise: 'is a reopening when it is fetched, and closed again a later closing',
    async run(stand) {
      const connector = stand.connect();
      const caseId = await closedCase(stand);
      const first = (await fetchOne(connector, caseId)).closedAt?.getTime() ?? 0;
      stand.clock.advance(MINUTE_MS);
      await reopen(stand, connector, [taskFor(stand, caseId)]);
      expect(await fetchOne(connector, caseId)).toMatchObject({ state: 'open', closedAt: null });
      stand.clock.advance(MINUTE_MS);
      await stand.sandbox.closeCase(caseId);
      expect((await fetchOne(connector, caseId)).closedAt?.getTime()).toBe(first + 2 * MINUTE_MS);
    },
  },
  {
    method,
    needs,
    promise: 'of unknown outcome notes once, in one batch with new ones',
    async run(stand) {
      const [made, unmade, fresh] = (await closedCases(stand, 3)).map((id) => taskFor(stand, id));
      if (!made || !unmade || !fresh) return expect.fail('the sandbox opened too few cases');
      await reopen(stand, stand.connect(), [made]);
      const again = [made, unmade].map((task) => ({ ...task, outcomeUnknown: true }));
      const outcomes = await reopen(stand, stand.connect(), [...again, fresh]);
      expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done', 'done']);
      await reopen(stand, stand.connect(), again);
      for (const task of [made, unmade, fresh]) await expectOpen(stand, task);
    },
  },
  {
    method,
    needs,
    promise: 'a case with the note that was closed again since is left as it is',
    async run(stand) {
      const connector = stand.connect();
      const task = taskFor(stand, await closedCase(stand));
      await reopen(stand, connector, [task]);
      await stand.sandbox.closeCase(task.caseId);
      const before = await stand.sandbox.readCase(task.caseId);
      const outcomes = await reopen(stand, connector, [{ ...task, outcomeUnknown: true }]);
      expect(outcomes.get(task.key)).toEqual({ key: task.key, result: 'done', ref: null });
      expect(await stand.sandbox.readCase(task.caseId)).toEqual(before);
      expect(before.state).toBe('closed');
    },
  },
  {
    method,
    needs,
    promise: 'a key that begins like another is not taken for it',
    async run(stand) {
      const connector = stand.connect();
      const task = taskFor(stand, await closedCase(stand));
      await reopen(stand, connector, [{ ...task, key: `${task.key}:ab` }]);
      for (const key of [`${task.key}:abc`, `${task.key}:a`]) {
        await stand.sandbox.closeCase(task.caseId);
        await reopen(stand, connector, [{ ...task, key, outcomeUnknown: true }]);
      }
      await expectOpen(stand, task, 3);
    },
  },
  {
    method,
    needs,
    promise: 'a case that is open already gets its note and stays open',
    async run(stand) {
      const task = taskFor(stand, await openCase(stand));
      const outcomes = await reopen(stand, stand.connect(), [task]);
      expect(outcomes.get(task.key)?.result).toBe('done');
      await expectOpen(stand, task);
    },
  },
  {
    method,
    needs,
    promise: 'two tasks for one case leave the text of both, and are known again by either key',
    async run(stand) {
      const caseId = await closedCase(stand);
      const tasks = ['the first', 'the second'].map((body) => taskFor(stand, caseId, { body }));
      for (const outcomeUnknown of [false, true]) {
        const batch = tasks.map((task) => ({ ...task, outcomeUnknown }));
        const outcomes = await reopen(stand, stand.connect(), batch);
        expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done']);
        for (const task of tasks) await expectOpen(stand, task);
      }
    },
  },
  {
    method,
    needs,
    promise: 'locked cases are said to be so, alone and beside others, and get no note',
    async run(stand) {
      for (const outcomeUnknown of [false, true]) {
        const [locked, good] = (await closedCases(stand, 2)).map((id) =>
          taskFor(stand, id, { outcomeUnknown }),
        );
        if (!locked || !good) return expect.fail('the sandbox opened too few cases');
        await stand.sandbox.lockCase(locked.caseId);
        for (const batch of [[locked], [locked, good]]) {
          const outcomes = await reopen(stand, stand.connect(), batch);
          expect(outcomes.get(locked.key)).toEqual({ key: locked.key, result: 'locked' });
        }
        expect(await stand.sandbox.readCase(locked.caseId)).toMatchObject({ state: 'locked', notes: [] });
        await expectOpen(stand, good);
      }
    },
  },
  {
    method,
    needs,
    promise: 'deleted, unknown and impossible cases fail for good, and do not spoil their neighbours',
    async run(stand) {
      const deleted = await closedCase(stand);
      await stand.stage.deleteCase(deleted);
      for (const outcomeUnknown of [false, true]) {
        const bad = [deleted, '999999999', 'no-such-case', '', '../users', '12 OR 1=1'].map((id) =>
          taskFor(stand, id, { outcomeUnknown }),
        );
        const [first, last] = (await closedCases(stand, 2)).map((id) =>
          taskFor(stand, id, { outcomeUnknown }),
        );
        if (!first || !last) return expect.fail('the sandbox opened too few cases');
        for (const batch of [[first, ...bad, last], ...bad.map((task) => [task])]) {
          const outcomes = await reopen(stand, stand.connect(), batch);
          for (const task of batch.filter((one) => bad.includes(one))) {
            const outcome = outcomes.get(task.key);
            if (outcome?.result !== 'failed') return expect.fail(`${outcome?.result} for "${task.caseId}"`);
            expect(outcome.error).toBeInstanceOf(PermanentError);
            expectNothingTold(stand, [outcome.error]);
          }
        }
        for (const task of [first, last]) await expectOpen(stand, task);
      }
    },
  },
  {
    method,
    needs,
    promise: 'an owner whom the CRM does not know fails that task alone, and its case stays closed',
    async run(stand) {
      const [good, bad] = await closedCases(stand, 2);
      if (!good || !bad) return expect.fail('the sandbox opened too few cases');
      const tasks = [taskFor(stand, bad, { ownerId: '999999999' }), taskFor(stand, good)];
      const outcomes = await reopen(stand, stand.connect(), tasks);
      const [failed, done] = tasks.map(({ key }) => outcomes.get(key));
      expect(done?.result).toBe('done');
      if (failed?.result !== 'failed') return expect.fail('a case was opened for an owner who is not there');
      expect(failed.error).toBeInstanceOf(PermanentError);
      expect(await stand.sandbox.readCase(bad)).toMatchObject({ state: 'closed', notes: [] });
    },
  },
  {
    method,
    needs,
    promise: 'a full batch is opened in few calls; one more is refused whole or opened whole',
    async run(stand) {
      const connector = stand.connect();
      const tasks = (await closedCases(stand, connector.batchSize)).map((id) => taskFor(stand, id));
      const requests = await stand.requestsDuring(() => reopen(stand, connector, tasks));
      expect(requests.length).toBeLessThan(10);
      for (const task of tasks) await expectOpen(stand, task);
      const more = (await closedCases(stand, connector.batchSize + 1)).map((id) => taskFor(stand, id));
      const failure = await reopen(stand, connector, more).then(
        () => null,
        (error: unknown) => error,
      );
      await stand.stage.quiet();
      if (failure !== null) expect(failure).toBeInstanceOf(PermanentError);
      for (const task of more) {
        if (failure === null) await expectOpen(stand, task);
        else expect((await stand.sandbox.readCase(task.caseId)).state).toBe('closed');
      }
    },
  },
  {
    method,
    needs,
    promise: 'nothing to open costs nothing',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(async () =>
        expect(await connector.reopen?.([])).toEqual({ outcomes: [] }),
      );
      expect(requests).toEqual([]);
    },
  },
];

/** Fails unless the case is open with the task's text in exactly so many private notes, and nobody was mailed. */
async function expectOpen(stand: Stand, task: FollowUpTask, times = 1): Promise<void> {
  const { state, notes, mailsToCustomer } = await stand.sandbox.readCase(task.caseId);
  expect({ state, notes: notesWith(notes, task), mailsToCustomer }).toEqual({
    state: 'open',
    notes: times,
    mailsToCustomer: 0,
  });
}
