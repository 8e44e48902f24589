import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());
beforeEach(() => {
  site.clock.at = SITE_NOW;
});

async function answer(url: string, fields: [string, string][]): Promise<void> {
  const body = new URLSearchParams(fields);
  expect((await fetch(url, { method: 'POST', body, redirect: 'manual' })).status).toBe(303);
}

async function htmlAt(url: string): Promise<string> {
  return (await fetch(url)).text();
}

test.each([
  [5, 'We are glad to hear it.', false],
  [3, 'Your answer has been saved with your request, where the support team can read it.', false],
  [1, 'asked to look into it and get back to you', true],
])(
  'a score of %i gets thanks of its own, and only a low one is asked for reasons',
  async (score, words, asks) => {
    const id = await site.addSurvey();
    await answer(site.surveyUrl(id), [['score', String(score)]]);
    const html = await htmlAt(`${site.surveyUrl(id)}?done=1`);
    expect(html).toContain(words);
    expect(html.includes('value="person"')).toBe(asks);
  },
);

test('a survey whose config says so asks for no reasons', async () => {
  const id = await site.addSurvey({ definition: 'quiet' });
  expect(await htmlAt(site.surveyUrl(id, 1))).not.toContain('value="person"');
  await answer(site.surveyUrl(id), [['score', '1']]);
  expect(await htmlAt(`${site.surveyUrl(id)}?done=1`)).not.toContain('value="person"');
});

test('one more reason is one tap that keeps score, comment and the reasons given before', async () => {
  const id = await site.addSurvey();
  await answer(site.surveyUrl(id), [
    ['score', '1'],
    ['comment', 'One.\nTwo.'],
    ['reasons', 'wait'],
  ]);
  const html = await htmlAt(`${site.surveyUrl(id)}?done=1`);
  const fields = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
  const kept = fields.map(([, name = '', value = '']): [string, string] => [name, value]);
  await answer(site.surveyUrl(id), [...kept, ['reasons', 'policy']]);
  expect((await site.answersOf(id)).at(-1)).toMatchObject({
    score: 1,
    comment: 'One.\nTwo.',
    reasons: ['policy', 'wait'],
  });
});

test('an expired link says which answer stands, and what is left to do', async () => {
  const id = await site.addSurvey();
  await answer(site.surveyUrl(id), [['score', '4']]);
  site.clock.at = new Date(SITE_NOW.getTime() + 30 * DAY_MS);
  const response = await fetch(site.surveyUrl(id, 1));
  const html = await response.text();
  expect(response.status).toBe(410);
  expect(html).toContain('Your answer: 4 – Satisfied');
  expect(html).toContain('please contact the support team');
  expect(html).not.toContain('no answer was saved');
});
