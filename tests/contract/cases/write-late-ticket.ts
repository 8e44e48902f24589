import { expect } from 'vitest';
import type { LateAnswer, Outcome, RecordRef } from '../../../src/connector.ts';
import type { ContractCase } from '../contract-case.ts';
import { PLANTED_COMMENT } from '../planted.ts';
import {
  answerFor,
  fetchOne,
  lateAnswer,
  lateAnswerFor,
  lockedCase,
  write,
  writeLate,
} from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'write-late';
const needs = 'late follow-up tickets';
const place = 'follow-up-ticket';

export const lateTicketCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: `${place}: the answer stands on a record made for it, by key`,
    async run(stand) {
      const item = await lateAnswer(stand);
      const outcomes = await writeLate(stand, stand.connect(), [item], place);
      const [record, ...others] = await stand.sandbox.followUpsOf(item.caseId);
      expect(others).toEqual([]);
      expect(record?.subject).toBe(item.subject);
      const ref = { id: record?.id, url: record?.url };
      expect(outcomes.get(item.key)).toEqual({ key: item.key, result: 'done', ref });
      const read = await stand.sandbox.readCase(record?.id ?? '');
      expect(read).toMatchObject({ score: 2, level: 'low', comment: PLANTED_COMMENT, mailsToCustomer: 0 });
      for (const reason of item.reasons) expect(read.reasons).toContain(reason);
      expect(new Date(read.answeredAt ?? '')).toEqual(item.answeredAt);
    },
  },
  {
    method,
    needs,
    promise: `${place}: the record counts as ours, and the customer does not ask in it`,
    async run(stand) {
      const connector = stand.connect();
      const locked = await lockedCase(stand);
      const { id } = await makeRecord(stand, lateAnswerFor(stand, locked));
      const { flags, requester } = await fetchOne(connector, id);
      expect(flags.ours).toBe(true);
      expect(requester.email).not.toBe(locked.requester.email);
      expect(requester.id).not.toBe(locked.requester.id);
    },
  },
  {
    method,
    needs,
    promise: `${place}: the record is finished from the start, and left open where that is asked for`,
    async run(stand) {
      const finished = await lateAnswer(stand);
      const left = { ...(await lateAnswer(stand)), leaveOpen: true };
      await writeLate(stand, stand.connect(), [finished, left], place);
      expect((await recordOf(stand, finished)).state).toBe('closed');
      expect((await recordOf(stand, left)).state).toBe('open');
    },
  },
  {
    method,
    needs,
    promise: `${place}: a later answer goes to the record by write-back, and mails nobody`,
    async run(stand) {
      const connector = stand.connect();
      const item = await lateAnswer(stand);
      const { id } = await makeRecord(stand, item);
      const { state, notes } = await stand.sandbox.readCase(id);
      const later = answerFor(id, { score: 5, level: 'high', comment: null, reasons: [], key: item.key });
      const outcomes = await write(stand, connector, [later]);
      expect(outcomes.get(item.key)?.result).toBe('done');
      const answer = { score: 5, level: 'high', comment: null, reasons: null };
      expect(await stand.sandbox.readCase(id)).toMatchObject({ state, notes, mailsToCustomer: 0, ...answer });
      expect((await fetchOne(connector, id)).flags.ours).toBe(true);
      expect(await stand.sandbox.followUpsOf(item.caseId)).toHaveLength(1);
      expect((await stand.sandbox.readCase(item.caseId)).mailsToCustomer).toBe(0);
    },
  },
  {
    method,
    needs,
    promise: `${place}: of unknown outcome is found by its key or made, in one batch with new ones`,
    async run(stand) {
      const [made, unmade, fresh] = [
        await lateAnswer(stand),
        await lateAnswer(stand),
        await lateAnswer(stand),
      ];
      const first = await writeLate(stand, stand.connect(), [made], place);
      const again = [made, unmade].map((item) => ({ ...item, outcomeUnknown: true }));
      const outcomes = await writeLate(stand, stand.connect(), [...again, fresh], place);
      expect(outcomes.get(made.key)).toEqual(first.get(made.key));
      expect([...outcomes.values()].map(({ result }) => result)).toEqual(['done', 'done', 'done']);
      await writeLate(stand, stand.connect(), again, place);
      for (const item of [made, unmade, fresh]) await expectOnRecord(stand, item, 2);
    },
  },
  {
    method,
    needs,
    promise: `${place}: a key that begins like another is not taken for it`,
    async run(stand) {
      const item = await lateAnswer(stand);
      await writeLate(stand, stand.connect(), [{ ...item, key: `${item.key}:ab` }], place);
      const others = [`${item.key}:abc`, `${item.key}:a`].map((key) => ({
        ...item,
        key,
        outcomeUnknown: true,
      }));
      await writeLate(stand, stand.connect(), others, place);
      expect(await stand.sandbox.followUpsOf(item.caseId)).toHaveLength(3);
    },
  },
  {
    method,
    needs,
    promise: `${place}: two answers to one case have a record each`,
    async run(stand) {
      const locked = await lockedCase(stand);
      const items = [lateAnswerFor(stand, locked), lateAnswerFor(stand, locked, { score: 1 })];
      const outcomes = await writeLate(stand, stand.connect(), items, place);
      const scores: (number | null)[] = [];
      for (const { key } of items) {
        const { id } = refOf(outcomes.get(key));
        scores.push((await stand.sandbox.readCase(id)).score);
      }
      expect(scores).toEqual([2, 1]);
    },
  },
];

/** Fails unless there is one record for this answer's case and it holds the score; none at all for null. */
export async function expectOnRecord(stand: Stand, item: LateAnswer, score: number | null): Promise<void> {
  if (score === null) expect(await stand.sandbox.followUpsOf(item.caseId)).toEqual([]);
  else expect(await recordOf(stand, item)).toMatchObject({ score, rating: item.rating, link: item.link });
}

async function makeRecord(stand: Stand, item: LateAnswer): Promise<RecordRef> {
  const outcomes = await writeLate(stand, stand.connect(), [item], place);
  return refOf(outcomes.get(item.key));
}

function refOf(outcome: Outcome | undefined): RecordRef {
  if (outcome?.result !== 'done' || outcome.ref === null) return expect.fail('no record is named');
  return outcome.ref;
}

/** The one record made for the case, as staff see it. */
async function recordOf(stand: Stand, { caseId }: LateAnswer): ReturnType<Stand['sandbox']['readCase']> {
  const [record, ...others] = await stand.sandbox.followUpsOf(caseId);
  expect(others).toEqual([]);
  return stand.sandbox.readCase(record?.id ?? expect.fail(`no record was made for case ${caseId}`));
}
