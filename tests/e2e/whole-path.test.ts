import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

const MINUTE_MS = 60_000;

describeEngines('the whole path', (engine) => {
  let open: OpenEngine;
  let world: World | null = null;
  let n = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(async () => {
    await world?.close();
    world = null;
  });
  afterAll(() => open.close());

  const start = async (options: Omit<Parameters<typeof openWorld>[0], 'engine'> = {}): Promise<World> => {
    world = await openWorld({ engine: open, ...options });
    return world;
  };
  /** Nobody writes twice, so that no test meets another's quiet period. */
  const someone = (): { name: string; email: string } => {
    n += 1;
    return { name: `Customer ${n}`, email: `customer-${n}@elsewhere.example` };
  };
  const theMail = (from: World, address: string) =>
    eventually(`a mail to ${address}`, async () => (await from.mailsTo(address))[0]);

  it('turns a closed case into a survey, an answer, a score on the record and one follow-up', async () => {
    const { crm, mailsTo, explain } = await start();
    const customer = someone();
    const caseId = await crm.openCase({ subject: 'Refund', requester: customer });
    await crm.closeCase(caseId);

    const mail = await theMail(world as World, customer.email);
    for (const link of mail.links.filter((one) => one.includes('/s/'))) await fetch(link);
    expect((await explain(caseId)).summary).toContain('has not answered');

    await answerSurvey(mail, 2, 'Too slow');
    const record = await eventually('the score on the record', async () => {
      const read = await crm.readCase(caseId);
      return read.score === null ? null : read;
    });
    expect(record).toMatchObject({ score: 2, level: 'low', comment: 'Too slow', mailsToCustomer: 0 });
    const tasks = await eventually('a follow-up', async () => {
      const made = await crm.followUpsOf(caseId);
      return made.length > 0 && made;
    });
    expect(tasks).toHaveLength(1);

    await answerSurvey(mail, 5, 'They called me, all is well now');
    await eventually(
      'the changed answer on the record',
      async () => (await crm.readCase(caseId)).score === 5,
    );
    expect(await crm.readCase(caseId)).toMatchObject({
      level: 'high',
      comment: 'They called me, all is well now',
    });
    expect(await crm.followUpsOf(caseId)).toHaveLength(1);
    expect(await mailsTo(customer.email)).toHaveLength(1);
  });

  it('finds by watching what no webhook told, and asks each once', async () => {
    const { crm, clock, app, connector, mailsTo } = await start({ provision: false });
    const customers = [someone(), someone(), someone()];
    for (const requester of customers) {
      await crm.closeCase(await crm.openCase({ subject: 'Question', requester }));
    }
    // The export holds the last minute back.
    clock.advance(2 * MINUTE_MS);
    const progress = await app.watch(connector, () => undefined);
    expect(progress).toMatchObject({ closures: 3, asks: 3, done: true });
    for (const customer of customers) await theMail(world as World, customer.email);
    clock.advance(2 * MINUTE_MS);
    expect(await app.watch(connector, () => undefined)).toMatchObject({ closures: 0, asks: 0 });
    for (const customer of customers) expect(await mailsTo(customer.email)).toHaveLength(1);
  });

  it('asks once per closing however often and in whatever order webhooks arrive', async () => {
    const { crm, clock, app, connector, mailsTo } = await start();
    crm.setWebhooks({ times: 5, shuffle: true, random: Math.random });
    const customers = Array.from({ length: 12 }, someone);
    const caseIds = [];
    for (const requester of customers) caseIds.push(await crm.openCase({ subject: 'Question', requester }));
    await Promise.all(caseIds.map((caseId) => crm.closeCase(caseId)));
    clock.advance(2 * MINUTE_MS);
    await Promise.all([app.watch(connector, () => undefined), app.watch(connector, () => undefined)]);
    await crm.deliveriesDone();
    for (const customer of customers) await theMail(world as World, customer.email);
    await eventually('every doorbell answered', async () => {
      const bells = await app.work.db
        .withSchema('caseloop')
        .selectFrom('doorbells')
        .select('case_id')
        .execute();
      return bells.length === 0;
    });
    for (const customer of customers) expect(await mailsTo(customer.email)).toHaveLength(1);
    for (const caseId of caseIds) expect((await app.explain(connector, caseId)).closures).toHaveLength(1);
  });

  it('sends nothing for a case that is reopened in time, and asks after its next closing', async () => {
    const { crm, clock, explain, mailsTo } = await start({ config: { policy: { delay: '3s' } } });
    const customer = someone();
    const caseId = await crm.openCase({ subject: 'Invoice', requester: customer });
    await crm.closeCase(caseId);
    await eventually('the decision', async () => (await explain(caseId)).closures[0]?.rule === 'asked');
    clock.advance(1_000);
    await crm.reopenCase(caseId);
    await eventually('the calling off', async () => (await explain(caseId)).closures[0]?.rule === 'reopened');
    expect(await mailsTo(customer.email)).toHaveLength(0);

    clock.advance(5_000);
    await crm.closeCase(caseId);
    await theMail(world as World, customer.email);
    const { closures } = await explain(caseId);
    expect(closures.map((closure) => closure.rule)).toEqual(['reopened', 'asked']);
    expect(await mailsTo(customer.email)).toHaveLength(1);
  });

  it('starts no survey from what it wrote itself', async () => {
    const { crm, clock, app, connector, explain } = await start();
    const customer = someone();
    const caseId = await crm.openCase({ subject: 'Refund', requester: customer });
    await crm.closeCase(caseId);
    await answerSurvey(await theMail(world as World, customer.email), 1);
    const [task] = await eventually('a follow-up', async () => {
      const made = await crm.followUpsOf(caseId);
      return made.length > 0 && made;
    });
    const taskId = task?.id ?? '';
    await crm.closeCase(taskId);
    clock.advance(2 * MINUTE_MS);
    await app.watch(connector, () => undefined);
    await eventually(
      'the decision about our own task',
      async () => (await explain(taskId)).closures[0]?.rule === 'ours',
    );
    expect((await explain(caseId)).closures).toHaveLength(1);
  });
});
