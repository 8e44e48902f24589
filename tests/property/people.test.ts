import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import type { Work } from '../../jobs/work.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';
import { NOON, snapshotWith } from './domain-facts.ts';

/** Cases are noticed and mails are decided on in groups; nobody in a group may be judged as if the others were not there. */

let runs = 0;

describeEngines('people who closed several cases at once', (engine) => {
  let open: OpenEngine;
  /** Recipients, once per mail. */
  const mailedTo: string[] = [];

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
    await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: NOON });
  });
  afterAll(() => open.close());

  const workWith = (quietPeriod: string, workerId: string): Promise<Work> =>
    storeWork(open.database, {
      workerId,
      quietPeriod,
      clock: { now: () => NOON },
      send: async ({ envelope }) => void mailedTo.push(envelope.to),
    });

  test('get one mail each, whether the others were skipped at closing or called off at sending', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('0m', '14d'),
        fc.infiniteStream(fc.constantFrom([0], [1], [0, 1])),
        async (ownersOfCases, quietPeriodAtClosing, whoIsTold) => {
          runs += 1;
          mailedTo.length = 0;
          const cases = ownersOfCases.map((owner, nth) =>
            snapshotWith({
              caseId: `${runs}-${nth}`,
              requester: {
                id: null,
                name: null,
                email: `person-${runs}-${owner}@customer.example`,
                locale: null,
                timeZone: null,
                isStaff: false,
              },
            }),
          );
          const closing = await workWith(quietPeriodAtClosing, 'closing');
          const noticed = await noticeCases(closing, { name: CONNECTOR, startedAt: NOON }, cases, 'watch');
          const people = [...new Set(cases.map(({ requester }) => requester.email))].sort();
          expect(noticed.asks).toBe(quietPeriodAtClosing === '0m' ? cases.length : people.length);

          const senders = [await workWith('14d', 'one'), await workWith('14d', 'other')];
          const s = open.database.db.withSchema(SCHEMA);
          const surveys = await s
            .selectFrom('surveys')
            .select('id')
            .where('case_id', 'like', `${runs}-%`)
            .execute();
          // All at the same moment, to one worker, the other, or both.
          await Promise.all(
            surveys.flatMap(({ id }) => {
              const told = senders.filter((_, nth) => whoIsTold.next().value?.includes(nth));
              return (told.length > 0 ? told : senders).map((work) => sendSurvey(work, { surveyId: id }));
            }),
          );
          expect(mailedTo.toSorted()).toEqual(people);
          const left = await s
            .selectFrom('surveys')
            .select('id')
            .where('case_id', 'like', `${runs}-%`)
            .where('state', '=', 'pending')
            .execute();
          expect(left).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  }, 120_000);
});
