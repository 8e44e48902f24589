import fc from 'fast-check';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SETTLE_MS } from '../../src/domain/confirmation.ts';
import type { AnswerRules } from '../../src/store/answers.ts';
import { settleSurvey } from '../../src/store/confirmations.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';
import { BROWSERS, type BrowserName } from '../taps/traces/trace.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());
beforeEach(() => {
  site.clock.at = SITE_NOW;
});

const later = (ms: number) => {
  site.clock.at = new Date(site.clock.at.getTime() + ms);
};

interface Visitor {
  readonly browser: BrowserName;
  readonly caller: string;
}
const CUSTOMER: Visitor = { browser: 'iphone', caller: '10.0.0.1' };

async function visit(
  surveyId: string,
  score: number | null,
  { browser, caller }: Visitor = CUSTOMER,
  options: { method?: string; query?: string } = {},
): Promise<{ html: string; tap: string | null; allow: unknown }> {
  const { body, headers } = await request(
    `${site.surveyUrl(surveyId, score ?? undefined)}${options.query ?? ''}`,
    {
      method: (options.method ?? 'GET') as 'GET',
      headers: { ...BROWSERS[browser], 'x-forwarded-for': caller },
    },
  );
  const html = await body.text();
  return { html, tap: /name="tap" value="(\d+)"/.exec(html)?.[1] ?? null, allow: headers.allow };
}

async function post(
  surveyId: string,
  fields: Record<string, string>,
  { browser, caller }: Visitor = CUSTOMER,
): Promise<unknown> {
  const { statusCode, body } = await request(site.surveyUrl(surveyId), {
    method: 'POST',
    headers: {
      ...BROWSERS[browser],
      'x-forwarded-for': caller,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ comment: '', ...fields }).toString(),
  });
  const text = await body.text();
  return fields.auto === '1' ? JSON.parse(text) : statusCode;
}

/** Opens the link of a score and lets the page's script confirm it. */
async function tap(surveyId: string, score: number, visitor: Visitor = CUSTOMER): Promise<unknown> {
  const page = await visit(surveyId, score, visitor);
  later(1_700);
  return post(surveyId, { score: String(score), auto: '1', shown: '1500', tap: page.tap ?? '' }, visitor);
}

async function settled(surveyId: string): Promise<void> {
  later(SETTLE_MS);
  await site.settle(surveyId);
}

const scoresOf = async (surveyId: string) =>
  (await site.answersOf(surveyId)).map(({ score, source }) => [score, source]);

async function statesOf(surveyId: string) {
  const rows = await site.db
    .withSchema(SCHEMA)
    .selectFrom('confirmations')
    .select(['score', 'state', 'marks'])
    .where('survey_id', '=', surveyId)
    .orderBy('id')
    .execute();
  return rows.map(({ score, state, marks }) => `${score} ${state} ${(marks as string[]).join(' ')}`.trim());
}

describe('a tap that the page confirms by itself', () => {
  test('is no answer until it has settled, and one answer then, however often that is tried', async () => {
    const id = await site.addSurvey();
    expect(await tap(id, 4)).toEqual({ saved: true });
    await site.settle(id);
    expect(await scoresOf(id)).toEqual([]);
    await settled(id);
    await Promise.all([site.settle(id), site.settle(id)]);
    expect(await scoresOf(id)).toEqual([[4, 'auto']]);
    expect(await statesOf(id)).toEqual(['4 counted']);
  });

  test('a second score before that is the one that counts', async () => {
    const id = await site.addSurvey();
    await tap(id, 2);
    later(3_000);
    await tap(id, 4);
    later(SETTLE_MS - 5_000);
    await site.settle(id);
    expect(await scoresOf(id)).toEqual([]);
    await settled(id);
    expect(await scoresOf(id)).toEqual([[4, 'auto']]);
    expect(await statesOf(id)).toEqual(['2 superseded', '4 counted']);
  });

  test('a press counts at once and overtakes what settles and what is held', async () => {
    const id = await site.addSurvey();
    await tap(id, 5);
    expect(await post(id, { score: '2' })).toBe(303);
    expect(await scoresOf(id)).toEqual([[2, 'form']]);
    await settled(id);
    expect(await scoresOf(id)).toEqual([[2, 'form']]);
    expect(await statesOf(id)).toEqual(['5 superseded']);
  });

  test('never changes what a person pressed, and asks for a press instead', async () => {
    const id = await site.addSurvey();
    await post(id, { score: '4' });
    expect(await tap(id, 1)).toEqual({ held: true });
    expect(await tap(id, 4)).toEqual({ saved: true });
    await settled(id);
    expect(await scoresOf(id)).toEqual([[4, 'form']]);
    const { html } = await visit(id, 1);
    expect(html).toContain('data-held="Please press “Save changes”');
  });

  test('is held when a mark speaks at once, and when one turns up while it settles', async () => {
    const scanner: Visitor = { browser: 'edge-of-a-sandbox', caller: '10.0.0.2' };
    const named = await site.addSurvey();
    expect(await tap(named, 1, { browser: 'named-scanner', caller: '10.0.0.2' })).toEqual({ held: true });
    expect(await statesOf(named)).toEqual(['1 held scanner']);

    const id = await site.addSurvey();
    expect(await tap(id, 1, scanner)).toEqual({ saved: true });
    await visit(id, null, scanner, { query: '?view=1' });
    await settled(id);
    expect(await scoresOf(id)).toEqual([]);
    expect(await statesOf(id)).toEqual(['1 held trapped same-browser']);
    expect(await post(id, { score: '3' })).toBe(303);
    expect(await statesOf(id)).toEqual(['1 superseded trapped same-browser']);
  });

  test('a machine that comes between does not push a person aside', async () => {
    const id = await site.addSurvey();
    await tap(id, 4);
    later(4_000);
    await tap(id, 1, { browser: 'headless-chrome', caller: '10.0.0.2' });
    await settled(id);
    expect(await scoresOf(id)).toEqual([[4, 'auto']]);
    expect(await statesOf(id)).toEqual(['4 counted', '1 held scanner']);
  });

  test.each(['', '99999999999999', 'x', '1; drop'])('a page it does not name is none: %j', async (tapId) => {
    const id = await site.addSurvey();
    expect(await post(id, { score: '4', auto: '1', shown: '1500', tap: tapId })).toEqual({ held: true });
    expect(await statesOf(id)).toEqual(['4 held pageless']);
  });

  test("nor is another survey's page", async () => {
    const other = await visit(await site.addSurvey(), 4);
    const id = await site.addSurvey();
    later(2_000);
    expect(await post(id, { score: '4', auto: '1', tap: other.tap ?? '' })).toEqual({ held: true });
  });
});

test('a tap keeps what it said of itself, and no address', async () => {
  const id = await site.addSurvey();
  await visit(id, 3, CUSTOMER, { method: 'HEAD' });
  expect((await visit(id, 3, CUSTOMER, { method: 'OPTIONS' })).allow).toBe('GET, HEAD, POST');
  await visit(id, null, { browser: 'edge', caller: '10.0.0.3' }, { query: '?view=1' });
  const taps = await site.db
    .withSchema(SCHEMA)
    .selectFrom('taps')
    .select(['method', 'kind', 'score', 'agent', 'caller', 'facts'])
    .where('survey_id', '=', id)
    .orderBy('id')
    .execute();
  const facts = { prefetched: false, scanner: false, bare: false };
  expect(taps).toEqual([
    {
      method: 'HEAD',
      kind: 'page',
      score: 3,
      agent: 'Safari 18 on iPhone',
      caller: 'hash of 10.0.0.1',
      facts,
    },
    {
      method: 'OPTIONS',
      kind: 'page',
      score: 3,
      agent: 'Safari 18 on iPhone',
      caller: 'hash of 10.0.0.1',
      facts,
    },
    {
      method: 'GET',
      kind: 'trap',
      score: null,
      agent: 'Edge 142 on Windows',
      caller: 'hash of 10.0.0.3',
      facts,
    },
  ]);
});

test('however scanners and a person mingle, the last press stands, and nothing else once there is one', async () => {
  const score = fc.integer({ min: 1, max: 5 });
  const step = fc.oneof(
    fc.record({
      does: fc.constantFrom('get', 'head', 'auto', 'press', 'settle'),
      score,
      wait: fc.nat(40_000),
    }),
    fc.record({ does: fc.constant('sweep'), score, wait: fc.nat(2_000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      site.clock.at = SITE_NOW;
      const id = await site.addSurvey();
      const machine: Visitor = { browser: 'edge-of-a-sandbox', caller: '10.0.0.9' };
      let pressed: number | null = null;
      for (const { does, score: given, wait } of steps) {
        later(wait);
        if (does === 'get') await visit(id, given, machine);
        if (does === 'head') await visit(id, given, machine, { method: 'HEAD' });
        if (does === 'auto') await tap(id, given, machine);
        if (does === 'sweep')
          await Promise.all([1, 3, 5].map((one) => visit(id, one, { ...machine, caller: `10.0.1.${one}` })));
        if (does === 'settle') await site.settle(id);
        if (does === 'press') {
          await post(id, { score: String(given) });
          pressed = given;
        }
      }
      await settled(id);
      const answers = await scoresOf(id);
      if (pressed !== null) expect(answers.at(-1)).toEqual([pressed, 'form']);
      const presses = steps.filter(({ does }) => does === 'press').length;
      expect(answers.filter(([, source]) => source === 'form').length).toBeLessThanOrEqual(presses);
      expect(await statesOf(id)).not.toContainEqual(expect.stringContaining('settling'));
    }),
    { numRuns: 15 },
  );
});

test('a crash between the decision and the answer leaves both undone, and the next try does both', async () => {
  const id = await site.addSurvey();
  await tap(id, 1);
  later(SETTLE_MS);
  const broken = {
    gatherMs: 0,
    get calendar(): never {
      throw new Error('the process died');
    },
  } as unknown as AnswerRules;
  await expect(settleSurvey(site.db, id, site.clock.now(), broken)).rejects.toThrow('the process died');
  expect(await scoresOf(id)).toEqual([]);
  expect(await statesOf(id)).toEqual(['1 settling']);
  await site.settle(id);
  expect(await scoresOf(id)).toEqual([[1, 'auto']]);
});
