import { afterAll, beforeAll, expect, it } from 'vitest';
import { readiness } from '../../src/readiness.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

const secret = `whsec_${Buffer.alloc(32, 'a').toString('base64')}`;

let open: OpenEngine | undefined;
let world: World;
let quick: Receiver;
let stuck: Receiver;
beforeAll(async () => {
  [quick, stuck] = await Promise.all([startReceiver(), startReceiver()]);
  stuck.answer = () => undefined;
  open = await engines[0]?.open();
  if (open === undefined) throw new Error('the embedded engine is always there');
  world = await openWorld({
    engine: open,
    config: { webhooks: { quick: { url: quick.url, secret }, stuck: { url: stuck.url, secret } } },
  });
});
afterAll(async () => {
  await stuck.close();
  await world.close();
  await open?.close();
  await quick.close();
});

it('a receiver that hangs holds up neither the CRM nor another receiver', async () => {
  const { crm, app, mailsTo } = world;
  for (const score of [2, 5]) {
    const requester = { name: `Customer ${score}`, email: `customer-${score}@elsewhere.example` };
    const caseId = await crm.openCase({ subject: 'Refund', requester });
    await crm.closeCase(caseId);
    const mail = await eventually('a mail', async () => (await mailsTo(requester.email))[0]);
    await answerSurvey(mail, score);
    await eventually('the score on the record', async () => (await crm.readCase(caseId)).score === score);
    const told = () => quick.received.map(({ body }) => JSON.parse(body).data.score);
    await eventually('the event', () => told().includes(score));
  }
  expect(stuck.received.length).toBe(1);
  const { webhooks } = await readiness(app);
  expect(webhooks).toMatchObject([
    { name: 'quick', state: 'well', waiting: 0 },
    { name: 'stuck', waiting: 2 },
  ]);

  expect(await app.checkWebhook('quick')).toMatchObject([{ what: 'endpoint', level: 'ok' }]);
  expect(quick.received.at(-1)).toMatchObject({ method: 'HEAD', body: '' });
  quick.answer = (_request, response) => response.writeHead(404).end();
  expect(await app.checkWebhook('quick')).toMatchObject([
    { level: 'warning', fix: expect.stringContaining('url') },
  ]);
});
