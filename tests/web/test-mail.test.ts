import { afterAll, beforeAll, expect, test } from 'vitest';
import { testLinks, withTrap } from '../../src/links.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());

test('every link of a test mail says that it was a test, and stores nothing', async () => {
  const links = testLinks(`${site.url}/`);
  const says = async (url: string, method = 'GET') => {
    const response = await fetch(url, { method });
    expect(response.status).toBe(200);
    return response.text();
  };
  const openUrl = links.surveyUrl('any', new Date(0));
  expect(await says(links.surveyUrl('any', new Date(0), 10))).toContain('chose the score 10.');
  for (const url of [openUrl, withTrap(openUrl), `${openUrl}?score=<b>`])
    expect(await says(url)).toContain('This link works.');
  expect(await says(links.optOutUrl('any'), 'POST')).toContain('It asks nobody, and nothing is stored.');
  for (const table of ['taps', 'suppressions'] as const)
    expect(await site.db.withSchema(SCHEMA).selectFrom(table).selectAll().execute()).toEqual([]);
});
