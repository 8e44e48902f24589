import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../src/domain/report.ts';
import { lookWithAxe } from '../support/axe.ts';
import { describeChromium, launchChromium } from '../support/chromium.ts';
import { type DashboardSite, startDashboardSite } from '../support/dashboard-site.ts';
import { fullReport, measured, NOBODY, reportOf, tallyOf } from '../support/reports.ts';

const SLOW_MS = 60_000;

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 320, height: 640 };
const WAYS = {
  'light desktop': { colorScheme: 'light', viewport: DESKTOP },
  'dark desktop': { colorScheme: 'dark', viewport: DESKTOP },
  'light phone': { colorScheme: 'light', viewport: PHONE },
  'dark phone': { colorScheme: 'dark', viewport: PHONE },
} as const satisfies Record<string, BrowserContextOptions>;
type Way = keyof typeof WAYS;

const EMPTY = reportOf({ metric: null, metrics: [], total: measured(NOBODY), baseline: measured(NOBODY) });
const FIRST_DAY = reportOf({
  total: measured(tallyOf([0, 0, 0, 0, 0], { asked: 21, closures: 38 })),
  baseline: measured(NOBODY),
});

/** Every page and state, each in ways that together are all of them. */
const LOOKS: readonly {
  readonly name: string;
  readonly path: string;
  readonly report?: Report;
  readonly ways: readonly Way[];
  /** Charts that are to be seen. */
  readonly charts: number;
  readonly isOpen?: boolean;
}[] = [
  {
    name: 'overview',
    path: '/dashboard',
    ways: ['light desktop', 'dark desktop', 'light phone', 'dark phone'],
    charts: 4,
  },
  {
    name: 'by agent',
    path: '/dashboard/by/agent?sort=figure',
    ways: ['dark desktop', 'light phone'],
    charts: 1,
  },
  {
    name: 'compare',
    path: '/dashboard/compare?at=2026-11-08',
    ways: ['light desktop', 'dark phone'],
    charts: 0,
  },
  {
    name: 'filters',
    path: '/dashboard/by/team?team=Billing&channel=email',
    ways: ['light desktop', 'dark phone'],
    charts: 1,
    isOpen: true,
  },
  {
    name: 'problem',
    path: '/dashboard?from=x',
    report: { ...fullReport(), behind: 7 },
    ways: ['dark desktop', 'light phone'],
    charts: 4,
    isOpen: true,
  },
  {
    name: 'first day',
    path: '/dashboard',
    report: FIRST_DAY,
    ways: ['light phone', 'dark desktop'],
    charts: 0,
  },
  { name: 'empty', path: '/dashboard', report: EMPTY, ways: ['dark phone', 'light desktop'], charts: 0 },
  { name: 'no match', path: '/dashboard?team=Billing', report: EMPTY, ways: ['light phone'], charts: 0 },
];

describeChromium('pages of figures in Chromium', () => {
  let site: DashboardSite;
  let browser: Browser;
  beforeAll(async () => {
    site = await startDashboardSite();
    browser = await launchChromium();
  });
  beforeEach(() => answer(fullReport()));
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  function answer(report: Report): void {
    site.answer = async (question) => ({ ...report, question });
  }

  async function open(
    path: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; refused: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') refused.push(message.text());
    });
    await page.goto(`${site.url}${path}`);
    return { page, refused };
  }

  test.each(Object.keys(WAYS) as Way[])(
    'axe finds nothing, the policy refuses nothing and nothing scrolls sideways: %s',
    async (way) => {
      const context = await browser.newContext(WAYS[way]);
      const page = await context.newPage();
      const refused: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') refused.push(message.text());
      });
      for (const look of LOOKS.filter(({ ways }) => ways.includes(way))) {
        answer(look.report ?? fullReport());
        await page.goto(`${site.url}${look.path}`);
        for (const summary of look.isOpen === true ? await page.locator('summary').all() : [])
          await summary.click();
        expect((await lookWithAxe(page)).violations, look.name).toEqual([]);
        expect(await page.evaluate(OVERFLOW), look.name).toBe(0);
        expect(await page.evaluate(CHARTS), look.name).toBe(look.charts);
      }
      expect(refused).toEqual([]);
      await context.close();
    },
    SLOW_MS,
  );

  test('one and the same picture is drawn in the colours of light and of dark', async () => {
    const colours = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open('/dashboard', { colorScheme });
      colours.push(await page.evaluate(DOT_COLOUR));
      await page.context().close();
    }
    expect(colours).toEqual(['rgb(29, 95, 184)', 'rgb(134, 182, 255)']);
  });

  test('without scripts one chooses days and filters, takes one away and opens a list', async () => {
    const { page } = await open('/dashboard', { javaScriptEnabled: false });
    await page.getByText('Other days and filters').click();
    await page.getByLabel('First day').fill('2026-10-01');
    await page.getByRole('checkbox', { name: 'Billing' }).check();
    await page.getByRole('checkbox', { name: 'chat' }).check();
    await page.getByRole('button', { name: 'Show' }).click();
    expect(site.asked.at(-2)?.[0]).toMatchObject({
      from: '2026-10-01',
      filters: { team: ['Billing'], channel: ['chat'] },
    });
    await page.getByRole('link', { name: 'Remove the filter Team: Billing' }).click();
    expect(new URL(page.url()).searchParams.has('team')).toBe(false);
    await page.getByRole('link', { name: '86.4%' }).click();
    expect(page.url()).toContain('/dashboard/cases?from=2026-10-01&to=2026-11-30&channel=chat');
    await page.context().close();
  });

  test('a page that stays open follows what happens, and leaves alone whoever is at work on it', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${site.url}/dashboard`);
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(request.resourceType()));
    const pass = async (answered: number) => {
      answer(
        reportOf({ total: measured(tallyOf([1, 1, 1, 1, answered - 4], { asked: 900, closures: 900 })) }),
      );
      await page.clock.runFor(21_000);
    };
    const shown = (answered: number) =>
      page.locator('.figures data', { hasText: String(answered) }).waitFor();

    await page.getByRole('link', { name: '90 days' }).focus();
    await pass(501);
    await shown(501);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('90 days');
    expect(await page.locator('#news').textContent()).toBe('The figures on this page have been updated.');

    await page.getByText('Other days and filters').click();
    await pass(502);
    await page.getByText('Other days and filters').click();
    await page.locator('h1').click();
    await pass(503);
    await shown(503);
    // Once for each of the two that were shown: while the filters were open nothing was asked.
    expect(fetched).toEqual(['fetch', 'fetch']);

    // The session has ended meanwhile: whoever looks is led to the sign-in.
    await page.route('**/dashboard', (route) =>
      route.fulfill({ status: 303, headers: { Location: '/login' } }),
    );
    await page.clock.runFor(21_000);
    await page.waitForURL('**/login');
    await context.close();
  });
});

const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const CHARTS = `[...document.querySelectorAll('.chart svg')].filter((svg) => {
  const { width, height } = svg.getBoundingClientRect();
  return width > 200 && height > 50;
}).length`;
const DOT_COLOUR = `getComputedStyle([...document.querySelectorAll('.on-wide circle')][0]).fill`;
