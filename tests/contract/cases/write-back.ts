import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { type CaseloopError, ConfigError, PermanentError } from '../../../src/errors.ts';
import type { SandboxCase } from '../../../src/sandbox.ts';
import { MOST_COMMENT_CHARACTERS } from '../../../src/web/answer-form.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold, PLANTED_COMMENT } from '../planted.ts';
import { answerFor, closedCase, closedCases, failureOf, fetchOne, openCase, write } from '../situations.ts';
import { openStand, type Stand } from '../stand.ts';

const method = 'write-back';

export const writeBackCases: readonly ContractCase[] = [
  {
    method,
    promise: 'the answer stands on the case, by key',
    async run(stand) {
      const caseId = await closedCase(stand);
      const item = answerFor(caseId);
      const outcomes = await write(stand, stand.connect(), [item]);
      expect(outcomes.get(item.key)).toEqual({ key: item.key, result: 'done', ref: null });
      const { rating, link } = item;
      await expectAnswer(stand, caseId, { score: 2, rating, level: 'low', comment: PLANTED_COMMENT, link });
      const { reasons, answeredAt } = await stand.sandbox.readCase(caseId);
      for (const reason of item.reasons) expect(reasons).toContain(reason);
      expect(new Date(answeredAt ?? '')).toEqual(item.answeredAt);
    },
  },
  {
    method,
    promise: 'twice written is as once',
    async run(stand) {
      const connector = stand.connect();
      const caseId = await closedCase(stand);
      await write(stand, connector, [answerFor(caseId)]);
      const once = await stand.sandbox.readCase(caseId);
      stand.clock.advance(MINUTE_MS);
      await write(stand, connector, [answerFor(caseId)]);
      await write(stand, stand.connect(), [answerFor(caseId)]);
      expect(await stand.sandbox.readCase(caseId)).toEqual(once);
    },
  },
  {
    method,
    promise: 'a changed answer stands as if it had been the first, and clears what it does not say',
    async run(stand) {
      const connector = stand.connect();
      const [changed, fresh] = await closedCases(stand, 2);
      if (!changed || !fresh) return expect.fail('the sandbox opened too few cases');
      const second = { score: 5, level: 'high', comment: null, reasons: [] } as const;
      await write(stand, connector, [answerFor(changed)]);
      await write(stand, connector, [answerFor(changed, second)]);
      await write(stand, connector, [answerFor(fresh, second)]);
      const record = await stand.sandbox.readCase(changed);
      expect(record).toMatchObject({ score: 5, level: 'high', comment: null, reasons: null });
      const { link } = answerFor(changed);
      expect(record).toEqual({ ...(await stand.sandbox.readCase(fresh)), caseId: changed, link });
    },
  },
  {
    method,
    promise: 'long, many-tongued and marked-up comments survive',
    async run(stand) {
      const comments = [
        'Ünïcødé 中文 עברית ไทย 👩‍👩‍👧 e\u0301 \u00a0\u2028',
        'two\nlines\n\n\tand a tab, "quotes", \\ and %7B%7B',
        '<b>bold</b><script>alert(1)</script>&amp; <!-- x --> {{ticket.id}} {% raw %}',
        '=1+1',
        '👍'.repeat(MOST_COMMENT_CHARACTERS),
      ];
      const ids = await closedCases(stand, comments.length);
      const items = ids.map((id, at) => answerFor(id, { comment: comments[at] ?? null }));
      await write(stand, stand.connect(), items);
      for (const [at, id] of ids.entries())
        expect((await stand.sandbox.readCase(id)).comment).toBe(comments[at]);
    },
  },
  {
    method,
    promise: 'never mails the customer, changes no status, keeps the tags and makes no closing',
    async run(stand) {
      const connector = stand.connect();
      const [open, closed] = [
        await openCase(stand, { tags: ['vip'] }),
        await closedCase(stand, { tags: ['vip'] }),
      ];
      const before = await Promise.all([open, closed].map((id) => stand.sandbox.readCase(id)));
      const closedAt = (await fetchOne(connector, closed)).closedAt;
      stand.clock.advance(MINUTE_MS);
      for (const score of [1, 5]) {
        const level = score === 1 ? 'low' : 'high';
        const items = [open, closed].map((id) => answerFor(id, { score, level, note: true, tag: true }));
        await write(stand, connector, items);
      }
      for (const { caseId, state, mailsToCustomer, tags } of before) {
        const after = await stand.sandbox.readCase(caseId);
        expect(after).toMatchObject({ state, mailsToCustomer, score: 5 });
        expect(after.tags).toEqual(expect.arrayContaining([...tags]));
        expect(new Set(after.tags).size).toBe(after.tags.length);
      }
      expect((await fetchOne(connector, closed)).closedAt).toEqual(closedAt);
    },
  },
  {
    method,
    promise: 'a full batch is written in few calls, with one outcome per item',
    async run(stand) {
      const connector = stand.connect();
      const ids = await closedCases(stand, connector.batchSize);
      const requests = await stand.requestsDuring(async () => {
        const outcomes = await write(
          stand,
          connector,
          ids.map((id) => answerFor(id)),
        );
        expect([...outcomes.values()].filter(({ result }) => result !== 'done')).toEqual([]);
      });
      expect(requests.length).toBeLessThan(10);
      for (const id of ids) await expectAnswer(stand, id, { score: 2 });
    },
  },
  {
    method,
    promise: 'one more than a batch is refused whole or written whole',
    async run(stand) {
      const connector = stand.connect();
      const ids = await closedCases(stand, connector.batchSize + 1);
      const failure = await write(
        stand,
        connector,
        ids.map((id) => answerFor(id)),
      ).then(
        () => null,
        (error: unknown) => error,
      );
      await stand.stage.quiet();
      if (failure !== null) expect(failure).toBeInstanceOf(PermanentError);
      for (const id of ids)
        expect((await stand.sandbox.readCase(id)).score).toBe(failure === null ? 2 : null);
    },
  },
  {
    method,
    promise: 'of two answers to one case in a batch the later one stands, whatever their order',
    async run(stand) {
      const early = { key: 'early', score: 1, answeredAt: new Date('2026-11-21T10:10:00Z') };
      const late = {
        key: 'late',
        score: 4,
        level: 'neutral',
        answeredAt: new Date('2026-11-21T10:20:00Z'),
      } as const;
      for (const order of [
        [early, late],
        [late, early],
      ]) {
        const caseId = await closedCase(stand);
        const other = await closedCase(stand);
        const items = [...order.map((changes) => answerFor(caseId, changes)), answerFor(other)];
        const outcomes = await write(stand, stand.connect(), items);
        expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done', 'done']);
        await expectAnswer(stand, caseId, { score: 4, level: 'neutral' });
      }
    },
  },
  {
    method,
    promise: 'good, locked, deleted and unknown cases each have their own outcome',
    async run(stand) {
      const [good, locked, deleted, alsoGood] = await closedCases(stand, 4);
      if (!good || !locked || !deleted || !alsoGood) return expect.fail('the sandbox opened too few cases');
      await stand.sandbox.lockCase(locked);
      await stand.stage.deleteCase(deleted);
      const items = [locked, good, deleted, '999999999', alsoGood].map((id) => answerFor(id, { key: id }));
      const outcomes = await write(stand, stand.connect(), items);
      for (const id of [good, alsoGood]) {
        expect(outcomes.get(id)?.result).toBe('done');
        await expectAnswer(stand, id, { score: 2 });
      }
      expect(outcomes.get(locked)).toEqual({ key: locked, result: 'locked' });
      for (const id of [deleted, '999999999']) {
        const outcome = outcomes.get(id);
        if (outcome?.result !== 'failed')
          return expect.fail(`${outcome?.result} for a case that is not there`);
        expect(outcome.error).toBeInstanceOf(PermanentError);
        expectNothingTold(stand, [outcome.error]);
      }
    },
  },
  {
    method,
    promise: 'a batch of locked cases alone is locked, and one locked case too',
    async run(stand) {
      const ids = await closedCases(stand, 2);
      for (const id of ids) await stand.sandbox.lockCase(id);
      for (const batch of [ids, ids.slice(1)]) {
        const outcomes = await write(
          stand,
          stand.connect(),
          batch.map((id) => answerFor(id)),
        );
        expect([...outcomes.values()].map(({ result }) => result)).toEqual(batch.map(() => 'locked'));
      }
    },
  },
  {
    method,
    promise: 'an id that no case can have fails for good',
    async run(stand) {
      for (const caseId of ['no-such-case', '', '../users', '12 OR 1=1']) {
        const item = answerFor(caseId);
        const error = await write(stand, stand.connect(), [item]).then(
          (outcomes) => {
            const outcome = outcomes.get(item.key);
            return outcome?.result === 'failed' ? outcome.error : null;
          },
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(PermanentError);
      }
    },
  },
  {
    method,
    promise: 'nothing to write costs nothing',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(async () =>
        expect(await connector.writeBack([])).toEqual({ outcomes: [] }),
      );
      expect(requests).toEqual([]);
    },
  },
  {
    method,
    promise: 'without its fields it is a ConfigError with a fix, and works once they are made',
    async run({ type, subject }) {
      await using bare = await openStand(type, subject, { provisioned: false });
      const connector = bare.connect();
      const caseId = await closedCase(bare);
      const error = await failureOf(connector.writeBack([answerFor(caseId)]));
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as CaseloopError).fix).not.toBeNull();
      await connector.provision('apply');
      await write(bare, connector, [answerFor(caseId)]);
      await expectAnswer(bare, caseId, { score: 2 });
    },
  },
];

async function expectAnswer(stand: Stand, caseId: string, answer: Partial<SandboxCase>): Promise<void> {
  expect(await stand.sandbox.readCase(caseId)).toMatchObject({ ...answer, caseId });
}
