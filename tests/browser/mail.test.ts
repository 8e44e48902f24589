import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { SCALES, type Scale } from '../../src/domain/score.ts';
import { composeInvitation } from '../../src/mail/compose.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';
import { describeChromium, openChromium } from '../support/chromium.ts';
import { SAMPLE_BRANDS, SAMPLE_SURVEY, sampleInvitation } from '../support/sample-invitation.ts';
import { parseMail } from '../support/smtp.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const TAGS = Object.keys(LANGUAGES);

describeChromium('the mail in Chromium', () => {
  test('on 320 px, every scale in another language, brand and scheme: nothing scrolls, thumbs hit, axe finds nothing', async () => {
    const chromium = await openChromium({ viewport: { width: 320, height: 640 } });
    try {
      // No picture can be had.
      await chromium.context.setOffline(true);
      const page = await chromium.context.newPage();
      for (const [at, scale] of (Object.keys(SCALES) as Scale[]).entries()) {
        const locale = TAGS[(at * 2) % TAGS.length] ?? 'en';
        const colorScheme = at % 2 === 0 ? 'dark' : 'light';
        await page.emulateMedia({ colorScheme });
        const [brand] = SAMPLE_BRANDS.slice(at % SAMPLE_BRANDS.length);
        const survey = { ...SAMPLE_SURVEY, scale };
        const { raw } = await composeInvitation(
          sampleInvitation({ survey, locale, ...(brand === undefined ? {} : { brand }) }),
        );
        await page.setContent((await parseMail(raw)).html || '');
        const place = `${scale} ${locale} ${brand?.key} ${colorScheme}`;
        const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          place,
        ).toEqual([]);
        const [overflow, lowest] = await page.evaluate<[number, number]>(`[
            document.documentElement.scrollWidth - document.documentElement.clientWidth,
            Math.min(...[...document.querySelectorAll('a[href*="score="]')].map((one) => one.getBoundingClientRect().height)),
          ]`);
        expect(overflow, place).toBeLessThanOrEqual(0);
        expect(lowest, place).toBeGreaterThanOrEqual(44);
        // The trap is for programs: nobody can see, hear or reach it.
        expect(await page.locator('a[href*="view=1"]').isVisible(), place).toBe(false);
        expect(await page.getByRole('link').count(), place).toBe(SCALES[scale].max - SCALES[scale].min + 3);
      }
    } finally {
      await chromium.close();
    }
  });
});
