import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey, type SurveyMail } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

const NOTE = 'Please answer the customer.';

describeEngines('a low score that opens its case again', (engine) => {
  let open: OpenEngine;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  const start = async (action: 'reopen' | 'both'): Promise<World> => {
    world = await openWorld({ engine: open, config: { followUp: { action } } });
    return world;
  };

  async function asked(): Promise<{ caseId: string; email: string; mail: SurveyMail }> {
    n += 1;
    const email = `reopen-${n}@elsewhere.example`;
    const requester = { name: `Customer ${n}`, email };
    const caseId = await world.crm.openCase({ subject: 'Refund', requester, assignee: 'Maya Lindqvist' });
    await world.crm.closeCase(caseId);
    const mail = await eventually(`a mail to ${email}`, async () => (await world.mailsTo(email))[0]);
    world.clock.advance(1_500);
    return { caseId, email, mail };
  }

  const page = async (caseId: string): Promise<string> => (await fetch(world.crm.caseUrl(caseId))).text();
  const notesOn = async (caseId: string): Promise<number> => (await page(caseId)).split(NOTE).length - 1;
  const opened = (caseId: string) =>
    eventually('the case open', async () => (await world.crm.readCase(caseId)).state === 'open');
  const written = (caseId: string, score: number) =>
    eventually('the score on the record', async () => (await world.crm.readCase(caseId)).score === score);

  it('is open for its owner with one private note, and mails nobody', async () => {
    const { crm } = await start('reopen');
    const { caseId, mail } = await asked();
    await answerSurvey(mail, 1, 'It broke again');
    await opened(caseId);
    await written(caseId, 1);
    expect(await notesOn(caseId)).toBe(1);
    const text = await page(caseId);
    expect(text).toContain('It broke again');
    expect(text).toMatch(/Internal[\s\S]*Please answer the customer/);
    expect(text).toMatch(/Assignee<\/dt>\s*<dd>Maya Lindqvist/);
    expect((await crm.readCase(caseId)).mailsToCustomer).toBe(0);
    expect(await crm.followUpsOf(caseId)).toEqual([]);
    await eventually('the explanation', async () =>
      (await world.explain(caseId)).closures[0]?.events.some(({ what }) => what.includes('opened again')),
    );
  });

  it('is opened once per closure, however the answer changes, and its next closing is decided like any', async () => {
    const { crm, clock } = await start('reopen');
    const { caseId, mail, email } = await asked();
    await answerSurvey(mail, 1);
    await opened(caseId);
    await written(caseId, 1);
    clock.advance(5_000);
    await crm.closeCase(caseId);
    await answerSurvey(mail, 2, 'Still broken');
    await written(caseId, 2);
    await eventually('the second closing decided', async () => {
      const { closures } = await world.explain(caseId);
      return closures[1]?.rule !== undefined && closures[1];
    });
    const { closures } = await world.explain(caseId);
    // The quiet period speaks before policy.again.
    expect(closures.map(({ rule }) => rule)).toEqual(['asked', 'quiet-period']);
    expect((await crm.readCase(caseId)).state).toBe('closed');
    expect(await notesOn(caseId)).toBe(1);
    expect(await world.mailsTo(email)).toHaveLength(1);
  });

  it('has a task as well where both are asked for, one of each', async () => {
    const { crm } = await start('both');
    const { caseId, mail } = await asked();
    await answerSurvey(mail, 2);
    await opened(caseId);
    await eventually('the task', async () => (await crm.followUpsOf(caseId)).length === 1);
    await written(caseId, 2);
    await answerSurvey(mail, 1);
    await written(caseId, 1);
    expect(await crm.followUpsOf(caseId)).toHaveLength(1);
    expect(await notesOn(caseId)).toBe(1);
  });

  it.each(['reopen', 'both'] as const)('closed for good it gets one task instead (%s)', async (action) => {
    const { crm } = await start(action);
    const { caseId, mail } = await asked();
    await crm.lockCase(caseId);
    await answerSurvey(mail, 1);
    await eventually('the task', async () => (await crm.followUpsOf(caseId)).length > 0);
    await eventually('nothing due any more but an answer to the customer', async () => {
      const due = (await world.explain(caseId)).closures[0]?.due ?? [];
      return due.length > 0 && due.every(({ what }) => what.startsWith('The customer is '));
    });
    expect(await crm.followUpsOf(caseId)).toHaveLength(1);
    expect((await crm.readCase(caseId)).state).toBe('locked');
    const events = (await world.explain(caseId)).closures[0]?.events.map(({ what }) => what).join('\n');
    expect(events).toContain('The follow-up task was made');
    expect(events?.includes('cannot be opened again')).toBe(action === 'reopen');
  });

  it('a lost reply makes no second note', async () => {
    const { crm } = await start('reopen');
    const { caseId, mail } = await asked();
    crm.fail({ kind: 'reply lost', on: /PUT .*update_many/, times: 2 });
    await answerSurvey(mail, 1);
    await opened(caseId);
    await written(caseId, 1);
    world.clock.advance(20_000);
    await eventually('the reopening known', async () =>
      (await world.explain(caseId)).closures[0]?.events.some(({ what }) => what.includes('opened again')),
    );
    expect(await notesOn(caseId)).toBe(1);
  });
});
