import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { openSeveralCrms, type SeveralCrms } from '../support/several-crms.ts';
import { answerSurvey } from '../support/survey-mail.ts';

describeEngines('every CRM', (engine) => {
  let open: OpenEngine;
  let site: SeveralCrms;

  beforeAll(async () => {
    open = await engine.open();
    site = await openSeveralCrms({ engine: open, log: silentLog });
  }, 60_000);
  afterAll(async () => {
    await site.close();
    await open.close();
  });

  it('goes from closing to score, follow-up and changed answer, all at once', async () => {
    await Promise.all(
      [...site.crms].map(async ([name, crm]) => {
        const email = `ada-${name}@elsewhere.example`;
        const caseId = await crm.openCase({ subject: 'Refund', requester: { name: 'Ada', email } });
        await crm.closeCase(caseId);
        const mail = await eventually(`the mail of ${name}`, async () => (await site.mailsTo(email))[0]);

        await answerSurvey(mail, 2, 'Too <slow> & "late"');
        const record = await eventually(`the score in ${name}`, async () => {
          const read = await crm.readCase(caseId);
          return read.score === null ? null : read;
        });
        expect(record, name).toMatchObject({
          score: 2,
          rating: 'Dissatisfied',
          level: 'low',
          link: expect.stringMatching(new RegExp(`^https?://.+/dashboard/cases/${name}/${caseId}$`)),
          comment: 'Too <slow> & "late"',
          mailsToCustomer: 0,
        });
        const tasks = await eventually(`the follow-up in ${name}`, async () => {
          const made = await crm.followUpsOf(caseId);
          return made.length > 0 && made;
        });
        expect(tasks, name).toHaveLength(1);

        await answerSurvey(mail, 5);
        await eventually(
          `the changed answer in ${name}`,
          async () => (await crm.readCase(caseId)).score === 5,
        );
        expect(await crm.readCase(caseId), name).toMatchObject({
          rating: 'Very satisfied',
          level: 'high',
          mailsToCustomer: 0,
        });
        expect(await crm.followUpsOf(caseId), name).toHaveLength(1);
        expect(await site.mailsTo(email), name).toHaveLength(1);
        expect((await site.app.explain(name, caseId)).closures, name).toHaveLength(1);
      }),
    );
  }, 60_000);

  it('shows a case that was reopened and closed again as two closings, and asks once', async () => {
    await Promise.all(
      [...site.crms].map(async ([name, crm]) => {
        const email = `eli-${name}@elsewhere.example`;
        const caseId = await crm.openCase({ subject: 'Invoice', requester: { name: 'Eli', email } });
        await crm.closeCase(caseId);
        await eventually(`the mail of ${name}`, async () => (await site.mailsTo(email))[0]);
        site.clock.advance(2_000);
        await crm.reopenCase(caseId);
        site.clock.advance(2_000);
        await crm.closeCase(caseId);
        // `policy.again` is never: the second closing is a closing of its own and asks nobody.
        const closures = await eventually(`the second closing in ${name}`, async () => {
          const explained = await site.app.explain(name, caseId);
          return explained.closures.length === 2 && explained.closures;
        });
        expect(
          closures.map(({ rule }) => rule),
          name,
        ).toEqual(['asked', 'quiet-period']);
        expect(await site.mailsTo(email), name).toHaveLength(1);
      }),
    );
  }, 60_000);
});
