import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { openWorld, type World } from '../support/world.ts';

describeEngines('doorbells', (engine) => {
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

  it('that ring in quiet are answered one by one, at once', async () => {
    world = await openWorld({ engine: open });
    const caseIds = await openCases(20);
    for (const [nth, caseId] of caseIds.entries()) {
      await wait(200);
      await world.crm.closeCase(caseId);
      await eventually('the mail', () => world.smtp.mails.length === nth + 1);
    }
    expect(fetches()).toBe(20);
  });

  it('that ring in a storm share fetches, and each is answered', async () => {
    world = await openWorld({ engine: open });
    const caseIds = await openCases(80);
    for (const caseId of caseIds) {
      await world.crm.closeCase(caseId);
      await wait(40);
    }
    await eventually('every mail', () => world.smtp.mails.length === caseIds.length);
    expect(fetches()).toBeLessThanOrEqual(24);
  });
});
