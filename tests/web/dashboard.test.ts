import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { queryOf, questionFromQuery } from '../../src/domain/question-query.ts';
import type { Question, Report, Subset } from '../../src/domain/report.ts';
import { type DashboardSite, startDashboardSite } from '../support/dashboard-site.ts';
import {
  EARLIER_METRIC,
  fullReport,
  METRIC,
  measured,
  NOBODY,
  QUESTION,
  reportOf,
  sliceOf,
  tallyOf,
} from '../support/reports.ts';
import { VISIT } from '../support/visits.ts';

let site: DashboardSite;
beforeAll(async () => {
  site = await startDashboardSite();
});
afterAll(() => site.close());
beforeEach(() => {
  site.role = 'lead';
  site.visitor = null;
  site.asked.length = 0;
  answer(fullReport());
});

function answer(report: Report): void {
  site.answer = async (question) => ({ ...report, question });
}

async function htmlOf(path: string): Promise<string> {
  const response = await fetch(`${site.url}${path}`);
  expect(response.status).toBe(200);
  return response.text();
}

/** Text as one reads it, without pictures. */
async function textOf(path: string): Promise<string> {
  return plain(await htmlOf(path));
}

function plain(html: string): string {
  return html
    .replace(/<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,)])/g, '$1')
    .replace(/\( /g, '(');
}

const decoded = (html: string) => html.replaceAll('&amp;', '&').replaceAll('&#39;', "'");

/** Numbers on a page that open a list: what is read, what it exactly is, and the query of the list. */
function numbersOf(html: string): readonly { text: string; value: string; query: string }[] {
  return [
    ...html.matchAll(/<a href="\/dashboard\/cases\?([^"]*)"><data value="([^"]*)">([^<]*)<\/data><\/a>/g),
  ].map(([, query = '', value = '', text = '']) => ({ text, value, query: decoded(query) }));
}

const listOf = (only: Subset, over: Partial<Question> = {}, score: number | null = null) =>
  queryOf({ ...QUESTION, ...over, only, score });

test('figure, interval, answers and response rate stand together, with their exact values and lists', async () => {
  const html = await htmlOf('/dashboard');
  expect(plain(html)).toContain(
    'CSAT 86.4% 95% interval 82.8% to 89.4% Answers (n) 412 average score 4.35 Response rate 31.2% of 1,320 asked',
  );
  expect(numbersOf(html).slice(0, 4)).toEqual([
    { text: '86.4%', value: String((100 * 356) / 412), query: listOf('answered') },
    { text: '412', value: '412', query: listOf('answered') },
    { text: '31.2%', value: String((100 * 412) / 1320), query: listOf('asked') },
    { text: '1,320', value: '1320', query: listOf('asked') },
  ]);
});

test.each([
  ['1,702', 'all', null],
  ['382', 'not-asked', null],
  ['85', 'reopened', null],
  ['31', 'low', null],
  ['21', 'recovered', null],
  ['10', 'not-recovered', null],
  ['2', 'overdue', null],
  ['245', 'answered', 5],
  ['3.4%', 'answered', 1],
] as const)('%s opens the cases that it counts', async (text, only, score) => {
  expect(numbersOf(await htmlOf('/dashboard'))).toContainEqual(
    expect.objectContaining({ text, query: listOf(only, {}, score) }),
  );
});

test.each(['/dashboard', '/dashboard/by/agent', '/dashboard/compare'])(
  'every list that %s leads to is one that the case list understands',
  async (path) => {
    const numbers = numbersOf(await htmlOf(`${path}?team=Returns+%26+refunds&team=Billing&channel=email`));
    expect(numbers.length).toBeGreaterThan(10);
    for (const { query } of numbers) {
      const params = new URLSearchParams(query);
      const values = Object.fromEntries([...params.keys()].map((key) => [key, params.getAll(key)]));
      const { question, problems } = questionFromQuery(values, { from: '', to: '' });
      expect(problems).toEqual([]);
      expect(queryOf(question)).toBe(query);
      expect(question.filters.channel).toEqual(['email']);
    }
  },
);

test('no row has a percentage without its answers and its rate', async () => {
  for (const path of ['/dashboard', '/dashboard/by/agent']) {
    const tables = (await htmlOf(path)).match(/<table>[\s\S]*?<\/table>/g) ?? [];
    const withFigures = tables.filter((table) => table.includes('95% interval'));
    expect(withFigures.length).toBeGreaterThan(0);
    for (const table of withFigures) {
      const [head = '', ...rows] = table.match(/<tr>[\s\S]*?<\/tr>/g) ?? [];
      const columns = (head.match(/<th[\s\S]*?<\/th>/g) ?? []).map(plain).map((one) => one.trim());
      expect(columns.slice(1, 4)).toEqual(['CSAT', 'n', 'Response rate']);
      for (const row of rows) expect(row.match(/<td/g)?.length).toBe(columns.length - 1);
    }
  }
});

test('with too few answers there are counts and no percentage of them', async () => {
  const few = tallyOf([1, 0, 0, 2, 6], { asked: 30, closures: 41 });
  answer(reportOf({ total: measured(few) }));
  const text = await textOf('/dashboard');
  expect(text).toContain(
    'CSAT – too few answers to say Answers (n) 9 figures follow with 10 Response rate 30.0% of 30 asked',
  );
  expect(text).not.toMatch(/88\.9%|interval \d/);
  expect(text).toContain('Below 10 answers only the counts are shown.');
});

test('one zone, one date rule, formula and threshold are printed', async () => {
  for (const path of ['/dashboard', '/dashboard/by/team', '/dashboard/compare']) {
    const text = await textOf(path);
    expect(text).toContain('A case counts on the day it was closed, in Europe/Berlin.');
    expect(text).toContain(
      'CSAT = answers from 4 to 5 ÷ all answers, on a scale from 1 to 5 (metric 2026-11).',
    );
  }
});

test('goal, history, metric change and flags are told with their figures', async () => {
  const html = await htmlOf('/dashboard');
  const text = plain(html);
  expect(text).toContain(
    'Goal: 80.0% on 1 Oct 2026 to 90.0% on 31 Dec 2026, so 86.6% on 30 Nov 2026. around the line',
  );
  expect(text).toContain(
    'Higher than in the 30 days before (+0.3 to +10.4 points). Then: 81.1%, n = 407, response rate 31.4%.',
  );
  expect(text).toContain(
    'On 8 Nov 2026 metric 2026-01 (satisfied from 5 on 1-5) gave way to 2026-11 (from 4 on 1-5)',
  );
  expect(text).toContain('Scores of 1 went from 5 of 407 to 14 of 412 answers');
  expect(decoded(html)).toContain(
    `href="/dashboard/cases?${listOf('not-asked', { filters: { agent: ['zendesk-eu/12'] } })}"`,
  );
});

test('filters are asked for, shown, and taken away one by one', async () => {
  const html = decoded(
    await htmlOf('/dashboard?from=2026-11-01&to=2026-11-30&team=Billing&team=&channel=email'),
  );
  const filters = { team: ['Billing', ''], channel: ['email'] };
  expect(site.asked.map(([question]) => question)).toEqual([
    { ...QUESTION, filters },
    // What can be chosen is what there is without them.
    QUESTION,
  ]);
  const pills = [
    ...html.matchAll(/<li><a href="([^"]+)"><span class="unseen">Remove the filter <\/span>([^<]+)</g),
  ];
  expect(pills.map(([, href, text]) => [text?.trim(), href])).toEqual([
    ['Team: Billing', `/dashboard?${queryOf({ ...QUESTION, filters: { ...filters, team: [''] } })}`],
    ['Team: not known', `/dashboard?${queryOf({ ...QUESTION, filters: { ...filters, team: ['Billing'] } })}`],
    ['Channel: email', `/dashboard?${queryOf({ ...QUESTION, filters: { team: filters.team } })}`],
  ]);
  expect(html).toContain('name="team" value="Billing" checked');
  expect(html).toContain('name="team" value="Returns & refunds"> ');
  // One value that everything has is no choice.
  expect(html).not.toContain('name="topic"');
});

test('where metrics differ one is chosen, and asked for', async () => {
  const html = await htmlOf(`/dashboard?metric=${encodeURIComponent(EARLIER_METRIC.key)}`);
  expect(site.asked[0]?.[0].metric).toBe(EARLIER_METRIC.key);
  expect(html).toContain(`<option value="${EARLIER_METRIC.key}" selected>`);
  answer(reportOf({ metrics: [METRIC] }));
  expect(await htmlOf('/dashboard')).not.toContain('name="metric"');
});

test('an agent asks about nobody but themselves, and is told of no flags', async () => {
  site.role = 'agent';
  for (const path of [
    '/dashboard',
    '/dashboard?agent=desk/7',
    '/dashboard/by/agent?team=Billing',
    '/dashboard/compare?agent=desk/7&agent=zendesk-eu/11',
  ])
    expect(await htmlOf(path)).not.toContain('before you trust');
  expect(site.asked.length).toBeGreaterThan(6);
  for (const [{ filters }] of site.asked) expect([['zendesk-eu/11'], []]).toContainEqual(filters.agent);
});

test('slices go in the order asked for; what cannot be told comes last either way', async () => {
  const names = async (query: string) =>
    [...(await htmlOf(`/dashboard/by/agent?${query}`)).matchAll(/<th scope="row"><a [^>]*>([^<]+)</g)].map(
      ([, name]) => name?.split(' ')[0],
    );
  expect(await names('')).toEqual(['Dana', 'Chidi', 'Ada', 'Ben', 'Eli', 'not']);
  expect(await names('sort=label')).toEqual(['Ada', 'Ben', 'Chidi', 'Dana', 'Eli', 'not']);
  expect(await names('sort=label&turned=1')).toEqual(['Eli', 'Dana', 'Chidi', 'Ben', 'Ada', 'not']);
  expect(await names('sort=figure')).toEqual(['Ada', 'Chidi', 'Dana', 'Ben', 'Eli', 'not']);
  expect(await names('sort=figure&turned=1')).toEqual(['Ben', 'Dana', 'Chidi', 'Ada', 'Eli', 'not']);
  const html = await htmlOf('/dashboard/by/agent?sort=figure');
  expect(html).toMatch(/aria-sort="descending"><a href="[^"]+sort=figure&amp;turned=1">CSAT/);
  expect(plain(html)).toContain('for the others the order cannot be told');
});

test('slices whose intervals overlap have no ranks at all', async () => {
  const slices = ['a', 'b'].map((value) =>
    sliceOf(value, tallyOf([3, 2, 4, 11, 30], { asked: 120, closures: 140 })),
  );
  answer(reportOf({ splits: [{ by: 'team', slices, more: 0 }] }));
  const text = await textOf('/dashboard/by/team');
  expect(text).toContain('Their intervals overlap: their order cannot be told, so none has a rank.');
  expect(text).not.toContain('Rank');
});

test('agents of the same name are told apart by their connector', async () => {
  const tally = tallyOf([3, 2, 4, 11, 30], { asked: 120, closures: 140 });
  const slices = ['desk/1', 'sf/1', 'sf/2'].map((value) =>
    sliceOf(value, tally, { label: value === 'sf/2' ? 'Eve' : 'Ada' }),
  );
  answer(reportOf({ splits: [{ by: 'agent', slices, more: 0 }] }));
  const html = await htmlOf('/dashboard/by/agent');
  expect([...html.matchAll(/<th scope="row"><a [^>]*>([^<]+)</g)].map(([, name]) => name)).toEqual([
    'Ada (desk)',
    'Ada (sf)',
    'Eve',
  ]);
  expect(plain(html)).toContain('Ada (desk)');
});

test('before and after are of one metric and of as many days', async () => {
  const before = reportOf({
    total: measured(tallyOf([22, 24, 31, 120, 210], { asked: 1298, closures: 1650 })),
  });
  site.answer = async (question) => ({ ...(question.to < '2026-11-08' ? before : fullReport()), question });
  const text = await textOf('/dashboard/compare?at=2026-11-08&days=14&team=Billing');
  const filters = { team: ['Billing'] };
  expect(site.asked.slice(0, 2).map(([question]) => question)).toEqual([
    { from: '2026-11-08', to: '2026-11-21', filters, metric: null },
    { from: '2026-10-25', to: '2026-11-07', filters, metric: METRIC.key },
  ]);
  expect(text).toContain('CSAT is higher since then. Difference: +5.3 points, 95% interval +0.3 to +10.4.');
  expect(text).toContain(
    'Before 25 Oct to 7 Nov 2026 CSAT 81.1% 95% interval 77.0% to 84.6% Answers (n) 407',
  );
});

test('a comparison that is not over says so, and one of too few answers has no verdict', async () => {
  answer(reportOf({ total: measured(tallyOf([0, 0, 0, 1, 1], { asked: 9, closures: 9 })) }));
  const text = await textOf('/dashboard/compare?at=2026-11-21&days=30');
  expect(text).toContain('10 of 30 days so far');
  expect(text).toContain('Too few answers to compare. A figure needs at least 10 answers on both sides.');
});

test.each([
  ['/dashboard?from=yesterday', 'from: this is not a day; use YYYY-MM-DD.'],
  ['/dashboard/compare?at=2026-12-24', 'at: use a day that has come, as YYYY-MM-DD.'],
  ['/dashboard/compare?days=0', 'days: use a whole number from 1 to 366.'],
])('%s is answered with what is wrong and the usual figures', async (path, problem) => {
  const text = await textOf(path);
  expect(text).toContain(problem);
  expect(text).toContain('86.4%');
});

const nothing = () =>
  reportOf({ metric: null, metrics: [], total: measured(NOBODY), baseline: measured(NOBODY) });

test('before anything was closed the page says what will happen and what to check', async () => {
  answer(nothing());
  const text = await textOf('/dashboard');
  expect(text).toContain('No case has been closed yet');
  expect(text).toContain('caseloop check');
  expect(text).not.toMatch(/\d%/);
});

test('an agent without cases is told so, and one whom nobody has matched what to do', async () => {
  answer(nothing());
  site.role = 'agent';
  const text = await textOf('/dashboard');
  expect(text).toContain('No closed case is credited to you yet');
  expect(text).not.toContain('caseloop check');
  site.visitor = { ...VISIT.agent, viewer: { ...VISIT.agent.viewer, agents: [] } };
  expect(await textOf('/dashboard/by/team')).toContain('Nobody has said yet which agent you are');
});

test('days without closings, and filters that match nothing, are told apart from that', async () => {
  site.answer = async (question) => ({
    ...(question.from < '2026-01-01' ? fullReport() : nothing()),
    question,
  });
  expect(await textOf('/dashboard')).toContain('No case was closed in these days');
  expect(await textOf('/dashboard/by/team?team=Billing')).toContain('No closed case matches');
});

test('the first day has closings and no answers', async () => {
  answer(
    reportOf({
      total: measured(tallyOf([0, 0, 0, 0, 0], { asked: 21, closures: 38 })),
      baseline: measured(NOBODY),
    }),
  );
  const html = await htmlOf('/dashboard');
  expect(plain(html)).toContain('Nobody has answered yet.');
  expect(numbersOf(html)).toContainEqual({ text: '17', value: '17', query: listOf('not-asked') });
  expect(html).not.toContain('<svg');
});

test('figures that lag behind say so', async () => {
  answer(reportOf({ behind: 1204 }));
  expect(await textOf('/dashboard')).toContain('1,204 changes are still being counted');
});
