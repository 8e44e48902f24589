import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SETTLE_MS } from '../../src/domain/confirmation.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { describeChromium, openChromium } from '../support/chromium.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

describeChromium('a tapped score in Chromium', () => {
  let site: SurveySite;
  let chromium: Awaited<ReturnType<typeof openChromium>>;
  let aheadMs = 0;

  beforeAll(async () => {
    site = await startSurveySite();
    const startedAt = performance.now();
    site.clock.now = () => new Date(SITE_NOW.getTime() + performance.now() - startedAt + aheadMs);
    chromium = await openChromium({ likeAPerson: true });
  });
  afterEach(async () => {
    for (const page of chromium.context.pages().slice(1)) await page.close();
  });
  afterAll(async () => {
    await chromium.close();
    await site.close();
  });

  async function open(
    surveyId: string,
    score: number,
    context: BrowserContext = chromium.context,
  ): Promise<Page> {
    const page = await context.newPage();
    await page.goto(site.surveyUrl(surveyId, score));
    return page;
  }

  async function confirmationsOf(surveyId: string) {
    const s = site.db.withSchema(SCHEMA);
    return s
      .selectFrom('confirmations')
      .select(['score', 'state', 'marks', 'report'])
      .where('survey_id', '=', surveyId)
      .execute();
  }

  const settled = async (surveyId: string) => {
    aheadMs += SETTLE_MS;
    await site.settle(surveyId);
    return (await site.answersOf(surveyId)).map(({ score, source }) => [score, source]);
  };

  test('counts without a touch of the page, once it has been in sight; events that no person made are none', async () => {
    const id = await site.addSurvey();
    const page = await open(id, 5);
    await page.evaluate(`
      for (const name of ['pointermove', 'pointerdown', 'keydown', 'touchstart', 'wheel'])
        document.body.dispatchEvent(new Event(name, { bubbles: true }));
    `);
    expect(await confirmationsOf(id)).toEqual([]);
    await page.getByRole('status').filter({ hasText: 'Saved: 5 – Very satisfied.' }).waitFor();
    await page.close();
    expect(await confirmationsOf(id)).toMatchObject([
      { score: 5, state: 'settling', marks: [], report: { touched: false, driven: false } },
    ]);
    expect(await settled(id)).toEqual([[5, 'auto']]);
  });

  test('counts sooner at a touch', async () => {
    const id = await site.addSurvey();
    const page = await open(id, 3);
    await page.mouse.move(10, 10);
    await page.mouse.move(60, 60);
    await page.getByRole('status').filter({ hasText: 'Saved: 3' }).waitFor();
    expect(await confirmationsOf(id)).toMatchObject([{ score: 3, report: { touched: true } }]);
  });

  test('says nothing from a tab that was never in sight, and speaks when it comes into sight', async () => {
    const id = await site.addSurvey();
    const page = await chromium.context.newPage();
    // Headless Chromium keeps every tab in sight, so the page is told otherwise.
    await page.addInitScript(
      `Object.defineProperty(document, 'visibilityState', { get: () => window.inSight ? 'visible' : 'hidden' })`,
    );
    await page.goto(site.surveyUrl(id, 1));
    await page.waitForTimeout(2_000);
    expect(await confirmationsOf(id)).toEqual([]);
    await page.evaluate(`window.inSight = true; document.dispatchEvent(new Event('visibilitychange'))`);
    await page.getByRole('status').filter({ hasText: 'Saved: 1' }).waitFor();
    expect(await settled(id)).toEqual([[1, 'auto']]);
  });

  test('another choice made before that is not sent by itself', async () => {
    const id = await site.addSurvey();
    const page = await open(id, 1);
    await page.evaluate(`document.querySelector('input[value="4"]').click()`);
    await page.waitForTimeout(2_000);
    expect(await confirmationsOf(id)).toEqual([]);
    await page.getByRole('button', { name: 'Send answer' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await settled(id)).toEqual([[4, 'form']]);
  });

  test('after a scanner in the same browser it is held, the page asks, and one key answers', async () => {
    const id = await site.addSurvey();
    const page = await chromium.context.newPage();
    await page.goto(`${site.surveyUrl(id)}?view=1`);
    await page.goto(site.surveyUrl(id, 2));
    await page.getByText('Please press “Send answer”').waitFor();
    expect(await settled(id)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await settled(id)).toEqual([[2, 'form']]);
    expect(await confirmationsOf(id)).toMatchObject([
      { state: 'superseded', marks: ['trapped', 'same-browser'] },
    ]);
  });

  test('a browser that says that it is driven is held', async () => {
    const driven = await openChromium();
    try {
      const id = await site.addSurvey();
      const page = await open(id, 1, driven.context);
      await page.getByText('Please press “Send answer”').waitFor();
      expect((await confirmationsOf(id))[0]?.marks).toContain('driven');
      expect(await settled(id)).toEqual([]);
    } finally {
      await driven.close();
    }
  });
});
