import { expect } from 'vitest';
import type { Receipt } from '../../../src/connector.ts';
import { PermanentError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { CUSTOMER, PLANTED_COMMENT } from '../planted.ts';
import {
  answerFor,
  byKey,
  closedCase,
  closedCases,
  everyWrite,
  failureOf,
  finish,
  followUp,
  taskFor,
} from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'settle';
const needs = 'vendor jobs';

export const settleCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: 'a job still running is pending, and another process settles it later',
    async run(stand) {
      const [good, locked] = await closedCases(stand, 2);
      if (!good || !locked) return expect.fail('the sandbox opened too few cases');
      await stand.sandbox.lockCase(locked);
      const items = [locked, good].map((id) => answerFor(id));
      const handle = await whileHeld(stand, async () => {
        const first = handleOf(await stand.connect().writeBack(items));
        return handleOf(await stand.connect().settle(first));
      });
      await stand.stage.quiet();
      const receipt = await stand.connect().settle(handle);
      const outcomes = byKey(await finish(stand, stand.connect(), receipt), items);
      expect(items.map(({ key }) => outcomes.get(key)?.result)).toEqual(['locked', 'done']);
      expect(await stand.connect().settle(handle)).toEqual(receipt);
    },
  },
  {
    method,
    needs,
    promise: 'follow-ups settle with their records, found ones and new ones',
    async run(stand) {
      const [made, fresh] = (await closedCases(stand, 2)).map((id) => taskFor(stand, id));
      if (!made || !fresh) return expect.fail('the sandbox opened too few cases');
      const first = await followUp(stand, stand.connect(), [made]);
      const again = { ...made, outcomeUnknown: true };
      const handle = await whileHeld(stand, async () =>
        handleOf(await stand.connect().followUp([again, fresh])),
      );
      await stand.stage.quiet();
      const settled = await stand.connect().settle(handle);
      const outcomes = byKey(await finish(stand, stand.connect(), settled), [made, fresh]);
      expect(outcomes.get(made.key)).toEqual(first.get(made.key));
      const [record] = await stand.sandbox.followUpsOf(fresh.caseId);
      expect(outcomes.get(fresh.key)).toMatchObject({ result: 'done', ref: { id: record?.id } });
    },
  },
  {
    method,
    needs,
    promise: 'a handle holds nothing of the customer',
    async run(stand) {
      for (const call of await everyWrite(stand, await closedCase(stand))) {
        const handle = await whileHeld(stand, async () => handleOf(await call(stand.connect())));
        for (const planted of [CUSTOMER.name, CUSTOMER.email, PLANTED_COMMENT, ...stand.secrets()])
          expect(handle).not.toContain(planted);
      }
    },
  },
  {
    method,
    promise: 'a handle that is not ours fails for good and asks nothing',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(async () => {
        for (const handle of ['', 'nonsense', '{}', 'null', '[]', '{"id":1}'])
          expect(await failureOf(connector.settle(handle))).toBeInstanceOf(PermanentError);
      });
      expect(requests).toEqual([]);
    },
  },
];

async function whileHeld<T>(stand: Stand, work: () => Promise<T>): Promise<T> {
  stand.stage.holdJobs();
  try {
    return await work();
  } finally {
    stand.stage.releaseJobs();
  }
}

function handleOf(receipt: Receipt): string {
  if (!('pending' in receipt)) return expect.fail('expected the job to be running still');
  expect(receipt.pending.checkAfterMs).toBeGreaterThan(0);
  return receipt.pending.handle;
}
