import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import type { CaseAsk } from '../../../src/connector.ts';
import { PermanentError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { ask, askFor, closedCase, closedCases, fetchOne, repliesWith } from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'ask';
const needs = 'asking';

export const askCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: 'the customer reads every line of it on the case, umlauts, emoji and links among them',
    async run(stand) {
      const item = askFor(stand, await closedCase(stand));
      const before = await stand.sandbox.readCase(item.caseId);
      const outcomes = await ask(stand, stand.connect(), [item]);
      expect(outcomes.get(item.key)).toEqual({ key: item.key, result: 'done', ref: null });
      await expectAsked(stand, item);
      const { notes, score, comment } = await stand.sandbox.readCase(item.caseId);
      expect({ notes, score, comment }).toEqual({ notes: before.notes, score: null, comment: null });
    },
  },
  {
    method,
    needs,
    promise: 'the case stays closed, with its closing: it is neither a reopening nor a second closure',
    async run(stand) {
      const connector = stand.connect();
      const item = askFor(stand, await closedCase(stand));
      const before = await fetchOne(connector, item.caseId);
      stand.clock.advance(2 * MINUTE_MS);
      await ask(stand, connector, [item]);
      const { state, closedAt, flags, assignee } = await fetchOne(connector, item.caseId);
      expect({ state, closedAt, flags, assignee }).toEqual({
        state: 'closed',
        closedAt: before.closedAt,
        flags: before.flags,
        assignee: before.assignee,
      });
    },
  },
  {
    method,
    needs,
    promise: 'a requester without an address is asked, and mailed nothing',
    async run(stand) {
      const item = askFor(stand, await closedCase(stand, { requester: { name: 'Nameless', email: null } }));
      await ask(stand, stand.connect(), [item]);
      await expectAsked(stand, item);
      expect((await stand.sandbox.readCase(item.caseId)).mailsToCustomer).toBe(0);
    },
  },
  {
    method,
    needs,
    promise: 'of unknown outcome stands once, in one batch with new ones',
    async run(stand) {
      const [made, unmade, fresh] = (await closedCases(stand, 3)).map((id) => askFor(stand, id));
      if (!made || !unmade || !fresh) return expect.fail('the sandbox opened too few cases');
      await ask(stand, stand.connect(), [made]);
      const again = [made, unmade].map((item) => ({ ...item, outcomeUnknown: true }));
      const outcomes = await ask(stand, stand.connect(), [...again, fresh]);
      expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done', 'done']);
      await ask(stand, stand.connect(), again);
      for (const item of [made, unmade, fresh]) await expectAsked(stand, item);
    },
  },
  {
    method,
    needs,
    promise: 'a mark that begins like another is not taken for it',
    async run(stand) {
      const first = askFor(stand, await closedCase(stand));
      const longer = `${first.mark}abc`;
      await ask(stand, stand.connect(), [
        { ...first, mark: longer, text: first.text.replace(first.mark, longer) },
      ]);
      await ask(stand, stand.connect(), [{ ...first, outcomeUnknown: true }]);
      await expectAsked(stand, first);
    },
  },
  {
    method,
    needs,
    promise: 'locked cases are said to be so, alone and beside others, and get no reply',
    async run(stand) {
      for (const outcomeUnknown of [false, true]) {
        const [locked, good] = (await closedCases(stand, 2)).map((id) =>
          askFor(stand, id, { outcomeUnknown }),
        );
        if (!locked || !good) return expect.fail('the sandbox opened too few cases');
        await stand.sandbox.lockCase(locked.caseId);
        for (const batch of [[locked], [locked, { ...good, outcomeUnknown: true }]]) {
          const outcomes = await ask(stand, stand.connect(), batch);
          expect(outcomes.get(locked.key)).toEqual({ key: locked.key, result: 'locked' });
        }
        const { publicReplies } = await stand.sandbox.readCase(locked.caseId);
        expect(repliesWith(publicReplies, locked)).toBe(0);
        await expectAsked(stand, good);
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
        const bad = [deleted, '999999999', 'no-such-case', '', '../users'].map((id) =>
          askFor(stand, id, { outcomeUnknown }),
        );
        const good = askFor(stand, await closedCase(stand), { outcomeUnknown });
        const outcomes = await ask(stand, stand.connect(), [...bad, good]);
        for (const item of bad) {
          const outcome = outcomes.get(item.key);
          if (outcome?.result !== 'failed') return expect.fail(`${outcome?.result} for "${item.caseId}"`);
          expect(outcome.error).toBeInstanceOf(PermanentError);
          expectNothingTold(stand, [outcome.error]);
        }
        await expectAsked(stand, good);
      }
    },
  },
  {
    method,
    needs,
    promise: 'a full batch is asked in few calls, one outcome per item',
    async run(stand) {
      const connector = stand.connect();
      const items = (await closedCases(stand, connector.batchSize)).map((id) => askFor(stand, id));
      const requests = await stand.requestsDuring(() => ask(stand, connector, items));
      expect(requests.length).toBeLessThan(10);
      for (const item of items) await expectAsked(stand, item);
    },
  },
  {
    method,
    needs,
    promise: 'nothing to ask costs nothing',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(async () =>
        expect(await connector.askInCase?.([])).toEqual({ outcomes: [] }),
      );
      expect(requests).toEqual([]);
    },
  },
];

/** Fails unless the customer reads the ask exactly once on a case that is closed. */
async function expectAsked(stand: Stand, item: CaseAsk): Promise<void> {
  const { state, publicReplies } = await stand.sandbox.readCase(item.caseId);
  expect({ state, replies: repliesWith(publicReplies, item) }).toEqual({ state: 'closed', replies: 1 });
}
