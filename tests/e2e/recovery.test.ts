import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { openSeveralCrms, type SeveralCrms } from '../support/several-crms.ts';
import { answerSurvey } from '../support/survey-mail.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The next Friday at 17:55, and the Monday after it. */
const friday = new Date();
friday.setUTCHours(17, 55, 0, 0);
do friday.setTime(friday.getTime() + DAY_MS);
while (friday.getUTCDay() !== 5);
const monday = new Date(friday.getTime() + 3 * DAY_MS).toISOString().slice(0, 10);
const dueAt = new Date(friday.getTime() + 4 * DAY_MS - 60 * MINUTE_MS);

let open: OpenEngine;
let site: SeveralCrms;
beforeAll(async () => {
  const [embedded] = engines;
  if (embedded === undefined) throw new Error('the embedded engine is always there');
  open = await embedded.open();
  site = await openSeveralCrms({
    engine: open,
    log: silentLog,
    types: ['zendesk', 'freshdesk', 'salesforce'],
    // A watch that a slow machine cuts off throws here, where nobody tries again.
    timeout: '20s',
    config: {
      calendar: { zone: 'UTC', hours: { 'mon-fri': '09:00-18:00' }, holidays: [monday] },
      followUp: {
        dueIn: '8 business hours',
        lead: { default: 'lead@acme.example' },
        escalate: ['head@acme.example'],
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await site.close();
  await open.close();
});

const clockOf = (connector: string, caseId: string) =>
  site.app.work.db
    .withSchema(SCHEMA)
    .selectFrom('follow_ups as f')
    .innerJoin('closures as c', 'c.id', 'f.closure_id')
    .selectAll('f')
    .where('f.connector', '=', connector)
    .where('c.case_id', '=', caseId)
    .where('f.is_clock', '=', true)
    .executeTakeFirst();
const watch = (connector: string) => site.app.watch(connector, () => undefined);
const alertsTo = (address: string) => site.smtp.mails.filter(({ to }) => to.includes(address));

it('a low score ends as recovered with the next watch after the answer, in every CRM, and is escalated once when there is none', async () => {
  const { clock, crms } = site;
  const names = [...crms.keys()];
  const cases = new Map<string, { replied: string; finished: string; forgotten: string }>();
  clock.advance(friday.getTime() - clock.now().getTime());
  await Promise.all(
    [...crms].map(async ([name, crm]) => {
      const low = async (what: string): Promise<string> => {
        const email = `${what}-${name}@elsewhere.example`;
        const caseId = await crm.openCase({ subject: 'Refund', requester: { name: 'Ada', email } });
        await crm.closeCase(caseId);
        // Not all that listened before the clock was set forward listens yet.
        await watch(name);
        const mail = await eventually(`the mail of ${name}`, async () => (await site.mailsTo(email))[0]);
        await answerSurvey(mail, 1, 'Nobody called back');
        await eventually(`the task of ${what} in ${name}`, async () => {
          const clock = await clockOf(name, caseId);
          return clock?.state === 'made';
        });
        return caseId;
      };
      const [replied, finished, forgotten] = [
        await low('replied'),
        await low('finished'),
        await low('forgotten'),
      ];
      cases.set(name, { replied, finished, forgotten });
    }),
  );
  const of = (name: string) => cases.get(name) ?? expect.fail(`no cases of ${name}`);

  clock.advance(5 * MINUTE_MS);
  for (const [name, crm] of crms) {
    const { replied, finished, forgotten } = of(name);
    await crm.replyInPublic(replied);
    const [task] = await crm.followUpsOf(finished);
    await crm.finishTask(task?.id ?? '');
    await crm.noteInPrivate(forgotten);
    await crm.replyAsCustomer(forgotten);
  }
  clock.advance(MINUTE_MS);
  for (const name of names) await watch(name);
  for (const name of names) {
    const { replied, finished, forgotten } = of(name);
    const byWhat = async (caseId: string) => (await clockOf(name, caseId))?.recovered_by;
    await eventually(`the answer in ${name}`, async () => (await byWhat(replied)) === 'reply');
    await eventually(`the finished task in ${name}`, async () => (await byWhat(finished)) === 'task');
    const running = await clockOf(name, forgotten);
    expect(running, name).toMatchObject({ recovered_at: null, escalated_at: null });
    const untilDue = (running?.due_at.getTime() ?? 0) - dueAt.getTime();
    expect(untilDue, name).toBeGreaterThanOrEqual(0);
    expect(untilDue, name).toBeLessThan(3 * MINUTE_MS);
  }
  expect(alertsTo('head@acme.example')).toEqual([]);
  expect(alertsTo('lead@acme.example').length).toBeGreaterThan(0);

  clock.advance(dueAt.getTime() + 5 * MINUTE_MS - clock.now().getTime());
  await site.app.work.queues.add('sweep', {});
  for (const name of names)
    await eventually(`the escalation of ${name}`, async () => {
      const found = await clockOf(name, of(name).forgotten);
      return found?.escalated_at != null;
    });
  await eventually('the mail about them', () => alertsTo('head@acme.example').length > 0);

  for (const [name, crm] of crms) await crm.replyInPublic(of(name).forgotten);
  clock.advance(2 * MINUTE_MS);
  for (const name of names) await watch(name);
  for (const name of names)
    await eventually(`the late answer in ${name}`, async () => {
      const found = await clockOf(name, of(name).forgotten);
      return found?.recovered_by === 'reply' && found.escalated_at !== null;
    });
  const storyOf = async (name: string, caseId: string) => {
    const [closing] = (await site.app.explain(name, caseId)).closures;
    return [...(closing?.events ?? []), ...(closing?.due ?? [])].map(({ what }) => what);
  };
  for (const name of names) {
    expect(await storyOf(name, of(name).finished), name).toContain(
      'The customer was answered: the follow-up task was done.',
    );
    const story = await storyOf(name, of(name).forgotten);
    for (const what of [
      'By mail one person was told of the low score.',
      'Nobody had answered the customer in time: it was escalated.',
      'The customer was answered: somebody on our side wrote to them on the case.',
    ])
      expect(story, name).toContain(what);
  }
  const told = await site.app.work.db
    .withSchema(SCHEMA)
    .selectFrom('alerts')
    .select(['receiver'])
    .where('kind', '=', 'overdue')
    .execute();
  expect(told.map(({ receiver }) => receiver).toSorted()).toEqual([
    ...names.map(() => 'head@acme.example'),
    ...names.map(() => 'lead@acme.example'),
  ]);
}, 90_000);
