import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confirmAnswers } from '../../jobs/confirm-answers.ts';
import { SETTLE_MS } from '../../src/domain/confirmation.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { makeSetupLink, spendLink } from '../../src/store/user-links.ts';
import { lookWithAxe } from '../support/axe.ts';
import { describeChromium, openChromium } from '../support/chromium.ts';
import { readCsv } from '../support/csv-reader.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

const EMAIL = 'lena@acme.example';
const PASSWORD = 'a kettle full of stars';
/** What a customer may write, and a spreadsheet must not run. */
const FORMULA = '=1+1 is all I got';

/** One morning of a lead, in a real browser on the running program: from the sign-in to the export. */
describeChromium('a lead at work', () => {
  let engine: OpenEngine;
  let world: World;
  let browser: Awaited<ReturnType<typeof openChromium>>;
  let page: Page;

  beforeAll(async () => {
    [engine, browser] = await Promise.all([
      engines[0]?.open() ?? expect.fail('no engine'),
      openChromium({ viewport: { width: 1280, height: 900 } }),
    ]);
    world = await openWorld({ engine, config: { report: { minimum: 2 } } });
    const { work, clock } = world.app;
    const token = (await makeSetupLink(work.db, clock.now())) ?? expect.fail('somebody is admin');
    await spendLink(work.db, token, { email: EMAIL, name: 'Lena', password: PASSWORD, at: clock.now() });
    page = await browser.context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
    await engine.close();
  });

  async function asked(name: string, locale: string) {
    const email = `${name}@elsewhere.example`;
    const caseId = await world.crm.openCase({
      subject: `Refund for ${name}`,
      requester: { name, email, locale },
    });
    await world.crm.closeCase(caseId);
    const mail = await eventually(`a mail to ${name}`, async () => (await world.mailsTo(email))[0]);
    return { caseId, mail };
  }

  /** A browser that is driven opens the mail's link, and its script confirms. */
  async function tapByProgram({ caseId, mail }: Awaited<ReturnType<typeof asked>>, score: number) {
    const link = mail.links.find((one) => one.endsWith(`?score=${score}`)) ?? expect.fail('no such link');
    const visit = await browser.context.newPage();
    const sent = visit.waitForResponse((response) => response.request().method() === 'POST');
    await visit.goto(link);
    await sent;
    await visit.close();
    world.clock.advance(SETTLE_MS);
    const { id } = await world.app.work.db
      .withSchema(SCHEMA)
      .selectFrom('surveys')
      .select('id')
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow();
    await confirmAnswers(world.app.work, { surveyId: id });
  }

  async function isWellMade(what: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await lookWithAxe(page)).violations, `${what} ${colorScheme}`).toEqual([]);
    }
  }

  it('signs in, filters, drills to a case, overrules a held tap, retries a write-back, exports', async () => {
    const happy = await asked('happy', 'en');
    await answerSurvey(happy.mail, 5);
    const low = await asked('unhappy', 'de');
    await answerSurvey(low.mail, 1, FORMULA);
    for (const [one, score] of [
      [happy, 5],
      [low, 1],
    ] as const)
      await eventually(
        `${score} on the case`,
        async () => (await world.crm.readCase(one.caseId)).score === score,
      );
    const held = await asked('tapped', 'de');
    await tapByProgram(held, 4);
    const stuck = await asked('refused', 'en');
    world.crm.fail({ kind: '422', on: /tickets/, times: 50 });
    await answerSurvey(stuck.mail, 5);

    await page.goto(`${world.serving.url}/dashboard`);
    expect(new URL(page.url()).pathname).toBe('/login');
    await page.getByLabel('Mail address').fill(EMAIL);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await isWellMade('overview');

    const nav = page.getByRole('navigation').first();
    await nav.getByRole('link', { name: 'Failed writes' }).click();
    await eventually('the refusal', async () => {
      await page.reload();
      return (await page.getByRole('button', { name: /^Retry it/ }).count()) === 1;
    });
    await isWellMade('failed writes');
    world.crm.heal();
    await page.getByRole('button', { name: /^Retry it/ }).click();
    await page.getByText('Nothing is stuck').waitFor();
    await eventually('5 on the case', async () => (await world.crm.readCase(stuck.caseId)).score === 5);

    await nav.getByRole('link', { name: 'Quarantine' }).click();
    await isWellMade('quarantine');
    await page.getByRole('button', { name: /^It was a person/ }).click();
    await page.getByText('Nothing is held').waitFor();
    await eventually('4 on the case', async () => (await world.crm.readCase(held.caseId)).score === 4);

    await nav.getByRole('link', { name: 'Overview' }).click();
    const figures = page.locator('main');
    expect(await figures.textContent()).toContain('75.0%');
    await page.getByText('Other days and filters').click();
    await page.getByRole('group', { name: 'Language' }).getByLabel('de').check();
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('link', { name: 'Remove the filter' }).waitFor();
    expect(await figures.textContent()).toContain('50.0%');

    await page
      .getByRole('row', { name: /^1 Very dissatisfied/ })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('heading', { name: '1 closing with score 1' }).waitFor();
    await isWellMade('the list');
    const exported = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as CSV' }).click();
    const [names = [], ...rows] = readCsv(await readFile(await (await exported).path(), 'utf8'));
    const cell = (name: string) => rows.map((row) => row[names.indexOf(name)]);
    expect([cell('case id'), cell('score'), cell('comment')]).toEqual([[low.caseId], ['1'], [`'${FORMULA}`]]);

    await page.getByRole('link', { name: `Case ${low.caseId}` }).click();
    await page.getByRole('heading', { name: `Case ${low.caseId}`, exact: true }).waitFor();
    expect(await figures.textContent()).toContain(FORMULA);
    await isWellMade('the case');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/\/login$/);
    await page.goBack();
    await page.waitForURL(/\/login/);
  });
});
