import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey, type SurveyMail } from '../support/survey-mail.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

describeEngines('an answer after the case closed for good', (engine) => {
  let open: OpenEngine;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  const start = async (late: string, options: Partial<WorldOptions> = {}): Promise<World> => {
    world = await openWorld({ engine: open, connector: { late }, ...options });
    return world;
  };

  /** A case that is closed and whose customer has the mail. */
  async function asked(): Promise<{ caseId: string; email: string; mail: SurveyMail }> {
    n += 1;
    const email = `late-${n}@elsewhere.example`;
    const caseId = await world.crm.openCase({
      subject: 'Refund',
      requester: { name: `Customer ${n}`, email },
    });
    await world.crm.closeCase(caseId);
    const mail = await eventually(`a mail to ${email}`, async () => (await world.mailsTo(email))[0]);
    return { caseId, email, mail };
  }

  async function lockedAndAnswered(score: number, comment = '') {
    const one = await asked();
    await world.crm.lockCase(one.caseId);
    await answerSurvey(one.mail, score, comment);
    return one;
  }

  const eventsOf = async (caseId: string): Promise<string> =>
    (await world.explain(caseId)).closures.flatMap(({ events }) => events.map(({ what }) => what)).join('\n');

  /** The one follow-up ticket, once that score stands on it. */
  const ticketWith = (caseId: string, score: number) =>
    eventually(`the score ${score} on a follow-up ticket`, async () => {
      const [ticket, ...others] = await world.crm.followUpsOf(caseId);
      if (ticket === undefined) return null;
      expect(others).toEqual([]);
      return (await world.crm.readCase(ticket.id)).score === score && ticket;
    });

  it('is kept here where nothing else is asked for, and says so', async () => {
    await start('keep');
    const { caseId } = await lockedAndAnswered(5);
    await eventually('the answer kept', async () => (await eventsOf(caseId)).includes('kept here'));
    expect(await world.crm.followUpsOf(caseId)).toEqual([]);
    expect((await world.explain(caseId)).closures[0]?.due).toEqual([]);
  });

  it('stands on one follow-up ticket, changes there, mails nobody and starts no survey', async () => {
    const { crm } = await start('follow-up-ticket');
    const { caseId, mail, email } = await lockedAndAnswered(4, 'All good in the end');
    const ticket = await ticketWith(caseId, 4);
    expect(await crm.readCase(ticket.id)).toMatchObject({
      state: 'closed',
      level: 'high',
      comment: 'All good in the end',
      mailsToCustomer: 0,
    });
    expect((await crm.readCase(caseId)).mailsToCustomer).toBe(0);
    await eventually('its link in the explanation', async () =>
      (await eventsOf(caseId)).includes(`stands on a follow-up ticket: ${ticket.url}`),
    );

    await answerSurvey(mail, 5, 'Better still');
    expect((await ticketWith(caseId, 5)).id).toBe(ticket.id);
    expect((await crm.readCase(ticket.id)).comment).toBe('Better still');

    world.clock.advance(2 * 60_000);
    await world.app.watch(world.connector, () => undefined);
    await eventually('the ticket decided as ours', async () => {
      const [closure] = (await world.explain(ticket.id)).closures;
      return closure?.rule === 'ours';
    });
    expect(await world.mailsTo(email)).toHaveLength(1);
  });

  it('finds its place too when the case closes between the answer and the write', async () => {
    const { crm } = await start('follow-up-ticket');
    const { caseId, mail } = await asked();
    crm.holdJobs();
    await answerSurvey(mail, 4);
    await eventually('the write handed over', () =>
      crm.requests.some(({ path, status }) => path.includes('update_many') && status === 200),
    );
    await crm.lockCase(caseId);
    crm.releaseJobs();
    await ticketWith(caseId, 4);
  });

  it('makes no second ticket when the reply to the first was lost, and shows the latest answer', async () => {
    const { crm } = await start('follow-up-ticket');
    crm.fail({ kind: 'reply lost', on: /create_many/ });
    const { caseId, mail } = await lockedAndAnswered(4);
    await eventually('the ticket whose reply was lost', async () => (await crm.followUpsOf(caseId))[0]);
    await answerSurvey(mail, 5);
    world.clock.advance(20_000);
    await ticketWith(caseId, 5);
  });

  it('goes to another ticket when the first one is closed for good as well', async () => {
    const { crm } = await start('follow-up-ticket');
    const { caseId, mail } = await lockedAndAnswered(4);
    const first = await ticketWith(caseId, 4);
    await crm.lockCase(first.id);
    await answerSurvey(mail, 5);
    const second = await eventually('a second ticket', async () =>
      (await crm.followUpsOf(caseId)).find(({ id }) => id !== first.id),
    );
    await eventually('the changed answer', async () => (await crm.readCase(second.id)).score === 5);
    expect((await crm.readCase(first.id)).score).toBe(4);
  });

  it('gets an open ticket where a field must be filled before one can be solved', async () => {
    const { crm } = await start('follow-up-ticket');
    const { caseId, mail } = await asked();
    await crm.lockCase(caseId);
    crm.requireFieldOnSolve('CSAT reasons');
    await answerSurvey(mail, 4);
    const ticket = await ticketWith(caseId, 4);
    expect((await crm.readCase(ticket.id)).state).toBe('open');
  });

  it('a low one has its ticket and its task', async () => {
    const { crm } = await start('follow-up-ticket');
    const { caseId } = await lockedAndAnswered(1, 'Never again');
    const made = await eventually('ticket and task', async () => {
      const all = await crm.followUpsOf(caseId);
      return all.length >= 2 && all;
    });
    expect(made.map(({ dueAt }) => dueAt !== null).sort()).toEqual([false, true]);
    const ticket = made.find(({ dueAt }) => dueAt === null);
    expect(await crm.readCase(ticket?.id ?? '')).toMatchObject({
      score: 1,
      level: 'low',
      comment: 'Never again',
    });
  });

  it('stands on the person where that is asked for, and changes there', async () => {
    const { crm } = await start('user-field');
    const { caseId, mail, email } = await lockedAndAnswered(2, 'Too late');
    const personWith = (score: number) =>
      eventually(`the score ${score} on the person`, async () => {
        const person = await crm.readPerson(email);
        return person['CSAT score'] === score && person;
      });
    expect(await personWith(2)).toMatchObject({ 'CSAT level': 'low', 'CSAT comment': 'Too late' });
    await eventually('its link in the explanation', async () =>
      /stands on the person who asked: http\S+\/agent\/users\/\d+/.test(await eventsOf(caseId)),
    );
    await answerSurvey(mail, 5);
    expect(await personWith(5)).toMatchObject({ 'CSAT level': 'high', 'CSAT comment': null });
    const tasks = await crm.followUpsOf(caseId);
    expect(tasks.every(({ dueAt }) => dueAt !== null)).toBe(true);
  });
});
