import type { Page } from 'playwright-core';
import { DAY_MS } from '../../src/clock.ts';
import { SITE_NOW, type SurveyInput, type SurveySite } from './survey-site.ts';

/** One kind of page that a customer may see, and how to get there. */
export interface PageKind {
  readonly name: string;
  /** Brings a browser page there, in the language that the survey and the browser ask for. */
  open(page: Page, site: SurveySite, survey: SurveyInput): Promise<void>;
}

/** Every kind there is. Each makes a survey of its own, on 1-5 where it does not matter. */
export const PAGE_KINDS: readonly PageKind[] = [
  {
    name: 'form',
    open: async (page, site, survey) => visit(page, site.surveyUrl(await site.addSurvey(survey))),
  },
  { name: 'high score tapped', open: (page, site, survey) => tapped(page, site, survey, 5) },
  { name: 'low score tapped', open: (page, site, survey) => tapped(page, site, survey, 1) },
  {
    name: 'tap held',
    async open(page, site, survey) {
      await tapped(page, site, survey, 4);
      // A browser that a program drives says so, and its first movement makes the page speak up.
      await page.mouse.move(10, 10);
      await page.mouse.move(60, 60);
      await page.locator('.held').filter({ hasText: /./ }).waitFor();
    },
  },
  {
    name: 'no score chosen',
    async open(page, site, survey) {
      await visit(page, site.surveyUrl(await site.addSurvey(survey)));
      await submit(page, {});
    },
  },
  {
    name: 'answered before',
    async open(page, site, survey) {
      const id = await answered(site, survey, 2);
      await visit(page, site.surveyUrl(id));
    },
  },
  { name: 'thanks, high', open: (page, site, survey) => thanked(page, site, survey, 5) },
  { name: 'thanks, neutral', open: (page, site, survey) => thanked(page, site, survey, 3) },
  { name: 'thanks, low', open: (page, site, survey) => thanked(page, site, survey, 1) },
  {
    name: 'thanks, final',
    async open(page, site, survey) {
      const id = await answered(site, survey, 4);
      await at(site, 8, () => visit(page, site.surveyUrl(id)));
    },
  },
  {
    name: 'changed too late',
    async open(page, site, survey) {
      const id = await answered(site, survey, 4);
      await visit(page, site.surveyUrl(id));
      await at(site, 8, () => submit(page, { score: '1' }));
    },
  },
  {
    name: 'expired',
    async open(page, site, survey) {
      const id = await site.addSurvey(survey);
      await at(site, 31, () => visit(page, site.surveyUrl(id)));
    },
  },
  {
    name: 'expired, answered before',
    async open(page, site, survey) {
      const id = await answered(site, survey, 4);
      await at(site, 31, () => visit(page, site.surveyUrl(id)));
    },
  },
  { name: 'unknown link', open: (page, site) => visit(page, `${site.url}/s/none`) },
  {
    name: 'opened too often',
    async open(page, site, survey) {
      const url = site.surveyUrl(await site.addSurvey(survey));
      await Promise.all(
        Array.from({ length: 30 }, async () => (await fetch(url, { method: 'HEAD' })).text()),
      );
      await visit(page, url);
    },
  },
  {
    name: 'comment too long to be sent',
    async open(page, site, survey) {
      await visit(page, site.surveyUrl(await site.addSurvey(survey)));
      await submit(page, { score: '3', comment: 'x'.repeat(70_000) });
    },
  },
  {
    name: 'opt-out',
    open: async (page, site, survey) => visit(page, site.optOutUrl(await site.addSurvey(survey))),
  },
  {
    name: 'opted out',
    async open(page, site, survey) {
      await visit(page, site.optOutUrl(await site.addSurvey(survey)));
      await submit(page, {});
    },
  },
];

async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
}

async function tapped(page: Page, site: SurveySite, survey: SurveyInput, score: number): Promise<void> {
  await visit(page, site.surveyUrl(await site.addSurvey(survey), score));
}

async function thanked(page: Page, site: SurveySite, survey: SurveyInput, score: number): Promise<void> {
  await visit(page, `${site.surveyUrl(await answered(site, survey, score))}?done=1`);
}

async function answered(site: SurveySite, survey: SurveyInput, score: number): Promise<string> {
  const id = await site.addSurvey(survey);
  const body = new URLSearchParams({ score: String(score), comment: 'First line.\nSecond line.' });
  const response = await fetch(site.surveyUrl(id), { method: 'POST', body, redirect: 'manual' });
  if (response.status !== 303) throw new Error(`an answer was answered with ${response.status}`);
  return id;
}

/** Posts the page's form as a browser does that checks nothing. */
async function submit(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  const loaded = page.waitForEvent('load');
  await page.evaluate(`{
    const form = document.createElement('form');
    form.method = 'post';
    form.action = '?';
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
      const field = document.createElement('textarea');
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  }`);
  await loaded;
}

async function at(site: SurveySite, days: number, look: () => Promise<void>): Promise<void> {
  site.clock.at = new Date(SITE_NOW.getTime() + days * DAY_MS);
  try {
    await look();
  } finally {
    site.clock.at = SITE_NOW;
  }
}
