import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** The success criteria of WCAG up to 2.2, levels A and AA, as far as a program can look at them. */
export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds on a page that is open: a line for each rule that is broken. Also how many rules it could apply and keep. */
export async function lookWithAxe(
  page: Page,
  tags: readonly string[] = [...WCAG, 'best-practice'],
): Promise<{ violations: readonly string[]; passes: number; version: string }> {
  const { violations, passes, testEngine } = await new AxeBuilder({ page })
    .withTags([...tags])
    // Nothing of ours is in a frame, and looking for frames opens a page each time.
    .setLegacyMode(true)
    .analyze();
  return {
    violations: violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`),
    passes: passes.length,
    version: testEngine.version,
  };
}
