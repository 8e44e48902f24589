import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { lookWithAxe } from '../support/axe.ts';
import { describeChromium, launchChromium } from '../support/chromium.ts';
import { visitorAs } from '../support/staff-visitor.ts';
import { stageClosing } from '../support/staged-case.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

const CASE = '/dashboard/cases/zendesk-eu/4711';
const PAGES = ['/dashboard/cases', CASE, '/dashboard/quarantine', '/dashboard/failed', '/dashboard/review'];
const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 320 },
] as const;

describeChromium('pages about cases in a browser', () => {
  let site: SurveySite;
  let browser: Browser;
  let cookie: string;

  beforeAll(async () => {
    site = await startSurveySite();
    const closedAt = new Date(SITE_NOW.getTime() - 2 * DAY_MS);
    await stageClosing(site.db, {
      caseId: '4711',
      closedAt,
      survey: {
        answers: [
          { score: 3, comment: 'At first.' },
          { score: 2, comment: 'Three desks.', reasons: ['wait'] },
        ],
        held: [{ score: 1, marks: ['head', 'sweep'] }],
        writeBack: {
          state: 'failed',
          error: 'The field cannot be written (422).',
          fix: 'Run `caseloop check`.',
        },
        followUp: { state: 'made', dueAt: new Date(SITE_NOW.getTime() - DAY_MS) },
      },
    });
    await stageClosing(site.db, { caseId: '4712', closedAt, survey: null });
    cookie = (await visitorAs(site, 'lead')).cookie;
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  it.each(LOOKS)(
    'axe finds nothing, $colorScheme and $width wide, with everything open',
    async ({ colorScheme, width }) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const [name = '', value = ''] = cookie.split('=');
      await context.addCookies([{ name, value, url: site.url }]);
      const page = await context.newPage();
      for (const path of PAGES) {
        const problems: string[] = [];
        page.removeAllListeners('console');
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push(message.text());
        });
        expect((await page.goto(`${site.url}${path}`))?.status(), path).toBe(200);
        await page.locator('details').evaluateAll((all) => {
          for (const one of all) one.setAttribute('open', '');
        });
        expect((await lookWithAxe(page)).violations, path).toEqual([]);
        const isWider = await page.locator('html').evaluate((html) => html.scrollWidth > html.clientWidth);
        expect(isWider, path).toBe(false);
        expect(problems, path).toEqual([]);
      }
      await context.close();
    },
    60_000,
  );
});
