import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPreview } from '../../src/preview/preview-server.ts';
import { standardSet } from '../../src/preview/preview-set.ts';
import { describeChromium, openChromium } from '../support/chromium.ts';

describeChromium('the preview in Chromium', () => {
  let preview: Awaited<ReturnType<typeof startPreview>>;
  beforeAll(async () => {
    preview = await startPreview(standardSet(), { port: 0 });
  });
  afterAll(() => preview.close());

  test('is chosen by keyboard alone, and axe finds nothing in light and in dark', async () => {
    const chromium = await openChromium();
    try {
      const page = await chromium.context.newPage();
      await page.goto(preview.url);
      const frame = page.frameLocator('iframe');
      await page.getByRole('combobox', { name: 'Language' }).focus();
      await page.keyboard.type('German');
      await frame.getByRole('heading', { name: 'Wie bewerten Sie' }).waitFor();
      await page.getByText('Ihre Anfrage 4711 an Acme').waitFor();

      await page.getByRole('radio', { name: 'Light' }).focus();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('radio', { name: 'Reminder' }).focus();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await frame.getByRole('radio').first().waitFor();
      expect(new URL(page.url()).searchParams.get('what')).toBe('form');
      expect(new URL(page.url()).searchParams.get('scheme')).toBe('dark');
      expect(await page.locator('iframe').getAttribute('src')).toBe('/dark/form/csat-thumbs/acme/de');

      // What is in the frame is looked at where it is served from; axe would wait for its scripts for ever.
      await page.evaluate("document.querySelector('iframe').remove()");
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
          colorScheme,
        ).toEqual([]);
      }
    } finally {
      await chromium.close();
    }
  });
});
