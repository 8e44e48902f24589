import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerRulesOf } from '../../jobs/record-answer.ts';
import { settleSurvey, takeConfirmation } from '../../src/store/confirmations.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { type Visitor, visitorAs } from '../support/staff-visitor.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

let engine: OpenEngine;
let world: World;
let lead: Visitor;
let cases = 0;

beforeAll(async () => {
  engine = (await engines[0]?.open()) ?? expect.fail('no engine');
  world = await openWorld({ engine, config: { policy: { quietPeriod: '14d', skip: { tags: ['vip'] } } } });
  const { work, config, clock } = world.app;
  const site = {
    url: world.serving.url ?? expect.fail('nothing listens'),
    db: work.db,
    clock: { at: clock.now(), now: () => clock.now() },
    staff: { signIn: config.signIn },
  };
  lead = await visitorAs(site, 'lead');
});
afterAll(async () => {
  await world.close();
  await engine.close();
});

async function closed(input: { email?: string; tags?: readonly string[] } = {}) {
  cases += 1;
  const { email = `customer-${cases}@elsewhere.example`, tags = [] } = input;
  const requester = { name: 'Customer', email };
  const caseId = await world.crm.openCase({ subject: 'Refund', requester, tags });
  await world.crm.closeCase(caseId);
  await eventually('the closing', async () => (await world.explain(caseId)).closures[0]);
  const path = `/dashboard/cases/${world.connector}/${caseId}`;
  return { caseId, email, path };
}

const mailsTo = (email: string, count: number) =>
  eventually(`mail ${count} to ${email}`, async () => {
    const mails = await world.mailsTo(email);
    return mails.length >= count && mails;
  });

/** Where a post leads, or the status of a page that says why not. */
async function did(response: Promise<Response>): Promise<string> {
  const { status, headers } = await response;
  return status === 303 ? (headers.get('location')?.split('?')[1] ?? '') : String(status);
}

const auditOf = async (what: string) =>
  world.app.work.db
    .withSchema(SCHEMA)
    .selectFrom('audit')
    .select(['actor', 'what', 'detail'])
    .where('what', '=', what)
    .execute();

it('a write-back that the CRM refused for good is written when a lead retries it', async () => {
  const { caseId, email, path } = await closed();
  const [mail] = await mailsTo(email, 1);
  world.crm.fail({ kind: '422', on: /tickets/, times: 50 });
  await answerSurvey(mail ?? expect.fail('no mail'), 5);
  const stuck = await eventually('the refusal', async () => {
    const page = await (await lead.get('/dashboard/failed')).text();
    return page.includes('answer to write on its case') && page;
  });
  const cause = /name="cause" value="(\w+)"/.exec(stuck)?.[1] ?? expect.fail('no cause');
  world.crm.heal();
  const retry = { kind: 'write-back', connector: world.connector, cause };
  // Pressed twice at once: one of them has the row.
  const both = await Promise.all([1, 2].map(() => did(lead.post('/dashboard/failed', retry))));
  expect(both.toSorted()).toEqual(['done=retried', 'done=retried-none']);
  await eventually('5 on the case', async () => (await world.crm.readCase(caseId)).score === 5);
  expect(await (await lead.get('/dashboard/failed')).text()).toContain('Nothing is stuck');
  expect(await auditOf('write-back retried')).toEqual([
    { actor: `user:${lead.userId}`, what: 'write-back retried', detail: `1 on ${world.connector}` },
  ]);
  await eventually('the word on the page', async () =>
    /pill good">written/.test(await (await lead.get(path)).text()),
  );
});

it('a survey is sent, refused with the way around, and sent again once, however often one presses', async () => {
  const first = await closed({ tags: ['vip'] });
  const press = (path: string, fields: Record<string, string>) => lead.post(`${path}/survey`, fields);
  expect(await did(press(first.path, { action: 'send' }))).toBe('done=send');
  await mailsTo(first.email, 1);
  expect(await did(press(first.path, { action: 'send' }))).toBe('409');

  const second = await closed({ email: first.email });
  const refused = await press(second.path, { action: 'send', mails: '0' });
  expect(refused.status).toBe(409);
  const page = await refused.text();
  expect(page).toMatch(/The survey could not be sent: [^<]*quiet period[^<]*\./);
  expect(page).toContain('Send all the same');
  expect(await did(press(second.path, { action: 'send', again: 'yes' }))).toBe('done=send');
  await mailsTo(first.email, 2);

  const seen = { action: 'resend', mails: '1' };
  expect(await did(press(second.path, seen))).toBe('done=resend');
  await mailsTo(first.email, 3);
  // The page that was pressed twice showed one mail; there are two by now.
  const twice = await press(second.path, seen);
  expect([twice.status, (await twice.text()).includes('sent again since you looked')]).toEqual([409, true]);
  expect(await world.mailsTo(first.email)).toHaveLength(3);
  const actors = (await auditOf('survey send')).map(({ actor }) => actor);
  expect(actors).toEqual([`user:${lead.userId}`, `user:${lead.userId}`]);
});

it('a held tap that a lead accepts is on the case record; a second press finds it decided', async () => {
  const { caseId, email, path } = await closed();
  await mailsTo(email, 1);
  const { work } = world.app;
  const { id: surveyId } = await work.db
    .withSchema(SCHEMA)
    .selectFrom('surveys')
    .select('id')
    .where('case_id', '=', caseId)
    .executeTakeFirstOrThrow();
  const report = { shownMs: 1_500, touched: false, driven: true, activated: false };
  const claim = { tapId: null, at: world.clock.now(), report };
  await takeConfirmation(work.db, { surveyId, score: 4, comment: null, reasons: [], claim });
  await settleSurvey(work.db, surveyId, world.clock.now(), answerRulesOf(work));
  const quarantine = await (await lead.get('/dashboard/quarantine')).text();
  expect(quarantine).toContain('The browser says that a program drives it.');
  const id = /name="id" value="(\d+)"/.exec(quarantine)?.[1] ?? expect.fail('nothing is held');
  expect(await did(lead.post('/dashboard/quarantine', { id, ruling: 'accept' }))).toBe('done=accepted');
  expect(await did(lead.post(`${path}/taps`, { id, ruling: 'dismiss' }))).toBe('done=gone');
  await eventually('4 on the case', async () => (await world.crm.readCase(caseId)).score === 4);
  expect(await auditOf('quarantine overruled')).toMatchObject([{ actor: `user:${lead.userId}` }]);
  expect(await (await lead.get(path)).text()).toContain('accepted by hand');
});

it('a low score counts as recovered when a lead says so, once, and its page says by whose word', async () => {
  const { caseId, email, path } = await closed();
  const [mail] = await mailsTo(email, 1);
  await answerSurvey(mail ?? expect.fail('no mail'), 1);
  await eventually('the low score', async () => (await world.crm.readCase(caseId)).score === 1);
  const page = await (await lead.get(path)).text();
  const closure = /name="closure" value="([0-9a-f-]+)"/.exec(page)?.[1] ?? expect.fail('no closing');
  expect(page).toContain('The customer was answered elsewhere');
  expect(await did(lead.post(`${path}/recovered`, { closure }))).toBe('done=recovered');
  expect(await did(lead.post(`${path}/recovered`, { closure }))).toBe('done=recovered-before');
  expect(await (await lead.get(path)).text()).toMatch(/pill good">recovered.*the word of a lead/s);
  expect(await auditOf('recovered by hand')).toMatchObject([{ actor: `user:${lead.userId}` }]);
});
