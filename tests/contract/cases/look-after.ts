import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import type { RecoveryLook } from '../../../src/connector.ts';
import type { ContractCase } from '../contract-case.ts';
import {
  ask,
  askFor,
  closedCase,
  closedCases,
  followUp,
  lookAfter,
  lowScore,
  taskFor,
} from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'look-after';
const UNANSWERED = { repliedAt: null, taskDoneAt: null };

export const lookAfterCases: readonly ContractCase[] = [
  {
    method,
    promise: 'tells when somebody on our side first answered in public after the score, and not before it',
    async run(stand) {
      const item = await lowScore(stand);
      expect(await lookOne(stand, item)).toEqual({ key: item.key, ...UNANSWERED });
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.replyInPublic(item.caseId);
      stand.clock.advance(MINUTE_MS);
      await stand.sandbox.replyInPublic(item.caseId);
      const state = await lookOne(stand, item);
      expect(state.taskDoneAt).toBeNull();
      expectAbout(state.repliedAt, at);
    },
  },
  {
    method,
    promise: 'an answer counts whoever on our side gave it, and after it the customer may go on writing',
    async run(stand) {
      const item = await lowScore(stand, { assignee: stand.subject.staff.agent });
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.replyInPublic(item.caseId, { by: stand.subject.staff.colleague });
      stand.clock.advance(MINUTE_MS);
      await stand.sandbox.replyAsCustomer(item.caseId);
      await stand.sandbox.noteInPrivate(item.caseId);
      expectAbout((await lookOne(stand, item)).repliedAt, at);
    },
  },
  {
    method,
    promise: "the customer's own words and private notes are no answer, and hide none",
    async run(stand) {
      const item = await lowScore(stand);
      await stand.sandbox.replyAsCustomer(item.caseId);
      await stand.sandbox.noteInPrivate(item.caseId);
      expect(await lookOne(stand, item)).toEqual({ key: item.key, ...UNANSWERED });
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.replyInPublic(item.caseId);
      expectAbout((await lookOne(stand, item)).repliedAt, at);
    },
  },
  {
    method,
    promise: 'a survey that we put on the case is no answer, and hides none',
    needs: 'asking',
    async run(stand) {
      const item = await lowScore(stand);
      await ask(stand, stand.connect(), [askFor(stand, item.caseId)]);
      expect(await lookOne(stand, item)).toEqual({ key: item.key, ...UNANSWERED });
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.replyInPublic(item.caseId);
      stand.clock.advance(MINUTE_MS);
      await ask(stand, stand.connect(), [askFor(stand, item.caseId)]);
      expectAbout((await lookOne(stand, item)).repliedAt, at);
    },
  },
  {
    method,
    promise: 'tells when the task was done, and not before',
    async run(stand) {
      const scored = await lowScore(stand);
      const task = taskFor(stand, scored.caseId);
      await followUp(stand, stand.connect(), [task]);
      const [made] = await stand.sandbox.followUpsOf(scored.caseId);
      const item = { ...scored, taskId: made?.id ?? expect.fail('there is no task') };
      expect(await lookOne(stand, item)).toEqual({ key: item.key, ...UNANSWERED });
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.finishTask(item.taskId);
      const state = await lookOne(stand, item);
      expect(state.repliedAt).toBeNull();
      expectAbout(state.taskDoneAt, at);
      // A task that a person finished is no closing of a customer's case.
      for (const { flags } of await stand.connect().fetch([item.taskId])) expect(flags.ours).toBe(true);
    },
  },
  {
    method,
    promise: 'two scores of one case are told apart by when they were given',
    async run(stand) {
      const first = await lowScore(stand);
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.replyInPublic(first.caseId);
      stand.clock.advance(MINUTE_MS);
      const second = { ...first, key: `${first.key}/2`, since: stand.clock.now() };
      const states = await lookAfter(stand.connect(), [second, first]);
      expect(states.get(second.key)).toEqual({ key: second.key, ...UNANSWERED });
      expectAbout(states.get(first.key)?.repliedAt ?? null, at);
    },
  },
  {
    method,
    promise:
      'cases and tasks that are gone or impossible are not answered, and do not spoil their neighbours',
    async run(stand) {
      const [deleted, good] = [await lowScore(stand), await lowScore(stand)];
      await stand.sandbox.replyInPublic(deleted.caseId);
      await stand.stage.deleteCase(deleted.caseId);
      stand.clock.advance(MINUTE_MS);
      const at = stand.clock.now();
      await stand.sandbox.replyInPublic(good.caseId);
      const wrong = ['999999999', 'no-such-case', '', "1' OR '1'='1", '../users/me'];
      const bad = wrong.map((id) => ({ ...good, key: `bad ${id}`, caseId: id, taskId: id }));
      const states = await lookAfter(stand.connect(), [...bad, { ...good, taskId: '999999998' }]);
      for (const { key } of bad) expect(states.get(key)).toEqual({ key, ...UNANSWERED });
      expectAbout(states.get(good.key)?.repliedAt ?? null, at);
      expect(states.get(good.key)?.taskDoneAt).toBeNull();
      // Whether the answer to a case that was deleted counts is the CRM's to tell; the look must not fail.
      await lookAfter(stand.connect(), [deleted, good]);
    },
  },
  {
    method,
    promise: 'a full batch costs few calls, and one more for each case on which something was said',
    async run(stand) {
      const connector = stand.connect();
      const ids = await closedCases(stand, connector.batchSize);
      stand.clock.advance(MINUTE_MS);
      const since = stand.clock.now();
      const items = ids.map((caseId, at) => ({ key: String(at), caseId, since, taskId: null }));
      // A token that ends by itself just now would be renewed on the way.
      await connector.fetch(ids.slice(0, 1));
      const quiet = await stand.requestsDuring(async () => {
        const states = await lookAfter(connector, items);
        for (const { key } of items) expect(states.get(key)).toEqual({ key, ...UNANSWERED });
      });
      expect(quiet.length).toBeLessThan(4);
      stand.clock.advance(MINUTE_MS);
      for (const caseId of ids.slice(0, 3)) await stand.sandbox.replyInPublic(caseId);
      const busy = await stand.requestsDuring(async () => {
        const states = await lookAfter(connector, items);
        const replied = items.filter(({ key }) => states.get(key)?.repliedAt != null);
        expect(replied.map(({ caseId }) => caseId)).toEqual(ids.slice(0, 3));
      });
      expect(busy.length).toBeLessThanOrEqual(quiet.length + 4);
    },
  },
  {
    method,
    promise: 'only reads, and asks nothing about nothing',
    async run(stand) {
      const item = await lowScore(stand);
      const before = await stand.sandbox.readCase(item.caseId);
      const requests = await stand.requestsDuring(() => lookAfter(stand.connect(), [item]));
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
      expect(await stand.sandbox.readCase(item.caseId)).toEqual(before);
      const none = await stand.requestsDuring(() => lookAfter(stand.connect(), []));
      expect(none).toEqual([]);
    },
  },
  {
    method,
    promise: 'a case closed for good on which nobody answered is no answer',
    async run(stand) {
      const caseId = await closedCase(stand);
      await stand.sandbox.lockCase(caseId);
      stand.clock.advance(MINUTE_MS);
      const item = { key: caseId, caseId, since: stand.clock.now(), taskId: null };
      expect(await lookOne(stand, item)).toEqual({ key: item.key, ...UNANSWERED });
    },
  },
];

async function lookOne(stand: Stand, item: RecoveryLook) {
  const state = (await lookAfter(stand.connect(), [item])).get(item.key);
  return state ?? expect.fail('there is no state');
}

/** CRMs keep instants to the second or to the millisecond. */
function expectAbout(told: Date | null, at: Date): void {
  expect(Math.floor((told?.getTime() ?? 0) / 1_000)).toBe(Math.floor(at.getTime() / 1_000));
}
