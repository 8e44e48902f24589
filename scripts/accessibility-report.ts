import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { systemClock } from '../src/clock.ts';
import { composeInvitation } from '../src/mail/compose.ts';
import { LANGUAGE_TAGS } from '../src/texts/texts.ts';
import { lookWithAxe, WCAG } from '../tests/support/axe.ts';
import { launchChromium } from '../tests/support/chromium.ts';
import { MATRIX_BRANDS, surveyAt } from '../tests/support/matrix.ts';
import { PAGE_KINDS } from '../tests/support/page-kinds.ts';
import { SAMPLE_BRANDS, SAMPLE_SURVEY, sampleInvitation } from '../tests/support/sample-invitation.ts';
import { parseMail } from '../tests/support/smtp.ts';
import { startSurveySite } from '../tests/support/survey-site.ts';

/** Lets axe look at every kind of page and at the mail, in every language, and writes down what it found. */
async function main(): Promise<void> {
  const site = await startSurveySite({ brands: MATRIX_BRANDS });
  const browser = await launchChromium();
  const chromium = browser.version();
  const found = new Map<string, number>();
  let looked = 0;
  let axe = '';
  const note = (kind: string, locale: string, result: Awaited<ReturnType<typeof lookWithAxe>>): void => {
    looked += 1;
    axe = result.version;
    found.set(`${kind} ${locale}`, result.violations.length);
    for (const violation of result.violations) process.stderr.write(`${kind} in ${locale}: ${violation}\n`);
  };
  const schemes = ['light', 'dark'] as const;
  const pages = await Promise.all(
    schemes.map(async (colorScheme) => (await browser.newContext({ colorScheme })).newPage()),
  );
  try {
    for (const [nth, locale] of LANGUAGE_TAGS.entries()) {
      process.stderr.write(`${locale}\n`);
      for (const [at, kind] of PAGE_KINDS.entries()) {
        const page = pages[(nth + at) % pages.length] as Page;
        await page.setExtraHTTPHeaders({ 'Accept-Language': locale });
        const { brand } = surveyAt(nth + at);
        await kind.open(page, site, { locale, brand: brand ?? null, definition: 'gone' });
        note(kind.name, locale, await lookWithAxe(page));
      }
      const page = pages[nth % pages.length] as Page;
      for (const purpose of ['invitation', 'reminder'] as const) {
        await showMail(page, nth, locale, purpose);
        // A mail is shown inside a page that has its own landmarks.
        note(`mail, ${purpose}`, locale, await lookWithAxe(page, WCAG));
      }
    }
  } finally {
    await browser.close();
    await site.close();
  }
  const day = systemClock.now().toISOString().slice(0, 10);
  await writeFile(REPORT, reportOf({ day, axe, chromium, looked, found }));
  const broken = [...found.values()].filter((count) => count > 0).length;
  process.stdout.write(
    `${looked} pages and mails, ${broken} of them with findings; wrote docs/accessibility.md\n`,
  );
  if (broken > 0) process.exitCode = 1;
}

const REPORT = new URL('../docs/accessibility.md', import.meta.url);
const MAILS = ['mail, invitation', 'mail, reminder'];

async function showMail(
  page: Page,
  nth: number,
  locale: string,
  purpose: 'invitation' | 'reminder',
): Promise<void> {
  const brand = SAMPLE_BRANDS[nth % SAMPLE_BRANDS.length];
  const { scale } = surveyAt(nth);
  const over = brand === undefined ? {} : { brand };
  const mail = await composeInvitation(
    sampleInvitation({ ...over, locale, purpose, survey: { ...SAMPLE_SURVEY, scale } }),
  );
  const { html } = await parseMail(mail.raw);
  // Scripts of axe may run here, and no picture is fetched from anywhere.
  await page.goto('about:blank');
  await page.setContent((html || '').replace(/src="https:[^"]*"/g, 'src="data:,"'));
}

function reportOf(run: {
  day: string;
  axe: string;
  chromium: string;
  looked: number;
  found: ReadonlyMap<string, number>;
}): string {
  const kinds = [...PAGE_KINDS.map(({ name }) => name), ...MAILS];
  const row = (kind: string) =>
    `| ${[kind, ...LANGUAGE_TAGS.map((locale) => run.found.get(`${kind} ${locale}`) ?? '-')].join(' | ')} |`;
  return `# Accessibility

What an automatic check finds on every page that a customer may see, and on the mail, in every language: WCAG 2.2, levels A and
AA, and on pages axe's best practices too. This page is written by the command that looks:

\`\`\`sh
npm run a11y
\`\`\`

It wants Chromium (\`CHROMIUM_PATH\`) and takes some minutes. Last run ${run.day}: axe ${run.axe}, Chromium ${run.chromium}, ${run.looked} pages
and mails, by turns in light and dark and for ${MATRIX_BRANDS.length} brands: a plain one, one with a logo, a yellow one, one nearly black.

## Findings

Rules broken, by kind of page and language:

| page | ${LANGUAGE_TAGS.join(' | ')} |
| --- |${LANGUAGE_TAGS.map(() => ' --- |').join('')}
${kinds.map(row).join('\n')}

## What else is tried

\`tests/browser/matrix.test.ts\` answers surveys with the keyboard alone on a desktop, with scripts off, 320 px wide, at
200 % zoom and in dark mode, each time on every scale, in every language and for every brand. At every stop the focus must be seen; no
page may scroll sideways, and nothing to press may be smaller than 44 px. Zoom is set as a browser zooms: 1280 x 800 at 200 % is a
viewport of 640 x 400 with twice the pixels.

## What a program cannot see

- Screen readers were not used. What they are told was read from the source: each score has its number and its word as one name, the question
  is the name of the group, symbols are hidden, and what the page says by itself stands in a \`status\`.
- Whether texts are plain and translations good is for people who speak the language.
- Forced colours are provided for in the stylesheet, and were not tried on Windows.
- Screenshots were looked at by eye: every scale on a phone in English and, dark, in Arabic, and on a desktop in Japanese; every
  kind of page on a phone in English.
- Mail clients change mails; axe saw the mail as it was sent.
`;
}

await main();
