import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sweep } from '../../jobs/sweep.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

const time = (at: Date) => at.toISOString().slice(11, 16);

const [engine] = engines;

describe('when surveys leave', () => {
  let open: OpenEngine;
  let world: World;

  beforeAll(async () => {
    open = (await engine?.open()) ?? expect.fail('no engine');
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  async function closed(email: string, timeZone?: string): Promise<string> {
    const requester = { name: 'Ana Example', email, ...(timeZone === undefined ? {} : { timeZone }) };
    const caseId = await world.crm.openCase({ subject: 'Refund', requester });
    await world.crm.closeCase(caseId);
    return caseId;
  }

  /** Some time goes by, and the sweep comes round. */
  async function pass(ms: number): Promise<void> {
    world.clock.advance(ms);
    await sweep(world.app.work);
  }

  const rulesOf = async (caseId: string) => (await world.explain(caseId)).closures[0]?.events ?? [];

  it('quiet hours are those of the customer, and explain says when the mail is due', async () => {
    const now = Date.now();
    // Quiet in London for an hour more; in Tokyo, nine hours on, it is not.
    const [from, to] = [new Date(now - HOUR_MS), new Date(now + HOUR_MS)];
    const quietHours = `${time(from)}-${time(to)}`;
    world = await openWorld({ engine: open, config: { policy: { quietHours } } });
    const sleeping = await closed('sleeping@customer.example', 'UTC');
    await closed('awake@customer.example', 'Tokyo');
    await eventually(
      'the mail that may leave',
      async () => (await world.mailsTo('awake@customer.example'))[0],
    );
    const due = await eventually('the other one due', async () => {
      const [closure] = (await world.explain(sleeping)).closures;
      return closure?.due.find(({ what }) => what.startsWith('The invitation is to be sent'));
    });
    expect(due.at?.slice(11, 16)).toBe(time(to));
    expect(await world.mailsTo('sleeping@customer.example')).toEqual([]);
    await pass(HOUR_MS + MINUTE_MS);
    await eventually(
      'the mail at the end of the night',
      async () => (await world.mailsTo('sleeping@customer.example'))[0],
    );
  });

  it('one reminder reaches whoever has not answered, and nobody else', async () => {
    const policy = { remindAfter: '3d', quietPeriod: '0d' };
    world = await openWorld({ engine: open, config: { policy } });
    const silent = await closed('silent@customer.example');
    const answered = await closed('answered@customer.example');
    const reopened = await closed('reopened@customer.example');
    const first = async (email: string) =>
      eventually(`a mail to ${email}`, async () => (await world.mailsTo(email))[0]);
    await first('silent@customer.example');
    await first('reopened@customer.example');
    world.clock.advance(1_500);
    await answerSurvey(await first('answered@customer.example'), 4);
    await eventually(
      'the answer on the record',
      async () => (await world.crm.readCase(answered)).score === 4,
    );
    world.clock.advance(2_000);
    await world.crm.reopenCase(reopened);
    await eventually('the case open', async () => (await world.explain(reopened)).state === 'open');
    await pass(3 * DAY_MS);
    const mails = await eventually('the reminder', async () => {
      const all = await world.mailsTo('silent@customer.example');
      return all.length > 1 && all;
    });
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
    expect(mails[1]?.subject).not.toBe(mails[0]?.subject);
    await eventually('the reminder of an open case called off', async () =>
      (await rulesOf(reopened)).some(({ what }) => what.includes('(rule: reopened)')),
    );
    // The links of the first mail, and until the same day.
    expect(mails[1]?.links[0]?.split('?')[0]).toBe(mails[0]?.links[0]?.split('?')[0]);
    await answerSurvey(mails[1] ?? expect.fail('no reminder'), 5);
    await eventually('the late answer', async () => (await world.crm.readCase(silent)).score === 5);
    await pass(4 * DAY_MS);
    expect(await world.mailsTo('silent@customer.example')).toHaveLength(2);
    expect(await world.mailsTo('answered@customer.example')).toHaveLength(1);
    expect(await world.mailsTo('reopened@customer.example')).toHaveLength(1);
    expect((await world.explain(answered)).closures[0]).toMatchObject({ rule: 'asked' });
  });
});
