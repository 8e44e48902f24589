import { expect } from 'vitest';
import type { LateAnswer, LatePlace } from '../../../src/connector.ts';
import { type CaseloopError, ConfigError, PermanentError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { failureOf, lateAnswer, lateAnswerFor, lockedCase, lockedCases, writeLate } from '../situations.ts';
import { openStand, type Stand } from '../stand.ts';
import type { Trait } from '../subject.ts';
import { expectOnPerson, lateFieldCases } from './write-late-field.ts';
import { expectOnRecord, lateTicketCases } from './write-late-ticket.ts';

const method = 'write-late';

interface Place {
  readonly name: LatePlace;
  readonly needs: Trait;
  /** What holds there alone. */
  readonly own: readonly ContractCase[];
  /** Fails unless the answer stands there, or nothing does for a score of null. */
  expectThere(stand: Stand, item: LateAnswer, score: number | null): Promise<void>;
}

const PLACES: readonly Place[] = [
  {
    name: 'follow-up-ticket',
    needs: 'late follow-up tickets',
    own: lateTicketCases,
    expectThere: expectOnRecord,
  },
  { name: 'user-field', needs: 'late user fields', own: lateFieldCases, expectThere: expectOnPerson },
];

/** What holds wherever a late answer is put. */
function casesOf({ name, needs, expectThere }: Place): readonly ContractCase[] {
  return [
    {
      method,
      needs,
      promise: `${name}: mails nobody and leaves the case and its person as they were`,
      async run(stand) {
        const connector = stand.connect();
        const locked = await lockedCase(stand);
        const before = await stand.sandbox.readCase(locked.caseId);
        await writeLate(stand, connector, [lateAnswerFor(stand, locked, { note: true })], name);
        expect(await stand.sandbox.readCase(locked.caseId)).toEqual(before);
        const [after] = await connector.fetch([locked.caseId]);
        expect(after).toMatchObject({
          state: 'locked',
          closedAt: locked.closedAt,
          requester: locked.requester,
        });
      },
    },
    {
      method,
      needs,
      promise: `${name}: a full batch is written in few calls, with one outcome per item`,
      async run(stand) {
        const connector = stand.connect();
        const cases = await lockedCases(stand, connector.batchSize);
        const items = cases.map((one) => lateAnswerFor(stand, one));
        const requests = await stand.requestsDuring(async () => {
          const outcomes = await writeLate(stand, connector, items, name);
          expect([...outcomes.values()].filter(({ result }) => result !== 'done')).toEqual([]);
        });
        expect(requests.length).toBeLessThan(10);
        for (const item of items) await expectThere(stand, item, item.score);
      },
    },
    {
      method,
      needs,
      promise: `${name}: one more than a batch is refused whole or written whole`,
      async run(stand) {
        const connector = stand.connect();
        const cases = await lockedCases(stand, connector.batchSize + 1);
        const items = cases.map((one) => lateAnswerFor(stand, one));
        const failure = await writeLate(stand, connector, items, name).then(
          () => null,
          (error: unknown) => error,
        );
        await stand.stage.quiet();
        if (failure !== null) expect(failure).toBeInstanceOf(PermanentError);
        for (const item of items) await expectThere(stand, item, failure === null ? item.score : null);
      },
    },
    {
      method,
      needs,
      promise: `${name}: an item that can never be written fails for good, alone and beside others`,
      async run(stand) {
        for (const wrong of ['no-such-record', '', '../users', '12 OR 1=1']) {
          const [first, second] = [await lateAnswer(stand), await lateAnswer(stand)];
          // Each place is led to by another of these ids; with both wrong the answer has none at all.
          const bad = { ...(await lateAnswer(stand)), caseId: wrong, requesterId: wrong };
          for (const batch of [[bad], [first, bad, second]]) {
            const outcomes = await writeLate(stand, stand.connect(), batch, name);
            const outcome = outcomes.get(bad.key);
            if (outcome?.result !== 'failed') return expect.fail(`${outcome?.result} for ${wrong}`);
            expect(outcome.error).toBeInstanceOf(PermanentError);
            expectNothingTold(stand, [outcome.error]);
          }
          for (const item of [first, second]) await expectThere(stand, item, item.score);
        }
      },
    },
    {
      method,
      needs,
      promise: `${name}: nothing to write costs nothing`,
      async run(stand) {
        const connector = stand.connect();
        const requests = await stand.requestsDuring(async () =>
          expect(await connector.writeLate?.([], name)).toEqual({ outcomes: [] }),
        );
        expect(requests).toEqual([]);
      },
    },
    {
      method,
      needs,
      promise: `${name}: without its fields it is a ConfigError with a fix, and works once they are made`,
      async run({ type, subject }) {
        await using bare = await openStand(type, subject, { provisioned: false });
        const connector = bare.connect();
        const item = await lateAnswer(bare);
        const error = await failureOf(writeLate(bare, connector, [item], name));
        expect(error).toBeInstanceOf(ConfigError);
        expect((error as CaseloopError).fix).not.toBeNull();
        await connector.provision('apply');
        await writeLate(bare, connector, [item], name);
        await expectThere(bare, item, item.score);
      },
    },
  ];
}

export const writeLateCases: readonly ContractCase[] = PLACES.flatMap((place) => [
  ...place.own,
  ...casesOf(place),
]);
