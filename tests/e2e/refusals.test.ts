import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { HOUR_MS } from '../../src/clock.ts';
import type { Connector, Outcome, Receipt } from '../../src/connector.ts';
import { type CaseloopError, PermanentError, RetryableError } from '../../src/errors.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

describeEngines('what the CRM refuses', (engine) => {
  let open: OpenEngine;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  const start = async (options: Partial<WorldOptions> = {}): Promise<World> => {
    world = await openWorld({ engine: open, ...options });
    return world;
  };

  /** Closed cases whose customers have their mails. */
  async function asked(count: number, assignee?: string) {
    const cases = [];
    for (let made = 0; made < count; made += 1) {
      n += 1;
      const email = `refused-${n}@elsewhere.example`;
      const input = { subject: 'Refund', requester: { name: `Customer ${n}`, email } };
      const caseId = await world.crm.openCase(assignee === undefined ? input : { ...input, assignee });
      await world.crm.closeCase(caseId);
      cases.push({ caseId, email });
    }
    return Promise.all(
      cases.map(async (one) => ({
        ...one,
        mail: await eventually(`a mail to ${one.email}`, async () => (await world.mailsTo(one.email))[0]),
      })),
    );
  }

  const scoreOf = async (caseId: string) => (await world.crm.readCase(caseId)).score;

  /** Refuses one item of what was handed over, so many times, though Zendesk took it. */
  function refuseOne(connector: Connector, refuse: (key: string) => CaseloopError | null): Connector {
    const change = (receipt: Receipt): Receipt => {
      if ('pending' in receipt) return receipt;
      const outcomes = receipt.outcomes.map((one): Outcome => {
        const error = refuse(one.key);
        return error === null ? one : { key: one.key, result: 'failed', error };
      });
      return { outcomes };
    };
    return {
      ...connector,
      writeBack: async (items) => change(await connector.writeBack(items)),
      settle: async (handle) => change(await connector.settle(handle)),
    };
  }

  it('for now, one row of a batch, is tried again by itself and holds up no other', async () => {
    let unlucky: string | null = null;
    let refusals = 0;
    await start({
      wrap: (connector) =>
        refuseOne(connector, (key) => {
          unlucky ??= key;
          if (key !== unlucky || refusals === 2) return null;
          refusals += 1;
          return new RetryableError('Database collision.');
        }),
    });
    const cases = await asked(4);
    for (const { mail } of cases) await answerSurvey(mail, 5);
    const attemptsOf = async () =>
      world.app.work.db
        .withSchema('caseloop')
        .selectFrom('write_backs')
        .select(['attempts', 'state'])
        .where('connector', '=', world.connector)
        .orderBy('attempts')
        .execute();
    await eventually('every answer written', async () =>
      (await attemptsOf()).every(({ state }) => state === 'written'),
    );
    expect((await attemptsOf()).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 3]);
    for (const { caseId } of cases) expect(await scoreOf(caseId)).toBe(5);
  });

  it("for good is kept with the vendor's words, and the others are written", async () => {
    let refused: string | null = null;
    const words =
      'Zendesk refused this item: RecordInvalid, Contract number: is required when solving a ticket';
    await start({
      wrap: (connector) =>
        refuseOne(connector, (key) => {
          refused ??= key;
          return key === refused ? new PermanentError(words) : null;
        }),
    });
    const cases = await asked(3);
    for (const { mail } of cases) await answerSurvey(mail, 5);
    const dueOf = async () =>
      (await Promise.all(cases.map(({ caseId }) => world.explain(caseId)))).flatMap(
        ({ closures }) => closures[0]?.due ?? [],
      );
    await eventually('the words', async () => (await dueOf()).some(({ what }) => what.includes(words)));
    await eventually('the others', async () => (await dueOf()).length === 1);
  });

  it('an owner who has left does not lose the follow-up', async () => {
    const { crm } = await start({
      wrap: (connector) => ({
        ...connector,
        followUp: (tasks) =>
          connector.followUp(
            tasks.map((task) => (task.ownerId === null ? task : { ...task, ownerId: '999999999' })),
          ),
      }),
    });
    const [one] = await asked(1, 'Maya Lindqvist');
    if (one === undefined) throw new Error('there is no case');
    await answerSurvey(one.mail, 1);
    const [task] = await eventually('the task', async () => {
      const made = await crm.followUpsOf(one.caseId);
      return made.length > 0 && made;
    });
    expect(task?.owner).toBeNull();
    await eventually('the reason', async () =>
      (await world.explain(one.caseId)).closures[0]?.events.some(({ what }) =>
        /without an owner: .*Assignee: is invalid/.test(what),
      ),
    );
  });

  it('no more than 30 jobs are with the CRM at once, and all are done in the end', async () => {
    const { crm } = await start({ wrap: (connector) => ({ ...connector, batchSize: 1 }) });
    const cases = await asked(36);
    crm.holdJobs();
    for (const { mail } of cases) await answerSurvey(mail, 5);
    const handedOver = () => crm.requests.filter(({ path }) => path.includes('update_many'));
    await eventually('the limit', () => handedOver().length >= 28);
    await world.app.work.queues.add('sweep', {});
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(handedOver().length).toBeLessThanOrEqual(30);
    crm.releaseJobs();
    for (const { caseId } of cases) await eventually('its answer', async () => (await scoreOf(caseId)) === 5);
    expect(handedOver().every(({ status }) => status === 200)).toBe(true);
  });

  it('a webhook that was switched off is noticed within the hour, and that it is back', async () => {
    const { crm, clock, app } = await start();
    const [one] = await asked(1);
    const id = crm.deliveries.at(-1)?.webhookId ?? '';
    const summary = async () => (await world.explain(one?.caseId ?? '')).summary;
    const check = () => app.work.queues.add('check-connector', { connector: world.connector });
    expect(await summary()).not.toContain('webhook');

    crm.setWebhookStatus(id, 'inactive');
    await check();
    clock.advance(HOUR_MS);
    await check();
    await eventually('the finding', async () =>
      (await summary()).includes('webhook: it is there, but not active. Run `caseloop provision'),
    );
    crm.setWebhookStatus(id, 'active');
    clock.advance(HOUR_MS);
    await check();
    await eventually('all well', async () => !(await summary()).includes('webhook'));
  });
});
