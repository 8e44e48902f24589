import { expect, it } from 'vitest';
import { SETTLE_MS } from '../../src/domain/confirmation.ts';
import { MARKS } from '../../src/domain/taps.ts';
import { familyTable, LIMIT_OUTCOMES, limitTable, OUTCOMES, ratesOf, tallyOf } from '../taps/report.ts';
import { codeIn, pageAt } from './pages.ts';

const page = pageAt('docs/scanners.md');
/** Without the spaces that line a table up. */
const lines = page.text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---'));

it('lists every mark with what an admin reads', () => {
  const listed = page.rows.filter(({ table }) => table === 'mark');
  expect(Object.fromEntries(listed.map(({ cells }) => [codeIn(cells[0]), cells[1]]))).toEqual(MARKS);
});

it('shows the rates that `npm run traces` prints, and what it gets wrong', () => {
  const wanted = [...familyTable(OUTCOMES), ...ratesOf(tallyOf(OUTCOMES)), ...limitTable()];
  expect(lines).toEqual(expect.arrayContaining(wanted));
  expect(LIMIT_OUTCOMES.every(({ falseAnswers, askedAgain }) => falseAnswers > 0 || askedAgain)).toBe(true);
});

it('names the settle time', () => {
  expect(page.text).toContain(`waits ${SETTLE_MS / 1_000} seconds`);
});
