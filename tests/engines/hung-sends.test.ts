import { afterAll, beforeAll, expect, test } from 'vitest';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { createMovableClock } from '../support/movable-clock.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const SECOND_MS = 1_000;

describeEngines('a worker that hung between deciding and sending', (engine) => {
  let open: OpenEngine;
  const clock = createMovableClock();
  const store = () => open.database.db.withSchema(SCHEMA);

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
    await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: clock.now() });
  });
  afterAll(() => open.close());

  test('does not send what others took over meanwhile', async () => {
    const sending: { end(): void }[] = [];
    const work = await storeWork(open.database, {
      workerId: 'sleeper',
      clock,
      mailConcurrency: 1,
      send: () =>
        new Promise((resolve) => {
          sending.push({ end: resolve });
        }),
    });
    const cases = ['ada', 'bob'].map((name) =>
      snapshotWith({
        caseId: `asleep-${name}`,
        changedAt: clock.now(),
        closedAt: clock.now(),
        requester: {
          id: name,
          name,
          email: `${name}@${engine.name}.customer.example`,
          locale: null,
          timeZone: null,
          isStaff: false,
        },
      }),
    );
    await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, cases, 'push');
    const surveys = await store().selectFrom('surveys').select('id').execute();
    const sends = surveys.map(({ id }) => sendSurvey(work, { surveyId: id }));
    const claimed = () => store().selectFrom('mails').select('id').where('state', '=', 'sending').execute();
    await expect.poll(async () => (await claimed()).length).toBe(2);
    await expect.poll(() => sending.length).toBe(1);

    clock.advance(30 * SECOND_MS);
    await store().updateTable('mails').set({ claimed_by: 'other' }).execute();
    sending[0]?.end();
    await Promise.all(sends);
    expect(sending).toHaveLength(1);
  });
});
