import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import type { Work } from '../../jobs/work.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { createMovableClock } from '../support/movable-clock.ts';
import { recordLog } from '../support/record-log.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const MINUTE_MS = 60_000;
const LIMIT = 3;
const HELD = 'hourly brake: sends are held';

describeEngines('the hourly brake', (engine) => {
  let open: OpenEngine;
  const clock = createMovableClock();
  let number = 0;
  const store = () => open.database.db.withSchema(SCHEMA);

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
    await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: new Date(0) });
  });
  beforeEach(async () => {
    await store().deleteFrom('closures').execute();
  });
  afterAll(() => open.close());

  async function braked(
    workerId: string,
    send: () => Promise<void>,
  ): Promise<{ work: Work; said: () => number }> {
    const work = await storeWork(open.database, { workerId, clock, send });
    const { log, lines } = recordLog();
    const policy = { ...work.config.policy, maxPerHour: LIMIT };
    return {
      work: { ...work, log, config: { ...work.config, policy } },
      said: () => lines.filter(({ msg }) => msg === HELD).length,
    };
  }

  /** As many cases that close; gives their surveys. */
  async function closeCases(work: Work, count: number): Promise<string[]> {
    const names = Array.from({ length: count }, () => {
      number += 1;
      return `braked-${number}-${engine.name}`;
    });
    const cases = names.map((name) =>
      snapshotWith({
        caseId: name,
        changedAt: clock.now(),
        closedAt: clock.now(),
        requester: {
          id: name,
          name,
          email: `${name}@customer.example`,
          locale: null,
          timeZone: null,
          isStaff: false,
        },
      }),
    );
    await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, cases, 'push');
    const rows = await store().selectFrom('surveys').select('id').where('case_id', 'in', names).execute();
    return rows.map(({ id }) => id);
  }

  const countOf = async (state: 'due' | 'sending' | 'sent'): Promise<number> =>
    (await store().selectFrom('mails').select('id').where('state', '=', state).execute()).length;

  test('lets no more go than it should, however many are in flight in however many processes', async () => {
    for (let round = 0; round < 5; round += 1) {
      await store().deleteFrom('closures').execute();
      const relay = Promise.withResolvers<void>();
      const { work } = await braked('first', () => relay.promise);
      const { work: other } = await braked('second', () => relay.promise);
      const surveyIds = await closeCases(work, 4 * LIMIT);
      const sends = surveyIds.map((surveyId, nth) => sendSurvey(nth % 2 === 0 ? work : other, { surveyId }));
      await expect
        .poll(async () => [await countOf('sending'), await held()])
        .toEqual([LIMIT, surveyIds.length - LIMIT]);
      // What is in flight counts for jobs that come later, too.
      await Promise.all((await closeCases(work, 2)).map((surveyId) => sendSurvey(work, { surveyId })));
      expect(await countOf('sending')).toBe(LIMIT);
      relay.resolve();
      await Promise.all(sends);
      expect(await countOf('sent')).toBe(LIMIT);
    }
  });

  const held = async (): Promise<number> => {
    const rows = await store().selectFrom('closures').select('id').where('outcome', '=', 'hold').execute();
    return rows.length;
  };

  test('says once that it holds, and again only when it had let go for an hour', async () => {
    const { work, said } = await braked('worker', async () => undefined);
    const surveyIds = await closeCases(work, 4 * LIMIT);
    const sendAll = () => Promise.all(surveyIds.map((surveyId) => sendSurvey(work, { surveyId })));
    await sendAll();
    expect([await countOf('sent'), said()]).toEqual([LIMIT, 1]);
    // Held for five minutes at a time: each of them is judged again a dozen times within the hour.
    for (const minutes of [6, 6, 50]) {
      clock.advance(minutes * MINUTE_MS);
      await sendAll();
    }
    expect([await countOf('sent'), said()]).toEqual([2 * LIMIT, 1]);
    clock.advance(62 * MINUTE_MS);
    await sendAll();
    expect([await countOf('sent'), said()]).toEqual([3 * LIMIT, 2]);
  });
});
