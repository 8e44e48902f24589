import { expect } from 'vitest';
import type { LateAnswer } from '../../../src/connector.ts';
import { FIELD_TITLES } from '../../../src/domain/fields.ts';
import { PermanentError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { PLANTED_COMMENT } from '../planted.ts';
import { fetchOne, lateAnswer, lateAnswerFor, lockedCase, writeLate } from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'write-late';
const needs = 'late user fields';
const place = 'user-field';

export const lateFieldCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: `${place}: the answer stands on the person who asked, by key, and no record is made`,
    async run(stand) {
      const item = await lateAnswer(stand);
      const outcomes = await writeLate(stand, stand.connect(), [item], place);
      expect(outcomes.get(item.key)?.result).toBe('done');
      const person = await personOf(stand, item);
      expect(person).toMatchObject({ score: 2, level: 'low', comment: PLANTED_COMMENT });
      for (const reason of item.reasons) expect(person.reasons).toContain(reason);
      expect(new Date(String(person.answeredAt))).toEqual(item.answeredAt);
      expect(await stand.sandbox.followUpsOf(item.caseId)).toEqual([]);
    },
  },
  {
    method,
    needs,
    promise: `${place}: twice written is as once, in another process and of unknown outcome too`,
    async run(stand) {
      const connector = stand.connect();
      const item = await lateAnswer(stand);
      await writeLate(stand, connector, [item], place);
      const once = await personOf(stand, item);
      await writeLate(stand, connector, [item], place);
      await writeLate(stand, stand.connect(), [{ ...item, outcomeUnknown: true }], place);
      expect(await personOf(stand, item)).toEqual(once);
    },
  },
  {
    method,
    needs,
    promise: `${place}: a changed answer stands as if it had been the first, and clears what it does not say`,
    async run(stand) {
      const connector = stand.connect();
      const second = { score: 5, level: 'high', comment: null, reasons: [] } as const;
      const [changed, fresh] = [await lateAnswer(stand), { ...(await lateAnswer(stand)), ...second }];
      await writeLate(stand, connector, [changed], place);
      await writeLate(stand, connector, [{ ...changed, ...second }], place);
      await writeLate(stand, connector, [fresh], place);
      const person = await personOf(stand, changed);
      expect(person).toMatchObject({ score: 5, level: 'high', comment: null, reasons: null });
      expect(person).toEqual({ ...(await personOf(stand, fresh)), link: changed.link });
    },
  },
  {
    method,
    needs,
    promise: `${place}: of two answers of one person in a batch the later one stands, whatever their order`,
    async run(stand) {
      const early = { score: 1, answeredAt: new Date('2026-11-21T10:10:00Z') };
      const late = { score: 4, level: 'neutral', answeredAt: new Date('2026-11-21T10:20:00Z') } as const;
      for (const order of [
        [early, late],
        [late, early],
      ]) {
        const locked = await lockedCase(stand);
        const other = await lateAnswer(stand);
        const items = [...order.map((changes) => lateAnswerFor(stand, locked, changes)), other];
        const outcomes = await writeLate(stand, stand.connect(), items, place);
        expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done', 'done']);
        for (const item of items.slice(0, 2)) await expectOnPerson(stand, item, 4);
        await expectOnPerson(stand, other, 2);
      }
    },
  },
  {
    method,
    needs,
    promise: `${place}: an older answer that comes after a newer one is done and changes nothing`,
    async run(stand) {
      const locked = await lockedCase(stand);
      const newer = lateAnswerFor(stand, locked, { answeredAt: new Date('2026-11-21T10:40:00Z') });
      await writeLate(stand, stand.connect(), [newer], place);
      const before = await personOf(stand, newer);
      const older = lateAnswerFor(stand, locked, { score: 1, comment: null });
      const other = await lateAnswer(stand);
      for (const batch of [[older], [older, other]]) {
        const outcomes = await writeLate(stand, stand.connect(), batch, place);
        expect([...outcomes.values()].map(({ result }) => result)).toEqual(batch.map(() => 'done'));
        expect(await personOf(stand, newer)).toEqual(before);
      }
      await expectOnPerson(stand, other, 2);
    },
  },
  {
    method,
    needs,
    promise: `${place}: an answer without a person, and one of a person who is not there, fail alone`,
    async run(stand) {
      const [first, second] = [await lateAnswer(stand), await lateAnswer(stand)];
      for (const requesterId of [null, '999999999']) {
        const bad = { ...(await lateAnswer(stand)), requesterId };
        for (const batch of [[bad], [first, bad, second]]) {
          const outcomes = await writeLate(stand, stand.connect(), batch, place);
          const outcome = outcomes.get(bad.key);
          if (outcome?.result !== 'failed') return expect.fail(`${outcome?.result} for nobody`);
          expect(outcome.error).toBeInstanceOf(PermanentError);
        }
        await expectOnPerson(stand, bad, null);
      }
      for (const item of [first, second]) await expectOnPerson(stand, item, 2);
    },
  },
];

/** Fails unless the score stands on the person who asked in this answer's case; no answer at all for null. */
export async function expectOnPerson(stand: Stand, item: LateAnswer, score: number | null): Promise<void> {
  const person = await personOf(stand, item);
  expect(person.score).toBe(score);
  if (score !== null) expect(person).toMatchObject({ rating: item.rating, link: item.link });
}

/** What staff read in our fields on the person who asked. */
async function personOf(
  stand: Stand,
  { caseId }: LateAnswer,
): Promise<Readonly<Record<keyof typeof FIELD_TITLES, unknown>>> {
  const { email } = (await fetchOne(stand.connect(), caseId)).requester;
  const page = await (stand.sandbox.readPerson?.(email ?? '') ??
    expect.fail('the sandbox cannot read what stands on a person'));
  const read = (title: string): unknown => page[title] ?? null;
  return {
    score: read(FIELD_TITLES.score),
    rating: read(FIELD_TITLES.rating),
    level: read(FIELD_TITLES.level),
    comment: read(FIELD_TITLES.comment),
    reasons: read(FIELD_TITLES.reasons),
    answeredAt: read(FIELD_TITLES.answeredAt),
    link: read(FIELD_TITLES.link),
  };
}
