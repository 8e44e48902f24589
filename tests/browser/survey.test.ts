import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { type Mailbox, startMailbox } from '../../src/demo/mailbox.ts';
import { PLAIN_BRAND } from '../../src/domain/brand.ts';
import type { Scale } from '../../src/domain/score.ts';
import { composeInvitation } from '../../src/mail/compose.ts';
import { createOutbox } from '../../src/mail/outbox.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';
import { type ContextOptions, describeChromium, openChromium } from '../support/chromium.ts';
import {
  SITE_NOW,
  SUPPORT_SURVEY,
  type SurveyInput,
  type SurveySite,
  startSurveySite,
} from '../support/survey-site.ts';

/** Many pages in one test, on a machine that may be busy. */
const SLOW_MS = 120_000;
const PHONE = { width: 320, height: 640 };

describeChromium('in Chromium', () => {
  let site: SurveySite;
  let mailbox: Mailbox;
  let directory: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    site = await startSurveySite();
    directory = await mkdtemp(join(tmpdir(), 'caseloop-mailbox-'));
    mailbox = await startMailbox({ outboxDir: directory, clock: site.clock });
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  afterAll(async () => {
    await mailbox.close();
    await site.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function browse(options: ContextOptions = {}): Promise<{ page: Page; context: BrowserContext }> {
    const chromium = await openChromium(options);
    opened.push(chromium);
    return { page: await chromium.context.newPage(), context: chromium.context };
  }

  async function sendMail(input: SurveyInput = {}): Promise<string> {
    const surveyId = await site.addSurvey(input);
    const mail = await composeInvitation({
      purpose: 'invitation',
      survey: { ...SUPPORT_SURVEY, scale: input.scale ?? '1-5' },
      surveyId,
      expiresAt: new Date(SITE_NOW.getTime() + 30 * DAY_MS),
      links: site.links,
      languages: LANGUAGES,
      locale: input.locale ?? null,
      caseNumber: '4711',
      caseSubject: 'Printer is on fire',
      brand: PLAIN_BRAND,
      from: 'Acme Support <support@acme.example>',
      replyTo: null,
      bouncesTo: null,
      repliesAreKept: false,
      to: 'ada@customer.example',
      recipientName: 'Ada Lovelace',
      messageId: `${surveyId}@acme.example`,
      date: SITE_NOW,
    });
    await createOutbox(directory).send(mail);
    return surveyId;
  }

  async function confirmationsOf(surveyId: string): Promise<number> {
    const s = site.db.withSchema(SCHEMA);
    const rows = await s.selectFrom('confirmations').select('id').where('survey_id', '=', surveyId).execute();
    return rows.length;
  }

  function mailUrl(surveyId: string, rest = ''): string {
    return `${mailbox.url}/mails/${encodeURIComponent(`${surveyId}@acme.example`)}${rest}`;
  }

  const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

  async function violationsOn(page: Page, tags = [...WCAG, 'best-practice']): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
  }

  async function overflowOf(page: Page): Promise<number> {
    return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  test('a tap in the mail, a word of comment, one press: answered', async () => {
    const id = await sendMail();
    const { page, context } = await browse();
    await page.goto(mailUrl(id));
    const arriving = context.waitForEvent('page');
    await page.frameLocator('iframe').getByRole('link', { name: '2 – Dissatisfied' }).click();
    const survey = await arriving;
    await survey.waitForLoadState();
    expect(await survey.getByRole('radio', { name: '2 – Dissatisfied' }).isChecked()).toBe(true);
    expect(await site.answersOf(id)).toEqual([]);

    await survey.getByLabel('What could we do better?').fill('Answer sooner.');
    await survey.getByRole('button', { name: 'Send answer' }).click();
    await survey.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect((await site.answersOf(id)).at(-1)).toMatchObject({ score: 2, comment: 'Answer sooner.' });

    const before = (await site.answersOf(id)).length;
    await survey.reload();
    await survey.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await site.answersOf(id)).toHaveLength(before);

    await survey.getByRole('link', { name: 'Change my answer' }).click();
    expect(await survey.getByLabel('What could we do better?').inputValue()).toBe('Answer sooner.');
    await survey.getByRole('radio', { name: '4 – Satisfied' }).check();
    await survey.getByRole('button', { name: 'Save changes' }).click();
    await survey.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect((await site.answersOf(id)).at(-1)).toMatchObject({ score: 4, comment: 'Answer sooner.' });
  });

  test('without a tapped score nothing is saved by itself', async () => {
    const id = await site.addSurvey();
    const { page } = await browse();
    await page.goto(site.surveyUrl(id));
    await page.mouse.move(10, 10);
    await page.mouse.move(60, 60);
    await page.keyboard.press('Tab');
    await page.waitForTimeout(300);
    expect(await confirmationsOf(id)).toBe(0);
    expect(await site.answersOf(id)).toEqual([]);
  });

  test('when saving by itself fails, the button still works', async () => {
    const id = await site.addSurvey();
    const { page } = await browse();
    await page.route('**/s/*', (route) =>
      route.request().method() === 'POST' && route.request().resourceType() === 'fetch'
        ? route.abort()
        : route.continue(),
    );
    await page.goto(site.surveyUrl(id, 3));
    await page.mouse.move(10, 10);
    await page.mouse.move(60, 60);
    await page.getByRole('button', { name: 'Send answer' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await site.answersOf(id)).toMatchObject([{ score: 3, source: 'form' }]);
  });

  test('with scripts off everything works by the form', async () => {
    const id = await site.addSurvey({ locale: 'de' });
    const { page } = await browse({ javaScriptEnabled: false });
    await page.goto(site.surveyUrl(id, 1));
    await page.mouse.move(10, 10);
    await page.mouse.move(60, 60);
    await page.getByRole('button', { name: 'Antwort senden' }).click();
    await page.getByRole('heading', { name: 'Vielen Dank' }).waitFor();
    expect(await site.answersOf(id)).toMatchObject([{ version: 1, score: 1, source: 'form' }]);
  });

  test('the keyboard alone is enough', async () => {
    const id = await site.addSurvey();
    const { page } = await browse();
    await page.goto(site.surveyUrl(id));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const outline = await page.evaluate(
      `getComputedStyle(document.querySelector('.point:has(:focus-visible)')).outlineWidth`,
    );
    expect(outline).toBe('3px');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Typed.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await site.answersOf(id)).toMatchObject([{ score: 3, comment: 'Typed.', source: 'form' }]);
  });

  test('opting out takes a press of the button', async () => {
    const id = await site.addSurvey();
    const { page } = await browse();
    await page.goto(site.optOutUrl(id));
    await page.getByRole('button', { name: 'Send me no more surveys' }).click();
    await page.getByRole('heading', { name: 'Done' }).waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing in %s: page, problem, thanks, opt-out, mail, mailbox',
    async (colorScheme) => {
      const { page } = await browse({ colorScheme });
      const visit = async (url: string, status: number): Promise<void> => {
        expect((await page.goto(url))?.status()).toBe(status);
        expect(await violationsOn(page), url).toEqual([]);
      };
      for (const scale of ['1-5', '0-10', 'faces', 'labelled'] as Scale[]) {
        const id = await sendMail({ scale });
        await visit(site.surveyUrl(id, 1), 200);
        // The mailbox lets no script run in a mail, axe neither.
        const mail = (await mailbox.list()).find((one) => one.id === `${id}@acme.example`);
        await page.goto('about:blank');
        await page.setContent(mail?.html ?? '');
        // A mail is shown inside a page that has its own landmarks.
        expect(await violationsOn(page, WCAG), `mail ${scale}`).toEqual([]);
      }
      const id = await sendMail({ locale: 'de' });
      await page.goto(site.surveyUrl(id));
      await page.evaluate('document.forms[0].submit()');
      await page.getByRole('alert').waitFor();
      expect(await violationsOn(page), 'problem').toEqual([]);
      await page.getByRole('radio').first().check();
      await page.getByRole('button').click();
      await page.getByRole('heading', { name: 'Vielen Dank' }).waitFor();
      expect(await violationsOn(page), 'thanks').toEqual([]);
      await visit(site.optOutUrl(id), 200);
      await visit(`${site.url}/s/none`, 404);
      await visit(mailUrl(id, '?view=text'), 200);
    },
    SLOW_MS,
  );

  test(
    'a phone 320 px wide never scrolls sideways, and every score is 44 px or more',
    async () => {
      const { page } = await browse({ viewport: PHONE });
      for (const scale of ['thumbs', '1-5', 'stars', 'faces', 'labelled', '1-7', '1-10', '0-10'] as Scale[]) {
        const id = await sendMail({ scale, locale: 'de' });
        await page.goto(site.surveyUrl(id, 1));
        expect(await overflowOf(page), `page ${scale}`).toBeLessThanOrEqual(0);
        for (const box of await page.locator('.point').all()) {
          const size = await box.boundingBox();
          expect(Math.min(size?.width ?? 0, size?.height ?? 0), `page ${scale}`).toBeGreaterThanOrEqual(44);
        }
        await page.goto(mailUrl(id, '/body'));
        expect(await overflowOf(page), `mail ${scale}`).toBeLessThanOrEqual(0);
        for (const box of await page.locator('a.point').all())
          expect((await box.boundingBox())?.height ?? 0, `mail ${scale}`).toBeGreaterThanOrEqual(44);
      }
    },
    SLOW_MS,
  );

  test('no page breaks its own content policy', async () => {
    const { page } = await browse();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const id = await sendMail();
    for (const url of [
      site.surveyUrl(id, 4),
      site.surveyUrl(id),
      site.optOutUrl(id),
      mailUrl(id),
      mailbox.url,
    ])
      await page.goto(url);
    await vi.waitFor(() => expect(page.url()).toContain(mailbox.url));
    expect(complaints).toEqual([]);
  });
});
