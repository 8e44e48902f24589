import { expect, it } from 'vitest';
import { LANGUAGE_TAGS } from '../../src/texts/texts.ts';
import { PAGE_KINDS } from '../support/page-kinds.ts';
import { pageAt } from './pages.ts';

it('docs/accessibility.md has looked at every kind of page in every language, and found nothing', () => {
  const rows = pageAt('docs/accessibility.md').rows.filter(({ table }) => table === 'page');
  expect(rows.map(({ cells }) => cells[0])).toEqual([
    ...PAGE_KINDS.map(({ name }) => name),
    'mail, invitation',
    'mail, reminder',
  ]);
  for (const { cells } of rows) expect(cells.slice(1), cells[0]).toEqual(LANGUAGE_TAGS.map(() => '0'));
});

it('docs/accessibility.md names the languages in the order of its columns', () => {
  expect(pageAt('docs/accessibility.md').text).toContain(`| page | ${LANGUAGE_TAGS.join(' | ')} |`);
});
