import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import express from 'express';
import { Agent, request } from 'undici';
import type { ListQuestion } from '../src/domain/question-query.ts';
import { silentLog } from '../src/log.ts';
import { Secret } from '../src/secret.ts';
import { readClosureRows } from '../src/store/closure-rows.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { readReport } from '../src/store/report.ts';
import { readChoices } from '../src/store/report-choices.ts';
import { foldAll } from '../src/store/report-fold.ts';
import { dashboardRoutes } from '../src/web/staff/dashboard.ts';
import { createStaffPages } from '../src/web/staff/staff-pages.ts';
import { SEEDED_UNTIL, seedYear } from '../tests/support/seeded-year.ts';
import { percentile } from './figures.ts';
import { monotonicMs } from './monotonic.ts';
import { createDatabase } from './servers.ts';

/** What looking at figures costs, by engine and number of closures. */
export interface ReportFigures {
  readonly engine: Database['engine'];
  readonly closures: number;
  readonly fillSeconds: number;
  readonly foldSeconds: number;
  readonly pages: readonly { readonly title: string; readonly medianMs: number; readonly mostMs: number }[];
  /** Of the process, in MiB, without what could be cleared away: before the first page and after the last; the most it held. */
  readonly memory: { readonly beforeMib: number; readonly afterMib: number; readonly mostMib: number };
}

export interface ReportPlan {
  readonly closures: readonly number[];
  /** How often each page is asked for. */
  readonly rounds: number;
}

export type ReportEngine = Database['engine'];

/** Fills a year of closures and asks for the dashboard's pages over HTTP, and for lists. */
export async function measureReport(
  dir: string,
  { closures: counts, rounds, engines }: ReportPlan & { readonly engines: readonly ReportEngine[] },
  tell: (what: string) => void,
): Promise<readonly ReportFigures[]> {
  const all: ReportFigures[] = [];
  for (const closures of counts) {
    for (const engine of engines) {
      tell(`figures of ${closures} closures, ${engine}`);
      const server = engine === 'postgresql' ? await createDatabase() : null;
      const dataDir = join(dir, `report-${closures}`);
      const url = server === null ? null : new Secret(server.url);
      const database = await openDatabase({ url, dataDir, log: silentLog });
      try {
        all.push({ engine, closures, ...(await measure(database, closures, rounds, tell)) });
      } finally {
        await database.close();
        await server?.drop();
        await rm(dataDir, { recursive: true, force: true });
      }
    }
  }
  return all;
}

const SETTINGS = { zone: 'Europe/Berlin', minimum: 10, goal: null, baselineDays: 30 };

async function measure(
  { db }: Database,
  closures: number,
  rounds: number,
  tell: (what: string) => void,
): Promise<Omit<ReportFigures, 'engine' | 'closures'>> {
  await migrate(db);
  const filledAt = monotonicMs();
  await seedYear(db, { closures });
  const foldedAt = monotonicMs();
  tell('folding');
  await foldAll(db, { zone: SETTINGS.zone });
  const readyAt = monotonicMs();
  const deps = { db, settings: SETTINGS, clock: { now: () => SEEDED_UNTIL } };
  const site = await serve(deps);
  const lookups = [...PAGES.map(([title, path]) => [title, () => site.get(path)] as const), ...listsOf(deps)];
  // Charts and templates are loaded with the first page.
  for (const [, look] of lookups) await look();
  const beforeMib = keptMib();
  let mostMib = 0;
  const pages: ReportFigures['pages'][number][] = [];
  for (const [title, look] of lookups) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = monotonicMs();
      await look();
      times.push(monotonicMs() - startedAt);
      mostMib = Math.max(mostMib, heldMib());
    }
    pages.push({ title, medianMs: percentile(times, 0.5), mostMs: Math.max(...times) });
  }
  const afterMib = keptMib();
  await site.close();
  return {
    fillSeconds: (foldedAt - filledAt) / 1_000,
    foldSeconds: (readyAt - foldedAt) / 1_000,
    pages,
    memory: { beforeMib, afterMib, mostMib },
  };
}

const YEAR = 'from=2025-11-27&to=2026-11-26';
const FILTERED = 'team=Billing&team=Technical&channel=email&language=de&language=en';

const PAGES: readonly (readonly [title: string, path: string])[] = [
  ['overview, 30 days', '/dashboard?from=2026-10-28&to=2026-11-26'],
  ['overview, a year', `/dashboard?${YEAR}`],
  ['overview, a year, three filters', `/dashboard?${YEAR}&${FILTERED}`],
  ['by agent, a year', `/dashboard/by/agent?${YEAR}`],
  ['by language, a year, three filters', `/dashboard/by/language?${YEAR}&${FILTERED}`],
  ['before and after, 30 days', '/dashboard/compare?at=2026-10-01&days=30'],
  ['before and after, 180 days', '/dashboard/compare?at=2026-05-30&days=180'],
];

type Deps = Parameters<typeof readReport>[0];

function listsOf(deps: Deps): readonly (readonly [string, () => Promise<unknown>])[] {
  const year: ListQuestion = {
    from: '2025-11-27',
    to: '2026-11-26',
    filters: {},
    metric: 'csat 1-5 4 2026-05',
    only: 'all',
    score: null,
  };
  const rare: ListQuestion = {
    ...year,
    filters: { team: ['Billing'], brand: ['Initech'], tier: [''] },
    only: 'low',
  };
  // Half a year down the list.
  const deep = Buffer.from(
    '2026-05-27 2026-05-27T10:00:00.000Z 80000000-0000-0000-0000-000000000000',
  ).toString('base64url');
  const list = (question: ListQuestion, after: string | null, search?: string) => () =>
    readClosureRows(deps, question, { after, limit: 50, ...(search === undefined ? {} : { search }) });
  return [
    ['list, first page', list(year, null)],
    ['list, half a year down', list(year, deep)],
    ['list, low scores of three filters', list(rare, null)],
    ['list, one case by its number', list(year, null, '100500')],
  ];
}

async function serve(deps: Deps): Promise<{ get(path: string): Promise<void>; close(): Promise<void> }> {
  const app = express();
  const visit = {
    viewer: { id: 'bench', name: 'Bench', role: 'admin', agents: [] },
    csrf: '',
  } as const;
  const routes = dashboardRoutes({
    report: (question, wish) => readReport(deps, question, wish),
    choices: (question) => readChoices(deps, question),
    settings: deps.settings,
    clock: deps.clock,
    pages: createStaffPages(),
  });
  for (const route of routes)
    app[route.method](route.path, (asked, response) => route.handle(asked, response, visit));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return {
    async get(path) {
      const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, { dispatcher });
      await body.dump({ limit: Number.MAX_SAFE_INTEGER });
      if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`);
    },
    async close() {
      await dispatcher.close();
      server.close();
    },
  };
}

function heldMib(): number {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** What is still held when all that can be cleared away is. */
function keptMib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return heldMib();
}
