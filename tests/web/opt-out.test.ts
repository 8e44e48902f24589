import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCHEMA } from '../../src/store/tables.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());

async function suppressionOf(surveyId: string) {
  return site.db
    .withSchema(SCHEMA)
    .selectFrom('suppressions')
    .innerJoin('surveys', 'surveys.person', 'suppressions.person')
    .select('suppressions.source')
    .where('surveys.id', '=', surveyId)
    .execute();
}

test('looking shows a button and opts nobody out', async () => {
  const id = await site.addSurvey({ locale: 'de' });
  for (const method of ['GET', 'HEAD', 'GET']) {
    const response = await fetch(site.optOutUrl(id), { method });
    expect(response.status).toBe(200);
    if (method === 'GET') expect(await response.text()).toContain('<button type="submit">Keine Umfragen');
  }
  expect(await suppressionOf(id)).toEqual([]);
});

test('one click from a mail client opts out at once, without a redirect; repeating it changes nothing', async () => {
  const id = await site.addSurvey();
  for (let click = 0; click < 2; click += 1) {
    const response = await fetch(site.optOutUrl(id), {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
      redirect: 'manual',
    });
    expect(response.status).toBe(200);
  }
  expect(await suppressionOf(id)).toEqual([{ source: 'mail client' }]);
});

test('one click sent as multipart form data counts too', async () => {
  const id = await site.addSurvey();
  const body = new FormData();
  body.set('List-Unsubscribe', 'One-Click');
  expect((await fetch(site.optOutUrl(id), { method: 'POST', body })).status).toBe(200);
  expect(await suppressionOf(id)).toHaveLength(1);
});

test('the button says that it is done', async () => {
  const id = await site.addSurvey();
  const response = await fetch(site.optOutUrl(id), { method: 'POST', body: new URLSearchParams() });
  expect(await response.text()).toContain('We will send you no more surveys.');
  expect(await suppressionOf(id)).toEqual([{ source: 'opt-out page' }]);
});

test('a bad token, a survey token and an erased survey are 404: nobody is told that it worked', async () => {
  const id = await site.addSurvey();
  const erased = await site.addSurvey();
  await site.db.withSchema(SCHEMA).deleteFrom('surveys').where('id', '=', erased).execute();
  const urls = [`${site.url}/u/x`, site.surveyUrl(id).replace('/s/', '/u/'), site.optOutUrl(erased)];
  for (const url of urls)
    for (const method of ['GET', 'POST']) expect((await fetch(url, { method })).status).toBe(404);
  expect(await suppressionOf(id)).toEqual([]);
});
