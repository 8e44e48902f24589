import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { sql } from 'kysely';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Role } from '../../src/domain/staff.ts';
import { silentLog } from '../../src/log.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readReport } from '../../src/store/report.ts';
import { foldAll } from '../../src/store/report-fold.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { apiRoutes, endpointsOf } from '../../src/web/staff/api/api-routes.ts';
import * as shapes from '../../src/web/staff/api/shapes.ts';
import { CLOSURE_COLUMNS } from '../../src/web/staff/closure-columns.ts';
import { exportRoutes } from '../../src/web/staff/export-closures.ts';
import type { Gate } from '../../src/web/staff/gate.ts';
import type { Visit } from '../../src/web/staff/route.ts';
import { staffRouter } from '../../src/web/staff/router.ts';
import { createStaffPages } from '../../src/web/staff/staff-pages.ts';
import { codeIn, pageAt } from '../docs/pages.ts';
import { readCsv } from '../support/csv-reader.ts';
import { type OpenEngine, openQuickStore } from '../support/engines.ts';
import { SEEDED_UNTIL, seedYear } from '../support/seeded-year.ts';

const AGENT = 'zendesk-eu/a3';
const YEAR = 'from=2025-11-27&to=2026-11-26';

let engine: OpenEngine;
let server: Server;
let url: string;
const deps = () => ({
  db: engine.database.db,
  settings: { zone: 'Europe/Berlin', minimum: 10, goal: null, baselineDays: 30 },
  agentsSee: { comments: 'released' as const },
  publicUrl: 'https://survey.acme.example',
  clock: { now: () => SEEDED_UNTIL },
});

beforeAll(async () => {
  engine = await openQuickStore();
  const { db } = engine.database;
  await migrate(db);
  await seedYear(db, { closures: 2_000 });
  await foldAll(db, { zone: 'Europe/Berlin' });
  const app = express();
  const pages = createStaffPages();
  // Nobody signs in or out here, nor posts.
  const gate = { keyOf: visitOf, sessionOf: visitOf } as Partial<Gate> as Gate;
  app.use(
    staffRouter([...apiRoutes(deps()), ...exportRoutes(deps())], { ...deps(), log: silentLog, gate, pages }),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await engine.close();
});

/** Who asks is told by a header: keys and sessions have tests of their own. */
async function visitOf(request: express.Request): Promise<Visit> {
  const role = (request.get('x-role') ?? 'lead') as Role;
  return { viewer: { id: 'somebody', name: 'Somebody', role, agents: [AGENT] }, csrf: 'x' };
}

function get(path: string, role: Role = 'lead', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { 'x-role': role, ...headers } });
}

/** The answer as its schema reads it, which refuses what it does not know. */
async function read<S extends z.ZodType>(path: string, shape: S, role: Role = 'lead'): Promise<z.output<S>> {
  const response = await get(path, role);
  expect(response.status, path).toBe(200);
  return shape.parse(await response.json());
}

describe('the report', () => {
  it('is what the store tells for the same question', async () => {
    const report = await read(
      `/api/v1/report?${YEAR}&team=Billing&team=&by=agent&by=channel&step=month`,
      shapes.Report,
    );
    const question = {
      from: '2025-11-27',
      to: '2026-11-26',
      metric: null,
      filters: { team: ['Billing', ''] },
    };
    const own = await readReport(deps(), question, {
      splits: ['agent', 'channel'],
      step: 'month',
      flags: true,
    });
    expect(report).toEqual(JSON.parse(JSON.stringify(own)));
    expect(report.total.tally.answered).toBeGreaterThan(10);
  });

  it('flags what speaks against the figures', async () => {
    const { db } = engine.database;
    const month = 'from=2026-10-27&to=2026-11-25';
    expect((await read(`/api/v1/report?${month}`, shapes.Report)).flags).toEqual([]);
    await sql`
      with house as (insert into caseloop.staff_callers (caller, seen_at) values ('house', ${SEEDED_UNTIL}))
      insert into caseloop.taps (survey_id, at, kind, method, agent, caller)
      select survey_id, answered_at, 'answer', 'POST', 'unnamed', 'house' from caseloop.answers
       where version = 1 and answered_at > '2026-11-05'`.execute(db);
    const { flags } = await read(`/api/v1/report?${month}`, shapes.Report);
    expect(flags.map(({ check }) => check)).toEqual(['own-network']);
  });

  it('says everything that is wrong with a query at once', async () => {
    const response = await get(
      '/api/v1/report?from=2026-13-01&colour=red&by=mood&step=hour&step=day&metric=x',
    );
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const { problems = [] } = shapes.Problem.parse(await response.json());
    const about = problems.map((one) => one.split(':')[0]);
    expect(about.toSorted()).toEqual(['by', 'colour', 'from', 'metric', 'step', 'step']);
  });

  it('is not sent again to who has it', async () => {
    const first = await get(`/api/v1/report?${YEAR}`);
    const etag = first.headers.get('etag') ?? '';
    // Not by `fetch`, which asks for a fresh answer as soon as it is given such a header.
    const again = await request(`${url}/api/v1/report?${YEAR}`, { headers: { 'if-none-match': etag } });
    expect([first.status, again.statusCode, await again.body.text()]).toEqual([200, 304, '']);
  });
});

describe('closures', () => {
  const all = async (query: string, role: Role = 'lead') => {
    const found: z.output<typeof shapes.Closure>[] = [];
    let next: string | null = null;
    do {
      const after: string = next === null ? '' : `&after=${next}`;
      const page = await read(`/api/v1/closures?${query}${after}`, shapes.Closures, role);
      found.push(...page.closures);
      next = page.next;
    } while (next !== null);
    return found;
  };

  it('come page by page, each once, and are as many as the figure says', async () => {
    const report = await read(`/api/v1/report?${YEAR}`, shapes.Report);
    const closures = await all(`${YEAR}&limit=450`);
    expect(closures).toHaveLength(report.total.tally.closures);
    expect(new Set(closures.map(({ closureId }) => closureId)).size).toBe(closures.length);
    const low = await all(`${YEAR}&only=low&limit=500`);
    expect(low).toHaveLength(report.total.tally.low);
    expect(new Set(low.map(({ answer }) => answer?.level))).toEqual(new Set(['low']));
  });

  it('of a case are told together', async () => {
    const [one] = await all(`${YEAR}&only=reopened&limit=500`);
    if (one === undefined) throw new Error('nothing was opened again');
    const { closures } = await read(`/api/v1/closures/${one.connector}/${one.caseId}`, shapes.ClosuresOfCase);
    expect(closures).toContainEqual(one);
    expect(closures.map(({ cycle }) => cycle)).toEqual([1, 2]);
    expect((await get('/api/v1/closures/zendesk-eu/none')).status).toBe(404);
  });

  it('of others are not for an agent, nor comments that were not released', async () => {
    const own = await all(`${YEAR}&limit=500`, 'agent');
    expect(new Set(own.map(({ credited }) => credited?.agent))).toEqual(new Set([AGENT]));
    const commented = own.filter(({ answer }) => answer?.commentHidden);
    expect(commented.length).toBeGreaterThan(0);
    expect(own.every(({ answer }) => answer?.comment == null)).toBe(true);
    const shown = commented[0];
    await engine.database.db
      .withSchema(SCHEMA)
      .insertInto('released_comments')
      .values({ survey_id: shown?.survey?.id ?? '', released_at: SEEDED_UNTIL, released_by: 'a lead' })
      .execute();
    const path = `/api/v1/closures/${shown?.connector}/${shown?.caseId}`;
    const { closures } = await read(path, shapes.ClosuresOfCase, 'agent');
    expect(closures.some(({ answer }) => answer?.comment !== null && answer?.commentHidden === false)).toBe(
      true,
    );
    const others = await all(`${YEAR}&agent=zendesk-eu/a4&limit=1`, 'lead');
    const other = `/api/v1/closures/${others[0]?.connector}/${others[0]?.caseId}`;
    expect((await get(other, 'agent')).status).toBe(404);
    expect(await all(`${YEAR}&agent=zendesk-eu/a4`, 'agent')).toEqual([]);
  });

  it.each(['limit=0', 'limit=501', 'after=x', 'score=9x', 'only=best', 'limit=5&limit=6'])(
    'are refused for %s',
    async (query) => {
      expect((await get(`/api/v1/closures?${query}`)).status).toBe(400);
    },
  );
});

describe('the export', () => {
  it.each(['/api/v1/closures.csv', '/dashboard/export.csv'])('%s has one row per closure', async (path) => {
    const response = await get(`${path}?${YEAR}`);
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename=caseloop-2025-11-27-to-2026-11-26.csv',
    );
    const text = await response.text();
    const [head = [], ...rows] = readCsv(text.replace(/^\u{feff}/u, ''));
    const report = await read(`/api/v1/report?${YEAR}`, shapes.Report);
    expect(rows).toHaveLength(report.total.tally.closures);
    const column = (name: string) => rows.map((row) => row[head.indexOf(name)]);
    const { metric } = report;
    const answered = rows.filter(
      (row) => row[head.indexOf('metric')] === metric?.name && row[head.indexOf('score')] !== '',
    );
    expect(answered).toHaveLength(report.total.tally.answered);
    expect(column('reopened').filter((cell) => cell === 'yes')).toHaveLength(report.total.tally.reopened);
  });

  it('is narrowed for an agent, and refuses a period that is none', async () => {
    const [head = [], ...rows] = readCsv(
      (await (await get(`/dashboard/export.csv?${YEAR}`, 'agent')).text()).replace(/^\u{feff}/u, ''),
    );
    expect(new Set(rows.map((row) => row[head.indexOf('agent')]))).toEqual(new Set([AGENT]));
    expect(new Set(rows.map((row) => row[head.indexOf('comment')]))).toContain('(not released)');
    expect((await get('/dashboard/export.csv?from=yesterday')).status).toBe(400);
  });

  it('is noted in the audit', async () => {
    const rows = await engine.database.db
      .withSchema(SCHEMA)
      .selectFrom('audit')
      .select(['actor', 'what'])
      .where('what', '=', 'closures exported')
      .execute();
    expect(rows.length).toBeGreaterThan(2);
  });
});

describe('answers', () => {
  it('are read on and on: none twice, none missed, each version', async () => {
    await engine.database.db
      .withSchema(SCHEMA)
      .updateTable('answers')
      .set({ stored_at: new Date('2026-01-01') })
      .execute();
    const seen: string[] = [];
    let next = '';
    let page: z.output<typeof shapes.Answers>;
    do {
      page = await read(`/api/v1/answers?limit=200${next === '' ? '' : `&after=${next}`}`, shapes.Answers);
      seen.push(...page.answers.map(({ answerId, version }) => `${answerId} ${version}`));
      next = page.next;
    } while (page.answers.length > 0);
    const stored = await engine.database.db
      .withSchema(SCHEMA)
      .selectFrom('answers')
      .select('survey_id')
      .execute();
    expect(new Set(seen).size).toBe(stored.length);
    expect(seen).toHaveLength(stored.length);
    const { survey_id } = stored[0] ?? { survey_id: '' };
    await addVersion(survey_id, new Date('2026-01-01'));
    const later = await read(`/api/v1/answers?after=${next}`, shapes.Answers);
    expect(later.answers.map(({ answerId, version }) => [answerId, version])).toEqual([[survey_id, 9]]);
  });

  it('wait until none that is stored at the same time can still come before them', async () => {
    const { survey_id } = await engine.database.db
      .withSchema(SCHEMA)
      .selectFrom('answers')
      .select('survey_id')
      .where('version', '=', 9)
      .executeTakeFirstOrThrow();
    const before = await read('/api/v1/answers?since=2027-01-01T00:00:00Z', shapes.Answers);
    await addVersion(survey_id, null);
    expect(await read('/api/v1/answers?since=2027-01-01T00:00:00Z', shapes.Answers)).toEqual(before);
  });

  async function addVersion(surveyId: string, storedAt: Date | null): Promise<void> {
    await engine.database.db
      .withSchema(SCHEMA)
      .insertInto('answers')
      .values({
        survey_id: surveyId,
        version: storedAt === null ? 10 : 9,
        score: 1,
        comment: null,
        reasons: '[]',
        source: 'form',
        answered_at: storedAt ?? new Date('2027-02-01'),
        ...(storedAt === null ? {} : { stored_at: storedAt }),
      })
      .execute();
  }

  it('are an agent’s own, and refused for an instant that is none', async () => {
    const { answers } = await read(
      '/api/v1/answers?since=2026-06-01T00:00:00Z&limit=500',
      shapes.Answers,
      'agent',
    );
    expect(new Set(answers.map(({ agent }) => agent))).toEqual(new Set([AGENT]));
    expect(answers.every(({ answeredAt }) => answeredAt >= '2026-06-01')).toBe(true);
    expect((await get('/api/v1/answers?since=2026-10-01')).status).toBe(400);
  });
});

describe('the document', () => {
  it('tells every address with its parameters, and its references lead somewhere', async () => {
    const document = JSON.parse(await (await get('/api/v1/openapi.json')).text());
    expect(document.openapi).toBe('3.1.0');
    const endpoints = endpointsOf(deps());
    expect(Object.keys(document.paths)).toEqual(endpoints.map(({ path }) => path.replace(/:(\w+)/g, '{$1}')));
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(refs.length).toBeGreaterThan(10);
    for (const [, name = ''] of refs) expect(document.components.schemas).toHaveProperty(name);
  });
});

describe('docs/api.md', () => {
  const page = pageAt('docs/api.md');

  it('lists every address', () => {
    const listed = page.rows.filter(({ table }) => table === 'address').map(({ cells }) => codeIn(cells[0]));
    expect(listed).toEqual(endpointsOf(deps()).map(({ path }) => path));
  });

  it('has examples that work, and answers in the shape of real ones', async () => {
    for (const [at, { language, text }] of page.blocks.entries()) {
      if (language !== 'http') continue;
      const address = text.replace(/^GET /, '');
      const { answer } = endpointsOf(deps()).find(({ path }) => path === address.split('?')[0]) ?? {};
      const response = await get(address);
      const isRefused = address.includes('colour');
      expect(response.status, address).toBe(isRefused ? 400 : 200);
      const shown = page.blocks[at + 1];
      const shape = isRefused ? shapes.Problem : answer;
      if (shape != null) shape.parse(await response.json());
      if (shown?.language === 'json') shape?.parse(JSON.parse(shown.text));
    }
  });

  it('lists the columns of the export in their order', () => {
    const columns = CLOSURE_COLUMNS.map(({ name }) => name).join(', ');
    expect(page.text.replace(/\s+/g, ' ')).toContain(`${columns}.`);
  });
});
