import { afterAll, beforeAll, expect, it } from 'vitest';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import { DAY_MS } from '../../src/clock.ts';
import { UndeliverableError } from '../../src/mail/delivery-error.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { planReminders } from '../../src/store/reminders.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { NOON, snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

describeEngines(
  'a reminder that is refused for good',
  (engine) => {
    let open: OpenEngine;

    beforeAll(async () => {
      open = await engine.open();
      await migrate(open.database.db);
      await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: NOON });
    });
    afterAll(() => open.close());

    it('leaves the customer asked, and goes into the ledger', async () => {
      let now = NOON;
      let attempts = 0;
      const work = await storeWork(open.database, {
        workerId: 'refused-reminder',
        clock: { now: () => now },
        policy: 'quietPeriod: 0d, remindAfter: 3d, delay: 0m',
        send: async () => {
          attempts += 1;
          if (attempts > 1) throw new UndeliverableError('mail: refused (550)', { isAddressGone: true });
        },
      });
      await noticeCases(work, { name: CONNECTOR, startedAt: NOON }, [snapshotWith()], 'push');
      const s = open.database.db.withSchema(SCHEMA);
      const { id } = await s.selectFrom('surveys').select('id').executeTakeFirstOrThrow();
      await sendSurvey(work, { surveyId: id });
      now = new Date(NOON.getTime() + 3 * DAY_MS);
      await planReminders(work.db, { now, afterMs: 3 * DAY_MS, limit: 1 });
      await expect(sendSurvey(work, { surveyId: id })).rejects.toThrow('refused');
      expect(await s.selectFrom('mails').select(['purpose', 'state']).orderBy('purpose').execute()).toEqual([
        { purpose: 'invitation', state: 'sent' },
        { purpose: 'reminder', state: 'undeliverable' },
      ]);
      expect(await s.selectFrom('surveys').select('state').execute()).toEqual([{ state: 'asked' }]);
      expect(await s.selectFrom('closures').select('rule').execute()).toEqual([{ rule: 'asked' }]);
      const ledger = await s.selectFrom('decisions').select('rule').orderBy('id').execute();
      expect(ledger.at(-1)).toEqual({ rule: 'undeliverable' });
    });
  },
  { stores: true },
);
