import { expect } from 'vitest';
import { CaseloopError, PermanentError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { closedCase, closedCases, fetchOne, followUp, taskFor } from '../situations.ts';

const method = 'follow-up';

export const followUpCases: readonly ContractCase[] = [
  {
    method,
    promise: 'makes the task with its subject, due date, owner and team',
    async run(stand) {
      const connector = stand.connect();
      const { agent, team } = stand.subject.staff;
      const caseId = await closedCase(stand, { assignee: agent, team });
      const { assignee, team: group } = await fetchOne(connector, caseId);
      const task = taskFor(stand, caseId, { ownerId: assignee?.id ?? null, teamId: group?.id ?? null });
      const outcomes = await followUp(stand, connector, [task]);
      const [made, ...others] = await stand.sandbox.followUpsOf(caseId);
      expect(others).toEqual([]);
      expect(made).toMatchObject({ subject: task.subject, owner: agent });
      expect(new Date(made?.dueAt ?? '')).toEqual(task.dueAt);
      expect(outcomes.get(task.key)).toEqual({
        key: task.key,
        result: 'done',
        ref: { id: made?.id, url: made?.url },
      });
    },
  },
  {
    method,
    promise: 'is ours when it is fetched, and nobody from outside asks in it',
    async run(stand) {
      const connector = stand.connect();
      const caseId = await closedCase(stand);
      await followUp(stand, connector, [taskFor(stand, caseId)]);
      const [made] = await stand.sandbox.followUpsOf(caseId);
      // A CRM whose tasks are no cases of their own gives none.
      for (const snapshot of await connector.fetch([made?.id ?? ''])) {
        expect(snapshot.flags.ours).toBe(true);
        expect(snapshot.requester.isStaff).toBe(true);
      }
    },
  },
  {
    method,
    promise: 'never mails the customer and leaves the case as it was',
    async run(stand) {
      const caseId = await closedCase(stand);
      const before = await stand.sandbox.readCase(caseId);
      await followUp(stand, stand.connect(), [taskFor(stand, caseId)]);
      expect(await stand.sandbox.readCase(caseId)).toEqual(before);
    },
  },
  {
    method,
    promise: 'makes one per key, two for one case where it is asked for twice',
    async run(stand) {
      const [first, second] = await closedCases(stand, 2);
      if (!first || !second) return expect.fail('the sandbox opened too few cases');
      const tasks = [first, second, second].map((id) => taskFor(stand, id));
      const outcomes = await followUp(stand, stand.connect(), tasks);
      expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done', 'done']);
      expect(await stand.sandbox.followUpsOf(first)).toHaveLength(1);
      expect(await stand.sandbox.followUpsOf(second)).toHaveLength(2);
    },
  },
  {
    method,
    promise: 'of unknown outcome is found by its key or made, in one batch with new ones',
    async run(stand) {
      const [made, unmade, fresh] = (await closedCases(stand, 3)).map((id) => taskFor(stand, id));
      if (!made || !unmade || !fresh) return expect.fail('the sandbox opened too few cases');
      const first = await followUp(stand, stand.connect(), [made]);
      const again = [made, unmade].map((task) => ({ ...task, outcomeUnknown: true }));
      const outcomes = await followUp(stand, stand.connect(), [...again, fresh]);
      expect(outcomes.get(made.key)).toEqual(first.get(made.key));
      await followUp(stand, stand.connect(), again);
      for (const { caseId } of [made, unmade, fresh])
        expect(await stand.sandbox.followUpsOf(caseId)).toHaveLength(1);
    },
  },
  {
    method,
    promise: 'a key that begins like another is not taken for it',
    async run(stand) {
      const caseId = await closedCase(stand);
      const task = taskFor(stand, caseId);
      await followUp(stand, stand.connect(), [{ ...task, key: `${task.key}:ab` }]);
      const others = [`${task.key}:abc`, `${task.key}:a`].map((key) => ({
        ...task,
        key,
        outcomeUnknown: true,
      }));
      await followUp(stand, stand.connect(), others);
      expect(await stand.sandbox.followUpsOf(caseId)).toHaveLength(3);
    },
  },
  {
    method,
    promise: 'an owner whom the CRM does not know fails that task alone',
    async run(stand) {
      const [good, bad] = await closedCases(stand, 2);
      if (!good || !bad) return expect.fail('the sandbox opened too few cases');
      const tasks = [taskFor(stand, bad, { ownerId: '999999999' }), taskFor(stand, good)];
      const outcomes = await followUp(stand, stand.connect(), tasks);
      const [failed, done] = tasks.map(({ key }) => outcomes.get(key));
      expect(done?.result).toBe('done');
      if (failed?.result !== 'failed') return expect.fail('a task was made for an owner who is not there');
      expect(failed.error).toBeInstanceOf(PermanentError);
      expect(await stand.sandbox.followUpsOf(bad)).toEqual([]);
    },
  },
  {
    method,
    promise: 'a full batch is made in few calls; one more is refused whole or made whole',
    async run(stand) {
      const connector = stand.connect();
      const ids = await closedCases(stand, connector.batchSize + 1);
      const tasks = ids.map((id) => taskFor(stand, id));
      const requests = await stand.requestsDuring(() => followUp(stand, connector, tasks.slice(1)));
      expect(requests.length).toBeLessThan(10);
      for (const id of ids.slice(1)) expect(await stand.sandbox.followUpsOf(id)).toHaveLength(1);
      const more = ids.map((id) => taskFor(stand, id));
      const failure = await followUp(stand, connector, more).then(
        () => null,
        (error: unknown) => error,
      );
      await stand.stage.quiet();
      if (failure !== null) expect(failure).toBeInstanceOf(CaseloopError);
      const [first, second] = ids;
      const made = failure === null ? 1 : 0;
      expect(await stand.sandbox.followUpsOf(first ?? '')).toHaveLength(made);
      expect(await stand.sandbox.followUpsOf(second ?? '')).toHaveLength(1 + made);
    },
  },
  {
    method,
    promise: 'nothing to make costs nothing',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(async () =>
        expect(await connector.followUp([])).toEqual({ outcomes: [] }),
      );
      expect(requests).toEqual([]);
    },
  },
];
