import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCALES } from '../../src/domain/score.ts';
import { LANGUAGE_TAGS } from '../../src/texts/texts.ts';
import { lookWithAxe } from '../support/axe.ts';
import { describeChromium, launchChromium } from '../support/chromium.ts';
import { MATRIX_BRANDS, surveyAt } from '../support/matrix.ts';
import { PAGE_KINDS } from '../support/page-kinds.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

const SLOW_MS = 120_000;

/** Ways to sit before a page. A browser that zooms to 200 % halves the viewport and doubles the pixels, so 1280 x 800 becomes this. */
const WAYS: readonly { readonly name: string; readonly options: BrowserContextOptions }[] = [
  { name: 'on a desktop', options: { viewport: { width: 1280, height: 800 } } },
  { name: 'with scripts off', options: { javaScriptEnabled: false } },
  { name: 'at 320 px', options: { viewport: { width: 320, height: 640 }, hasTouch: true } },
  { name: 'at 200 % zoom', options: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 } },
  { name: 'in dark mode', options: { colorScheme: 'dark', viewport: { width: 390, height: 780 } } },
];

/** What the page says of itself: how far it scrolls sideways, targets below 44 px, and whether the focus can be seen. */
interface Shape {
  readonly overflow: number;
  readonly small: readonly string[];
  readonly outline: string;
  readonly focused: string;
}

const SHAPE = `({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  small: [...document.querySelectorAll('.point, .chip, button, .button, textarea')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 44)
    .map(([text, box]) => text + ' ' + box.width + ' x ' + box.height),
  outline: getComputedStyle(document.activeElement.closest('.point, .chip') ?? document.activeElement).outlineWidth,
  focused: document.activeElement.type ?? document.activeElement.tagName.toLowerCase(),
})`;

describeChromium('every page, however one looks at it', () => {
  let site: SurveySite;
  let browser: Browser;
  beforeAll(async () => {
    site = await startSurveySite({ brands: MATRIX_BRANDS });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  const shapeOf = (page: Page): Promise<Shape> => page.evaluate(SHAPE);

  /** Answers with the second score, the first reason where reasons show, and a comment; nothing but keys. */
  async function answerByKeyboard(page: Page): Promise<readonly string[]> {
    const stops: string[] = [];
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      const { focused, outline } = await shapeOf(page);
      expect(outline, focused).toBe('3px');
      if (focused === 'radio') {
        await page.keyboard.press('Space');
        await page.keyboard.press('ArrowDown');
      }
      if (focused === 'checkbox' && !stops.includes(focused)) await page.keyboard.press('Space');
      if (focused === 'textarea') await page.keyboard.type('Typed.');
      stops.push(focused);
      if (focused !== 'submit') continue;
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
      return stops;
    }
    throw new Error(`no button was reached by ${stops.join(', ')}`);
  }

  test.each(WAYS.map((way, nth) => ({ ...way, nth })))(
    'every scale, in every language and for every brand, is answered by keyboard alone $name',
    async ({ name, options, nth }) => {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      for (let one = 0; one < LANGUAGE_TAGS.length; one += 1) {
        const survey = surveyAt(nth * LANGUAGE_TAGS.length + one);
        const what = `${name}: ${survey.scale} in ${survey.locale} of ${survey.brand}`;
        const id = await site.addSurvey(survey);
        await page.goto(site.surveyUrl(id));
        const stops = await answerByKeyboard(page);
        const score = SCALES[survey.scale].min + 1;
        const isLow = score < (survey.followUpBelow ?? 0);
        expect(
          stops.filter((stop) => stop === 'checkbox'),
          what,
        ).toHaveLength(isLow ? 4 : 0);
        expect(await site.answersOf(id), what).toMatchObject([
          { score, comment: 'Typed.', reasons: isLow ? ['person'] : [], source: 'form' },
        ]);
        for (const url of [page.url(), site.surveyUrl(id, score)]) {
          if (url !== page.url()) await page.goto(url);
          expect(await shapeOf(page), what).toMatchObject({ overflow: 0, small: [] });
        }
      }
      await context.close();
    },
    SLOW_MS,
  );

  test(
    'axe finds nothing on any kind of page, nor in any language',
    async () => {
      const contexts = await Promise.all(
        (['light', 'dark'] as const).map((colorScheme) => browser.newContext({ colorScheme })),
      );
      const pages = await Promise.all(contexts.map((context) => context.newPage()));
      // There are as many pairs as both numbers multiplied, since they have no divisor in common; the report looks at all.
      for (let nth = 0; nth < 2 * LANGUAGE_TAGS.length; nth += 1) {
        const survey = surveyAt(nth);
        const kind = PAGE_KINDS[nth % PAGE_KINDS.length];
        const page = pages[nth % pages.length];
        if (kind === undefined || page === undefined) throw new Error('there is nothing to look at');
        await page.setExtraHTTPHeaders({ 'Accept-Language': survey.locale });
        await kind.open(page, site, { ...survey, scale: '1-5', followUpBelow: 3 });
        const { violations } = await lookWithAxe(page);
        expect(violations, `${kind.name} in ${survey.locale} of ${survey.brand}`).toEqual([]);
        expect(await page.getAttribute('html', 'lang')).toBe(survey.locale);
      }
      for (const context of contexts) await context.close();
    },
    SLOW_MS,
  );

  test('reasons show after a low score alone, and one more is a tap on the page of thanks', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    const id = await site.addSurvey();
    await page.goto(site.surveyUrl(id, 5));
    const reasons = page.getByRole('group', { name: 'What was it about?' });
    expect(await reasons.isVisible()).toBe(false);
    await page.getByRole('radio', { name: '2 – Dissatisfied' }).check();
    await reasons.getByRole('checkbox', { name: 'How long it took' }).check();
    await page.getByRole('button', { name: 'Send answer' }).click();
    await page.getByRole('button', { name: 'Your rules or policies' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(
      await page
        .getByRole('listitem')
        .filter({ hasText: 'Your rules or policies' })
        .getByRole('button')
        .count(),
    ).toBe(0);
    expect((await site.answersOf(id)).map((answer) => answer.reasons)).toEqual([
      ['wait'],
      ['policy', 'wait'],
    ]);
    // Chosen first and then taken back with the low score.
    await page.getByRole('link', { name: 'Change my answer' }).click();
    await page.getByRole('radio', { name: '4 – Satisfied' }).check();
    expect(await reasons.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect((await site.answersOf(id)).at(-1)).toMatchObject({ score: 4, reasons: [] });
    await page.context().close();
  });
});
