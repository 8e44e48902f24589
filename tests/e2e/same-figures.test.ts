import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestByHand } from '../../jobs/digest-by-hand.ts';
import type { Work } from '../../jobs/work.ts';
import type { App } from '../../src/app.ts';
import { answerReport } from '../../src/cli/report-command.ts';
import { countText, durationText, figureText, percentText } from '../../src/domain/figure-words.ts';
import { queryOf } from '../../src/domain/question-query.ts';
import type { Dimension, Measured, Question, Report, Times } from '../../src/domain/report.ts';
import { SCALES } from '../../src/domain/score.ts';
import { labelled } from '../../src/domain/slice-labels.ts';
import { silentLog } from '../../src/log.ts';
import { MOST_SLICES } from '../../src/mail/digest-content.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readReport } from '../../src/store/report.ts';
import { readChoices } from '../../src/store/report-choices.ts';
import { foldAll } from '../../src/store/report-fold.ts';
import { apiRoutes } from '../../src/web/staff/api/api-routes.ts';
import { dashboardRoutes } from '../../src/web/staff/dashboard.ts';
import type { Gate } from '../../src/web/staff/gate.ts';
import { staffRouter } from '../../src/web/staff/router.ts';
import { createStaffPages } from '../../src/web/staff/staff-pages.ts';
import { type OpenEngine, openQuickStore } from '../support/engines.ts';
import { seedYear } from '../support/seeded-year.ts';
import { parseMail } from '../support/smtp.ts';
import { storeWork } from '../support/store-work.ts';

/** 08:00 in Berlin on the Monday in the last week of the seeded year. */
const MONDAY = new Date('2026-11-23T07:00:00Z');
const LAST_WEEK = { from: '2026-11-16', to: '2026-11-22', metric: null };

let engine: OpenEngine;
let work: Work;
let server: Server;
let url: string;
let raw: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  engine = await openQuickStore();
  const { db } = engine.database;
  await migrate(db);
  await seedYear(db, { closures: 50_000 });
  await foldAll(db, { zone: 'Europe/Berlin' });
  const clock = { now: () => MONDAY };
  work = await storeWork(engine.database, {
    workerId: 'one',
    clock,
    more: 'report: { zone: Europe/Berlin }',
    send: async (mail) => {
      raw = mail.raw;
    },
  });
  const settings = work.config.report;
  const pages = createStaffPages();
  const viewer = { id: 'a lead', name: 'A lead', role: 'lead' as const, agents: [] };
  const visit = async () => ({ viewer, csrf: 'x' });
  const routes = [
    ...dashboardRoutes({
      report: (question, wish) => readReport({ db, settings, clock }, question, wish),
      choices: (question) => readChoices({ db, settings, clock }, question),
      settings,
      clock,
      pages,
    }),
    ...apiRoutes({
      db,
      settings,
      clock,
      agentsSee: { comments: 'released' },
      publicUrl: 'https://x.example',
    }),
  ];
  const gate = { keyOf: visit, sessionOf: visit } as Partial<Gate> as Gate;
  const app = express().use(staffRouter(routes, { db, clock, log: silentLog, gate, pages }));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 120_000);

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await engine.close();
});

const QUESTIONS: readonly (readonly [about: string, question: Question, by: Dimension])[] = [
  ['the year', { from: '2025-11-24', to: '2026-11-23', metric: null, filters: {} }, 'team'],
  [
    'two channels of a team in a quarter',
    {
      from: '2026-07-01',
      to: '2026-09-30',
      metric: null,
      filters: { team: ['Billing'], channel: ['email', 'chat'] },
    },
    'agent',
  ],
  ['a week', { ...LAST_WEEK, filters: {} }, 'team'],
  ['a week of a team', { ...LAST_WEEK, filters: { team: ['Technical'] } }, 'agent'],
  [
    'a day with too few answers',
    { ...LAST_WEEK, from: '2026-11-22', filters: { connector: ['sf'] } },
    'channel',
  ],
];

test.each(QUESTIONS)('the API, `report` and the dashboard tell the same of %s', async (_, question, by) => {
  const report = await apiReport(question, by);
  const printed = await answerReport({ config: work.config, work, clock: work.clock } as App, {
    question: { ...question, filters: copyOf(question.filters) },
    splits: [by],
    step: null,
  });
  expect(JSON.parse(JSON.stringify(printed))).toEqual(report);
  expect(report.total.tally.closures).toBeGreaterThan(0);

  const overview = await html(`/dashboard?${queryOf(question)}`);
  expect(headOf(overview)).toEqual(shownOnPage(report.total));
  if (report.total.tally.answered > 0 && report.metric !== null) {
    const { min } = SCALES[report.metric.scale];
    const counts = report.total.tally.scores.map((count, nth) => [String(min + nth), String(count)]);
    const shown = rowsIn(overview, 'distribution').map(([score = '', count]) => [score.split(' ')[0], count]);
    expect(shown.toSorted()).toEqual(counts.toSorted());
    const { tally } = report.total;
    const after = new Map(rowsIn(overview, 'recovery').map(([name = '', ...numbers]) => [name, numbers[0]]));
    expect(after.get('Low scores')).toBe(String(tally.low));
    expect(after.get('Recovered')).toBe(String(tally.recovery.recovered));
    expect(after.get('Overdue')).toBe(String(tally.recovery.overdue));
  }
  const beside = new Map(rowsIn(overview, 'beside').map(([name = '', ...numbers]) => [name, numbers[0]]));
  const { tally } = report.total;
  expect(beside.get('Closed')).toBe(String(tally.closures));
  expect(beside.get('First reply, median')).toBe(medianOf(tally.firstReply));
  expect(beside.get('Resolution, median')).toBe(medianOf(tally.resolution));
  expect(beside.get('Reopened')).toBe(String(tally.reopened));

  const slices = await html(`/dashboard/by/${by}?${queryOf(question)}`);
  const rows = rowsIn(slices, 'slices').map((row) => row.join(' '));
  for (const slice of labelled(by, report.splits[0]?.slices ?? [])) {
    const { percent, responseRate } = slice.figure;
    const expected = [percent, slice.tally.answered, responseRate, slice.tally.closures, slice.tally.low];
    const wanted = [slice.label, ...expected.filter((value) => value !== null)].join(' ');
    expect(
      rows.some((row) => `${row} `.startsWith(`${wanted} `)),
      wanted,
    ).toBe(true);
  }
  expect(rows).toHaveLength(report.splits[0]?.slices.length ?? 0);
});

test.each([null, 'Technical'])('the digest of %s tells the same as the API', async (team) => {
  const by = team === null ? 'team' : 'agent';
  const report = await apiReport({ ...LAST_WEEK, filters: team === null ? {} : { team: [team] } }, by);
  const { metric, total, splits } = report;
  const { tally, figure } = total;
  await digestByHand(work, { team, to: 'lead@acme.example', actor: 'a test' });
  const mail = await parseMail(raw);
  expect(figure.percent).not.toBeNull();
  const interval = ({ figure: { interval } }: Measured) =>
    interval === null ? '' : `${figureText(metric, interval.low)} to ${figureText(metric, interval.high)}`;
  const told = [
    `CSAT: ${figureText(metric, figure.percent ?? 0)} (${interval(total)})`,
    `Answers: ${countText(tally.answered)} (${countText(tally.satisfied)} satisfied, ${countText(tally.low)} low)`,
    `Response rate: ${percentText(figure.responseRate ?? 0)} (${countText(tally.answered)} of ${countText(tally.asked)} asked)`,
    `${countText(tally.closures)} cases were closed.`,
    ...tally.scores.map((count) => `  ${countText(count)}  `),
    durationText(tally.firstReply.medianMs ?? 0),
    durationText(tally.resolution.medianMs ?? 0),
    `Recovered: ${countText(tally.recovery.recovered)} of ${countText(tally.recovery.low)}`,
    ...report.flags.map(({ detail }) => detail),
  ];
  const text = mail.text ?? '';
  for (const one of told) expect(text).toContain(one);
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' '));
  for (const slice of labelled(by, splits[0]?.slices ?? []).slice(0, MOST_SLICES)) {
    const score =
      slice.figure.percent === null
        ? 'too few'
        : `${figureText(metric, slice.figure.percent)} (${interval(slice)})`;
    const rate = slice.figure.responseRate === null ? '–' : percentText(slice.figure.responseRate);
    expect(lines).toContain(`${slice.label} ${score} ${countText(slice.tally.answered)} ${rate}`);
  }
});

async function apiReport(question: Question, by: Dimension): Promise<Report> {
  const response = await fetch(`${url}/api/v1/report?${queryOf(question)}&by=${by}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Report;
}

async function html(path: string): Promise<string> {
  const response = await fetch(`${url}${path}`);
  expect(response.status).toBe(200);
  return response.text();
}

/** Every exact number of the head of a page, in its order. */
function headOf(page: string): readonly string[] {
  return valuesIn(/<dl class="figures">[\s\S]*?<\/dl>/.exec(page)?.[0] ?? '');
}

function shownOnPage({ figure, tally }: Measured): readonly string[] {
  return [figure.percent, tally.answered, figure.responseRate, tally.asked].flatMap((value) =>
    value === null ? [] : [String(value)],
  );
}

/** The rows of the table under a heading: what each is called, then its exact numbers. */
function rowsIn(page: string, id: string): readonly (readonly string[])[] {
  const section = new RegExp(`aria-labelledby="${id}">[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';
  return [...section.matchAll(/<tr><th scope="row"[^>]*>([\s\S]*?)<\/th>([\s\S]*?)<\/tr>/g)].map(
    ([, name = '', cells = '']) => [
      name
        .replace(/<[^>]*>/g, '')
        .replace(/&#39;/g, "'")
        .trim(),
      ...valuesIn(cells),
    ],
  );
}

function valuesIn(part: string): readonly string[] {
  return [...part.matchAll(/<data value="([^"]*)">/g)].map(([, value = '']) => value);
}

function medianOf({ medianMs }: Times): string | undefined {
  return medianMs === null ? undefined : String(medianMs);
}

function copyOf(filters: Question['filters']): Partial<Record<Dimension, string[]>> {
  return Object.fromEntries(Object.entries(filters).map(([name, values]) => [name, [...(values ?? [])]]));
}
