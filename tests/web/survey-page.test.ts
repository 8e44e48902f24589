import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());
beforeEach(() => {
  site.clock.at = SITE_NOW;
});

function post(url: string, fields: Record<string, string> | [string, string][]): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
}

async function tapsOf(surveyId: string) {
  return site.db
    .withSchema(SCHEMA)
    .selectFrom('taps')
    .select(['method', 'score'])
    .where('survey_id', '=', surveyId)
    .orderBy('id')
    .execute();
}

async function pageAt(url: string): Promise<{ status: number; html: string; headers: Headers }> {
  const response = await fetch(url);
  return { status: response.status, html: await response.text(), headers: response.headers };
}

describe('looking at a survey', () => {
  test('shows the question with the tapped score chosen, and notes a tap but no answer', async () => {
    const id = await site.addSurvey();
    const { status, html } = await pageAt(site.surveyUrl(id, 4));
    expect(status).toBe(200);
    expect(html).toContain('How would you rate the support you received?');
    expect(html.match(/value="4" required checked/g)).toHaveLength(1);
    expect(html.match(/ checked/g)).toHaveLength(1);
    expect(await tapsOf(id)).toEqual([{ method: 'GET', score: 4 }]);
    expect(await site.answersOf(id)).toEqual([]);
  });

  test('a score that is not on the scale chooses nothing', async () => {
    const id = await site.addSurvey();
    for (const score of [0, 6, 99]) {
      const { status, html } = await pageAt(site.surveyUrl(id, score));
      expect(status).toBe(200);
      expect(html).not.toContain(' checked');
    }
    expect((await tapsOf(id)).map((tap) => tap.score)).toEqual([null, null, null]);
  });

  test('cannot be cached, indexed, framed, or tell its address to others', async () => {
    const { headers } = await pageAt(site.surveyUrl(await site.addSurvey()));
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toContain('noindex');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('no kind of GET or HEAD ever stores an answer', async () => {
    const id = await site.addSurvey();
    const visits = fc.record({
      method: fc.constantFrom('GET', 'HEAD'),
      query: fc.constantFrom(
        '',
        '?score=1',
        '?score=5&auto=1',
        '?done=1',
        '?score=5&comment=x&done=1',
        '?auto=1',
        '?score=3&score=4',
        '?_method=POST&score=2',
      ),
      header: fc.constantFrom<[string, string]>(
        ['Accept', '*/*'],
        ['Sec-Purpose', 'prefetch'],
        ['Purpose', 'prefetch'],
        ['X-Moz', 'prefetch'],
        ['X-HTTP-Method-Override', 'POST'],
        ['User-Agent', 'Mozilla/5.0 (compatible; link scanner)'],
      ),
    });
    // Each visit has its own survey: one link alone would soon meet the rate limit.
    await fc.assert(
      fc.asyncProperty(fc.array(visits, { minLength: 1, maxLength: 5 }), async (all) => {
        const own = await site.addSurvey();
        for (const visit of all) {
          const url = `${site.surveyUrl(own)}${visit.query}`;
          const response = await fetch(url, { method: visit.method, headers: [visit.header] });
          await response.text();
          expect(response.status).toBe(200);
        }
        expect(await site.answersOf(own)).toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect(await site.answersOf(id)).toEqual([]);
    const stored = await site.db.withSchema(SCHEMA).selectFrom('answers').selectAll().execute();
    expect(stored).toEqual([]);
  });

  test('speaks the language of the customer', async () => {
    const german = await pageAt(site.surveyUrl(await site.addSurvey({ locale: 'de-AT' })));
    expect(german.html).toContain('<html lang="de"');
    expect(german.html).toContain('Wie bewerten Sie die Unterstützung');
    const other = await pageAt(site.surveyUrl(await site.addSurvey({ locale: 'eo' })));
    expect(other.html).toContain('<html lang="en"');
  });

  test('works for a survey that the config no longer has', async () => {
    const id = await site.addSurvey({ definition: 'gone', kind: 'nps', scale: '0-10' });
    const { status, html } = await pageAt(site.surveyUrl(id, 0));
    expect(status).toBe(200);
    expect(html).toContain('How likely are you to recommend us');
    expect(html).toContain('value="0" required checked');
  });
});

describe('answering', () => {
  test('stores score and comment, and leads to a page that can be reloaded', async () => {
    const id = await site.addSurvey();
    const response = await post(site.surveyUrl(id, 2), { score: '2', comment: ' Slow.\r\nVery slow. ' });
    expect(response.status).toBe(303);
    const thanks = new URL(response.headers.get('location') ?? '', site.surveyUrl(id, 2)).toString();
    expect(thanks).toBe(`${site.surveyUrl(id)}?done=1`);
    for (let reload = 0; reload < 3; reload += 1) {
      const { status, html } = await pageAt(thanks);
      expect(status).toBe(200);
      expect(html).toContain('Your answer: 2 – Dissatisfied');
      expect(html).toContain('asked to look into it and get back to you');
      expect(html).toContain('You can change it until November 28, 2026.');
    }
    expect(await site.answersOf(id)).toEqual([
      { version: 1, score: 2, comment: 'Slow.\nVery slow.', reasons: [], source: 'form' },
    ]);
    expect(await tapsOf(id)).toEqual([{ method: 'POST', score: 2 }]);
  });

  test('needs no comment, and a blank one is none', async () => {
    const id = await site.addSurvey();
    expect((await post(site.surveyUrl(id), { score: '5', comment: ' \n ' })).status).toBe(303);
    expect(await site.answersOf(id)).toMatchObject([{ score: 5, comment: null }]);
    const { html } = await pageAt(`${site.surveyUrl(id)}?done=1`);
    expect(html).toContain('saved with your request');
    expect(html).not.toContain('Your comment');
  });

  test('sent twice is one answer', async () => {
    const id = await site.addSurvey();
    const all = await Promise.all(
      [1, 2, 3].map(() => post(site.surveyUrl(id), { score: '4', comment: 'ok' })),
    );
    expect(all.map((response) => response.status)).toEqual([303, 303, 303]);
    expect(await site.answersOf(id)).toHaveLength(1);
  });

  test('can be changed inside the window: a new version, shown in the form', async () => {
    const id = await site.addSurvey();
    await post(site.surveyUrl(id), { score: '1', comment: 'bad' });
    site.clock.at = new Date(SITE_NOW.getTime() + 6 * DAY_MS);
    const form = await pageAt(site.surveyUrl(id));
    expect(form.html).toContain('You already answered.');
    expect(form.html).toContain('value="1" required checked');
    expect(form.html).toContain('>bad</textarea>');
    expect((await post(site.surveyUrl(id), { score: '4', comment: 'better' })).status).toBe(303);
    expect((await site.answersOf(id)).map((answer) => answer.score)).toEqual([1, 4]);
  });

  test('cannot be changed after the window, and says so', async () => {
    const id = await site.addSurvey();
    await post(site.surveyUrl(id), { score: '4' });
    site.clock.at = new Date(SITE_NOW.getTime() + 8 * DAY_MS);
    const late = await post(site.surveyUrl(id), { score: '1' });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('The answer you gave earlier is kept');
    expect(await site.answersOf(id)).toHaveLength(1);
    const { html } = await pageAt(site.surveyUrl(id, 1));
    expect(html).toContain('Your answer: 4 – Satisfied');
    expect(html).toContain('It can no longer be changed.');
    expect(html).not.toContain('<form');
  });

  test.each([
    { comment: 'kept' },
    { score: '6', comment: 'kept' },
    { score: '2.5', comment: 'kept' },
    { score: '', comment: 'kept' },
  ])('without a score on the scale is refused and loses nothing: %j', async (fields) => {
    const id = await site.addSurvey();
    const response = await post(site.surveyUrl(id), fields);
    expect(response.status).toBe(400);
    const html = await response.text();
    expect(html).toContain('Please choose one of the answers.');
    expect(html).toContain('>kept</textarea>');
    expect(await site.answersOf(id)).toEqual([]);
    expect(await tapsOf(id)).toEqual([]);
  });

  test('a comment of 5,000 characters is saved, a longer one comes back whole with the score', async () => {
    const id = await site.addSurvey();
    const tooLong = await post(site.surveyUrl(id), { score: '3', comment: 'ü'.repeat(5_001) });
    expect(tooLong.status).toBe(400);
    const html = await tooLong.text();
    expect(html).toContain('has 5,001 characters');
    expect(html).toContain(`>${'ü'.repeat(5_001)}</textarea>`);
    expect(html).toContain('value="3" required checked');
    expect(await site.answersOf(id)).toEqual([]);
    expect((await post(site.surveyUrl(id), { score: '3', comment: '漢'.repeat(5_000) })).status).toBe(303);
    expect((await site.answersOf(id))[0]?.comment).toHaveLength(5_000);
  });

  test('a body over 64 KiB is refused in words', async () => {
    const id = await site.addSurvey();
    const response = await post(site.surveyUrl(id), { score: '3', comment: 'x'.repeat(70_000) });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('shorten your comment');
    expect(await site.answersOf(id)).toEqual([]);
  });

  test('any text comes back as text: in the store, in the form, on the page', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (typed) => {
        const id = await site.addSurvey();
        const hostile = `<script>alert(1)</script>"'>&amp;\0${typed}`;
        expect((await post(site.surveyUrl(id), { score: '1', comment: hostile })).status).toBe(303);
        const stored = (await site.answersOf(id))[0]?.comment ?? '';
        expect(stored.startsWith(`<script>alert(1)</script>"'>&amp;`)).toBe(true);
        for (const url of [site.surveyUrl(id), `${site.surveyUrl(id)}?done=1`]) {
          const { html } = await pageAt(url);
          expect(html).not.toContain('<script>alert');
          expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&amp;amp;');
        }
      }),
      { numRuns: 25 },
    );
  });

  test('reasons of ours are kept with a low score, and with no other; others are refused', async () => {
    const id = await site.addSurvey();
    const answer = (score: string, ...reasons: string[]) =>
      post(site.surveyUrl(id), [
        ['score', score],
        ...reasons.map((reason): [string, string] => ['reasons', reason]),
      ]);
    expect((await answer('2', 'person', 'Ada was rude')).status).toBe(400);
    expect(await site.answersOf(id)).toEqual([]);
    expect((await answer('2', 'wait', 'person', 'wait')).status).toBe(303);
    expect((await answer('2', 'person', 'wait')).status).toBe(303);
    expect(await site.answersOf(id)).toMatchObject([{ reasons: ['person', 'wait'] }]);
    expect((await answer('4', 'person')).status).toBe(303);
    expect((await site.answersOf(id)).at(-1)).toMatchObject({ score: 4, reasons: [] });
  });
});

describe('a link that is not good', () => {
  test('expired: refused kindly, and nothing is stored', async () => {
    const id = await site.addSurvey();
    site.clock.at = new Date(SITE_NOW.getTime() + 30 * DAY_MS);
    const looked = await pageAt(site.surveyUrl(id, 5));
    const sent = await post(site.surveyUrl(id), { score: '5' });
    expect([looked.status, sent.status]).toEqual([410, 410]);
    expect(looked.html).toContain('This survey has ended');
    expect(looked.html).not.toContain('<form');
    expect(await site.answersOf(id)).toEqual([]);
    expect(await tapsOf(id)).toEqual([]);
  });

  test.each(['x', 'AAAA', '%E0%A4%A', `${'A'.repeat(51)}`])(
    '%s: 404 or 400 in the language of the browser',
    async (token) => {
      const response = await fetch(`${site.url}/s/${token}`, { headers: { 'Accept-Language': 'de' } });
      expect([400, 404]).toContain(response.status);
      expect(await response.text()).toContain('Dieser Link funktioniert nicht');
    },
  );

  test('an opt-out token, and a survey that was erased', async () => {
    const id = await site.addSurvey();
    expect((await pageAt(site.optOutUrl(id).replace('/u/', '/s/'))).status).toBe(404);
    const erased = await site.addSurvey();
    await site.db.withSchema(SCHEMA).deleteFrom('surveys').where('id', '=', erased).execute();
    expect((await pageAt(site.surveyUrl(erased))).status).toBe(404);
  });

  test('opened more than 30 times a minute: 429 with Retry-After, other links unharmed', async () => {
    const id = await site.addSurvey();
    const statuses: number[] = [];
    for (let visit = 0; visit < 30; visit += 1) statuses.push((await pageAt(site.surveyUrl(id))).status);
    expect(statuses.every((status) => status === 200)).toBe(true);
    const refused = await fetch(site.surveyUrl(id));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toContain('try again shortly');
    expect((await post(site.surveyUrl(id), { score: '4' })).status).toBe(429);
    expect((await pageAt(site.surveyUrl(await site.addSurvey()))).status).toBe(200);
  });
});

test('a failing store gives a page without a trace of what failed, and a log without words of the customer', async () => {
  const id = await site.addSurvey();
  const url = site.surveyUrl(id);
  const t = site.db.withSchema(SCHEMA).schema;
  await t.alterTable('answers').renameColumn('comment', 'comment_away').execute();
  try {
    const looked = await post(url, { score: '4', comment: 'a most private remark' });
    expect(looked.status).toBe(500);
    const html = await looked.text();
    expect(html).toContain('The fault is ours.');
    expect(html).not.toMatch(/comment_away|column|at \w+ \(/);
  } finally {
    await t.alterTable('answers').renameColumn('comment_away', 'comment').execute();
  }
  const log = site.log.join('');
  expect(log).toContain('page could not be served');
  expect(log).toMatch(/findSurveyPage/);
  expect(log).not.toContain('private remark');
  expect(log).not.toContain(new URL(url).pathname.split('/')[2]);
});

test('other paths and methods are 404 in HTML', async () => {
  for (const path of ['/', '/nothing/here', '/s/', '/assets/', '/assets/../app.ts', '/assets/none.css'])
    expect((await pageAt(`${site.url}${path}`)).status).toBe(404);
  expect((await fetch(site.surveyUrl(await site.addSurvey()), { method: 'DELETE' })).status).toBe(404);
  // fetch tidies dots away; a socket does not.
  const status = await new Promise((resolve, reject) => {
    request(`${site.url}`, { path: '/assets/%2e%2e/app.ts' }, (response) => resolve(response.statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(404);
});

test('style and script are served by us with their types', async () => {
  const css = await fetch(`${site.url}/assets/survey.css`);
  const js = await fetch(`${site.url}/assets/survey.js`);
  expect(css.headers.get('content-type')).toContain('text/css');
  expect(js.headers.get('content-type')).toContain('javascript');
});
