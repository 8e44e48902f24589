import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSetupLink } from '../../src/store/user-links.ts';
import { lookWithAxe } from '../support/axe.ts';
import { describeChromium, launchChromium } from '../support/chromium.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

const PASSWORD = 'a kettle full of stars';

/** What only a real browser tells: which headers its forms carry, what it does with our cookies, and how the pages read. */
describeChromium('sign-in in Chromium', () => {
  let site: SurveySite;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSurveySite(), launchChromium()]);
    page = await (await browser.newContext({ viewport: { width: 320, height: 640 } })).newPage();
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  /** Nothing for axe to find, light and dark, and nothing to scroll sideways. */
  const isWellMade = async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await lookWithAxe(page)).violations, `${page.url()} ${colorScheme}`).toEqual([]);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth'), page.url()).toBe(320);
  };

  it('goes from the link of the first admin to people, keys and audit, out, and in again', async () => {
    await page.goto(`${site.url}/setup/${await makeSetupLink(site.db, site.clock.now())}`);
    await isWellMade();
    await page.getByLabel('Your name').fill('Ann Admin');
    await page.getByLabel('Mail address').fill('ann@acme.example');
    await page.getByLabel('Password').fill('123456789012');
    await page.getByLabel('The same once more').fill('123456789012');
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('alert').waitFor();
    await isWellMade();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('The same once more').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.waitForURL(`${site.url}/dashboard`);

    await page.goto(`${site.url}/dashboard/admin/users`);
    await page.getByLabel('Name').fill('Bob Agent');
    await page.getByLabel('Mail address').fill('bob@acme.example');
    await page.getByLabel('An agent sees the answers of').fill('desk/361');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.getByRole('heading', { name: 'A link for Bob Agent' }).waitFor();
    await isWellMade();
    await page.getByRole('link', { name: 'Bob Agent' }).click();
    await page.getByLabel('May do').selectOption('lead');
    await page.getByRole('button', { name: 'Change role' }).click();
    await page.getByText('The role is changed.').waitFor();
    await isWellMade();
    await page.goto(`${site.url}/dashboard/admin/keys`);
    await page.getByLabel('What it is for').fill('Warehouse');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('heading', { name: 'The new key' }).waitFor();
    await isWellMade();
    await page.goto(`${site.url}/dashboard/admin/audit`);
    await page.getByText('API key made').waitFor();
    await isWellMade();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${site.url}/login`);
    await page.goto(`${site.url}/dashboard/admin/keys`);
    await isWellMade();
    await page.getByLabel('Mail address').fill('ann@acme.example');
    await page.getByLabel('Password').fill(`${PASSWORD}!`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('not right').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${site.url}/dashboard/admin/keys`);
    await page.goto(`${site.url}/dashboard/nowhere`);
    await isWellMade();
  }, 60_000);

  it('posts nothing for the page of another site, whatever cookies the browser has', async () => {
    const [revoke = ''] = await page
      .goto(`${site.url}/dashboard/admin/keys`)
      .then(() => page.content())
      .then((text) => /\/dashboard\/admin\/keys\/[\w-]+\/revoke/.exec(text) ?? []);
    const csrf = await page.locator('input[name=csrf]').first().inputValue();
    const attack = await page.context().newPage();
    // Another port of the same machine gets the cookies, and here it has even got hold of the token.
    const form = `<form method="post" action="${site.url}${revoke}"><input name="csrf" value="${csrf}"><button>Win</button></form>`;
    await attack.route('http://127.0.0.1:9797/', (route) =>
      route.fulfill({ contentType: 'text/html', body: form }),
    );
    await attack.goto('http://127.0.0.1:9797/');
    const [answer] = await Promise.all([
      attack.waitForResponse(`${site.url}${revoke}`),
      attack.getByRole('button').click(),
    ]);
    expect(await answer.request().allHeaders()).toMatchObject({
      cookie: expect.stringContaining('caseloop='),
    });
    expect(answer.status()).toBe(403);
    await page.reload();
    expect(await page.content()).toContain(revoke);
  });
});
