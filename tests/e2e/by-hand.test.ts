import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweep } from '../../jobs/sweep.ts';
import { DAY_MS, HOUR_MS } from '../../src/clock.ts';
import { PermanentError } from '../../src/errors.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

const [engine] = engines;

describe('surveys by hand', () => {
  let open: OpenEngine;
  let world: World;
  /** One for each test: the store remembers who was asked. */
  let ana = '';
  let bo = '';

  beforeAll(async () => {
    open = (await engine?.open()) ?? expect.fail('no engine');
  });
  beforeEach(({ task }) => {
    ana = `ana.${task.id}@customer.example`;
    bo = `bo.${task.id}@customer.example`;
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  async function closed(input: { email?: string; tags?: readonly string[] } = {}): Promise<string> {
    const { email = ana, tags = [] } = input;
    const caseId = await world.crm.openCase({ subject: 'Refund', requester: { name: 'Ana', email }, tags });
    await world.crm.closeCase(caseId);
    await eventually('the closing', async () => (await world.explain(caseId)).closures[0]);
    return caseId;
  }

  const byHand = (action: 'send' | 'hold' | 'release' | 'resend', caseId: string, again = false) =>
    world.app.surveyByHand({ action, connector: world.connector, case: caseId, again });

  const mails = (email = ana) => world.mailsTo(email);

  const mailed = (count: number, email = ana) =>
    eventually(`mail ${count} to ${email}`, async () => {
      const all = await mails(email);
      return all.length >= count && all;
    });

  /** Whatever is due has had its chance. */
  async function pass(ms: number): Promise<void> {
    world.clock.advance(ms);
    await sweep(world.app.work);
    await world.app.work.queues.counts();
    await new Promise((resolve) => setTimeout(resolve, 700));
  }

  const closureOf = async (caseId: string) =>
    (await world.explain(caseId)).closures[0] ?? expect.fail('no closure');

  it('sends what a rule skipped, says so, and not what nobody may overrule', async () => {
    world = await openWorld({ engine: open, config: { policy: { skip: { tags: ['vip'] } } } });
    const skipped = await closed({ tags: ['vip'] });
    expect(await closureOf(skipped)).toMatchObject({ rule: 'skipped-tag' });
    await byHand('send', skipped);
    const [mail] = await mailed(1);
    const closure = await closureOf(skipped);
    expect(closure.rule).toBe('by-hand');
    expect(
      closure.events.some(({ what }) => what.includes('Asked by hand, although the case has the tag')),
    ).toBe(true);
    await expect(byHand('send', skipped)).rejects.toThrow(/was sent already/);
    // In the quiet period a hand must say that it means it.
    const other = await closed();
    await expect(byHand('send', other)).rejects.toThrow(/quiet period/);
    await byHand('send', other, true);
    const [, second] = await mailed(2);
    await answerSurvey(mail ?? expect.fail('no mail'), 4);
    await eventually('the answer', async () => (await world.crm.readCase(skipped)).score === 4);
    const optOut = second?.links.find((link) => new URL(link).pathname.startsWith('/u/')) ?? '';
    await fetch(optOut, { method: 'POST' });
    const third = await closed();
    await expect(byHand('send', third, true)).rejects.toThrow(/no more surveys/);
    await expect(byHand('send', 'nothing')).rejects.toBeInstanceOf(PermanentError);
    await pass(0);
    expect(await mails()).toHaveLength(2);
  });

  it('a held survey waits for its release, over days, and a reopening calls it off', async () => {
    world = await openWorld({ engine: open, config: { policy: { delay: '1h', quietPeriod: '0d' } } });
    const caseId = await closed();
    const reopened = await closed({ email: bo });
    await byHand('hold', caseId);
    await byHand('hold', reopened);
    await pass(DAY_MS);
    expect(await mails()).toEqual([]);
    expect((await closureOf(caseId)).rule).toBe('held-by-hand');
    world.clock.advance(2_000);
    await world.crm.reopenCase(reopened);
    await eventually('the case open', async () => (await world.explain(reopened)).state === 'open');
    await byHand('release', caseId);
    await mailed(1);
    await expect(byHand('hold', caseId)).rejects.toThrow(/nothing of its survey/);
    await expect(byHand('release', reopened)).rejects.toThrow(/nothing of its survey is held/);
    expect(await mails(bo)).toEqual([]);
  });

  it('sends a survey again for one and the same answer', async () => {
    world = await openWorld({ engine: open });
    const caseId = await closed();
    const [first] = await mailed(1);
    await eventually('the survey asked', async () =>
      (await closureOf(caseId)).events.some(({ what }) => what.startsWith('The mail relay took')),
    );
    await byHand('resend', caseId);
    const [, second] = await mailed(2);
    expect(second?.messageId).not.toBe(first?.messageId);
    expect(second?.subject).toBe(first?.subject);
    await answerSurvey(first ?? expect.fail('no mail'), 2);
    await expect(byHand('resend', caseId)).rejects.toThrow(/has answered/);
    await byHand('resend', caseId, true);
    const [, , third] = await mailed(3);
    await answerSurvey(third ?? expect.fail('no third mail'), 5);
    await eventually('the last answer', async () => (await world.crm.readCase(caseId)).score === 5);
    expect((await closureOf(caseId)).rule).toBe('asked');
  });

  it('a hand sends one mail: a reminder goes by the policy again', async () => {
    const policy = { remindAfter: '3d', skip: { tags: ['vip'] } };
    world = await openWorld({ engine: open, config: { policy } });
    const caseId = await closed({ tags: ['vip'] });
    await byHand('send', caseId);
    await mailed(1);
    await eventually('the survey asked', async () =>
      (await closureOf(caseId)).events.some(({ what }) => what.startsWith('The mail relay took')),
    );
    await pass(3 * DAY_MS + HOUR_MS);
    await eventually(
      'the reminder called off',
      async () =>
        (await closureOf(caseId)).events.filter(({ what }) => what.includes('skipped-tag')).length === 2,
    );
    expect(await mails()).toHaveLength(1);
    expect((await closureOf(caseId)).rule).toBe('by-hand');
  });

  it('with policy.send manual nothing leaves by itself', async () => {
    world = await openWorld({ engine: open, config: { policy: { send: 'manual' } } });
    const released = await closed();
    const sent = await closed({ email: bo });
    await pass(HOUR_MS);
    expect(await mails()).toEqual([]);
    await byHand('release', released);
    await byHand('send', sent);
    await mailed(1);
    await mailed(1, bo);
  });
});
