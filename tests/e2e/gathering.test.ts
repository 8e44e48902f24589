import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

describeEngines('gathering', (engine) => {
  let open: OpenEngine;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  const fetches = (): number => world.crm.requests.filter(({ path }) => path.includes('show_many')).length;

  async function openCases(count: number): Promise<readonly string[]> {
    const caseIds: string[] = [];
    for (let made = 0; made < count; made += 1) {
      n += 1;
      const requester = { name: 'Customer', email: `bell-${n}@elsewhere.example` };
      caseIds.push(await world.crm.openCase({ subject: 'Question', requester }));
    }
    return caseIds;
  }

  it('doorbells that ring in quiet are answered one by one, at once', async () => {
    world = await openWorld({ engine: open });
    const caseIds = await openCases(20);
    for (const [nth, caseId] of caseIds.entries()) {
      await wait(200);
      await world.crm.closeCase(caseId);
      await eventually('the mail', () => world.smtp.mails.length === nth + 1);
    }
    expect(fetches()).toBe(20);
  });

  it('doorbells that ring in a storm share fetches, and each is answered', async () => {
    world = await openWorld({ engine: open });
    const caseIds = await openCases(80);
    for (const caseId of caseIds) {
      await world.crm.closeCase(caseId);
      await wait(40);
    }
    await eventually('every mail', () => world.smtp.mails.length === caseIds.length);
    expect(fetches()).toBeLessThanOrEqual(24);
  });

  it('answers that come within `writeBack.gather` go out in one call, and so do their follow-ups', async () => {
    world = await openWorld({ engine: open, config: { writeBack: { gather: '3s' } } });
    const { crm } = world;
    const caseIds = await openCases(4);
    for (const caseId of caseIds) await crm.closeCase(caseId);
    const addresses = caseIds.map((_, nth) => `bell-${n - caseIds.length + 1 + nth}@elsewhere.example`);
    for (const address of addresses) {
      const mail = await eventually(`a mail to ${address}`, async () => (await world.mailsTo(address))[0]);
      await answerSurvey(mail, 1);
      await wait(100);
    }
    for (const caseId of caseIds) {
      await eventually('its task', async () => (await crm.followUpsOf(caseId)).length === 1);
      expect((await crm.readCase(caseId)).score).toBe(1);
    }
    const callsOf = (name: string) => crm.requests.filter(({ path }) => path.includes(name)).length;
    expect([callsOf('update_many'), callsOf('create_many')]).toEqual([1, 1]);
  });
});
