import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FaultKind } from '../../src/sandbox.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';
import { openHistory } from '../support/zendesk-history.ts';

/** The faults of each storm. Every call that writes or asks after a job meets both, one after the other. */
const STORMS: readonly (readonly [FaultKind, FaultKind])[] = [
  ['429', '500'],
  ['429 without Retry-After', '503'],
  ['html body', 'cut json'],
  ['hang', '409'],
  ['reply lost', '500'],
];
const CALLS = [/PUT .*update_many/, /GET .*job_statuses/, /POST .*create_many/];

/** Longer than a lost task is left to appear before it is looked up. */
const LOOK_UP_MS = 16_000;

describeEngines('storms', (engine) => {
  // The embedded engine runs in this process: fewer answers meet the same faults.
  const perStorm = engine.name === 'PGlite' ? 6 : 21;
  let open: OpenEngine;
  let world: World;

  beforeAll(async () => {
    open = await engine.open();
    world = await openWorld({ engine: open, connector: { timeout: '700ms' } });
  });
  afterAll(async () => {
    await world.close();
    await open.close();
  });

  it(`leave ${STORMS.length * perStorm} low answers written, none of them twice, with one follow-up each`, async () => {
    const { crm, clock, app } = world;
    const customers = Array.from({ length: STORMS.length * perStorm }, (_, n) => ({
      email: `storm-${n}@elsewhere.example`,
      score: 1 + (n % 2),
      comment: `Answer number ${n}`,
    }));
    const caseIds: string[] = [];
    for (const { email } of customers) {
      caseIds.push(await crm.openCase({ subject: 'Storm', requester: { name: 'Customer', email } }));
    }
    for (const caseId of caseIds) await crm.closeCase(caseId);
    await eventually('every mail', () => world.smtp.mails.length === customers.length);

    for (const [nth, faults] of STORMS.entries()) {
      const from = nth * perStorm;
      for (const kind of faults) for (const on of CALLS) crm.fail({ kind, on });
      await Promise.all(
        customers.slice(from, from + perStorm).map(async ({ email, score, comment }) => {
          const [mail] = await world.mailsTo(email);
          if (mail === undefined) throw new Error(`there is no mail to ${email}`);
          await answerSurvey(mail, score, comment);
        }),
      );
      let looks = 0;
      await eventually(`the answers of the storm of ${faults.join(' and ')}`, async () => {
        looks += 1;
        if (looks % 20 === 0) {
          clock.advance(LOOK_UP_MS);
          await app.work.queues.add('sweep', {});
        }
        for (const caseId of caseIds.slice(from, from + perStorm)) {
          if ((await crm.readCase(caseId)).score === null) return false;
          if ((await crm.followUpsOf(caseId)).length === 0) return false;
        }
        return true;
      });
    }

    await eventually('nothing due any more but an answer to the customer', async () => {
      clock.advance(LOOK_UP_MS);
      await app.work.queues.add('sweep', {});
      const explained = await Promise.all(caseIds.map((caseId) => world.explain(caseId)));
      return explained.every(({ closures }) =>
        closures[0]?.due.every(({ what }) => what.startsWith('The customer is ')),
      );
    });
    const history = await openHistory(crm);
    for (const [n, caseId] of caseIds.entries()) {
      const customer = customers[n];
      expect(await crm.readCase(caseId)).toMatchObject({
        score: customer?.score,
        comment: customer?.comment,
        level: 'low',
        mailsToCustomer: 0,
      });
      expect(await crm.followUpsOf(caseId)).toHaveLength(1);
      expect(await history.valuesOf(caseId, 'CSAT comment')).toEqual([customer?.comment]);
    }
    // Every fault was met: 0 is a call that got no answer at all, 502 a page of HTML.
    const met = new Set(crm.requests.map(({ status }) => status));
    expect([...met]).toEqual(expect.arrayContaining([0, 409, 429, 500, 502, 503]));
  }, 120_000);
});
