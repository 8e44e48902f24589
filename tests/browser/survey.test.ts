import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { type Mailbox, startMailbox } from '../../src/demo/mailbox.ts';
import { PLAIN_BRAND } from '../../src/domain/brand.ts';
import { composeInvitation } from '../../src/mail/compose.ts';
import { createOutbox } from '../../src/mail/outbox.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';
import { lookWithAxe } from '../support/axe.ts';
import { type ContextOptions, describeChromium, openChromium } from '../support/chromium.ts';
import {
  SITE_NOW,
  SUPPORT_SURVEY,
  type SurveyInput,
  type SurveySite,
  startSurveySite,
} from '../support/survey-site.ts';

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
    'axe finds nothing on a mail in the mailbox in %s',
    async (colorScheme) => {
      const { page } = await browse({ colorScheme });
      const id = await sendMail({ locale: 'de' });
      await page.goto(mailUrl(id, '?view=text'));
      expect((await lookWithAxe(page)).violations).toEqual([]);
    },
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
