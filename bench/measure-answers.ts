import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Pool } from 'undici';
import { createLinks } from '../src/links.ts';
import { Secret } from '../src/secret.ts';
import { type Figure, figureOf, ratioOf } from './figures.ts';
import { monotonicMs } from './monotonic.ts';
import {
  createBareSurvey,
  createCaseloop,
  ENGINE_TITLES,
  LINK_SECRET,
  type Pipeline,
  type Surroundings,
} from './pipelines.ts';

/** Answers a second, each a page that is opened and a button that is pressed. */
export interface AnswerFigures {
  readonly respondents: number;
  /** Of one page, as it is sent. */
  readonly bytes: { readonly bare: number; readonly caseloop: number };
  readonly bare: AnswerSide;
  readonly caseloop: readonly (AnswerSide & {
    readonly title: string;
    /** Turn by turn. */
    readonly ratio: Figure | null;
  })[];
}

interface AnswerSide {
  readonly perSecond: Figure;
  /** Processor time of the server's process. */
  readonly cpuMs: Figure;
}

export interface AnswerPlan {
  /** In each turn, on each side. */
  readonly answers: number;
  readonly turns: number;
}

/** One side: a server and the surveys that wait there. */
interface Site {
  readonly pipeline: Pipeline;
  /** Makes surveys that nobody has answered; gives the paths of their pages. */
  ask(count: number): Promise<readonly string[]>;
  answers(): Promise<number>;
  readonly perSecond: number[];
  readonly cpuMs: number[];
  bytes: number;
}

const RESPONDENTS = 50;
const SCORE = 4;

/**
 * Lets 50 respondents at a time answer a survey each, by turns on a bare page and on Caseloop's web server, which leaves
 * write-backs to workers elsewhere.
 */
export async function measureAnswers(around: Surroundings, plan: AnswerPlan): Promise<AnswerFigures> {
  const pipelines: Pipeline[] = [];
  const sites: Site[] = [];
  const open = async (pipeline: Pipeline, siteOf: (pipeline: Pipeline, database: pg.Pool) => Site) => {
    pipelines.push(pipeline);
    pipeline.spawn();
    await pipeline.ready();
    const database = new pg.Pool({ connectionString: pipeline.databaseUrl ?? '', max: 1 });
    databases.push(database);
    sites.push(siteOf(pipeline, database));
  };
  const databases: pg.Pool[] = [];
  try {
    await open(await createBareSurvey(around), bareSite);
    for (const engine of ['redis', 'postgresql'] as const)
      await open(await createCaseloop(engine, around, 'web'), caseloopSite);
    for (const site of sites) await answerAll(site, plan.answers);
    for (const site of sites) site.perSecond.length = site.cpuMs.length = 0;
    for (let turn = 0; turn < plan.turns; turn += 1)
      for (const site of turn % 2 === 0 ? sites : sites.toReversed()) await answerAll(site, plan.answers);
    const [bare, ...others] = sites;
    if (bare === undefined) throw new Error('there is nothing to compare with');
    return {
      respondents: RESPONDENTS,
      bytes: { bare: bare.bytes, caseloop: others[0]?.bytes ?? 0 },
      bare: sideOf(bare),
      caseloop: others.map((site) => ({
        title: `web server on ${ENGINE_TITLES[site.pipeline.name as 'redis']}`,
        ...sideOf(site),
        ratio: ratioOf(site.perSecond, bare.perSecond),
      })),
    };
  } finally {
    for (const database of databases) await database.end();
    for (const pipeline of pipelines) await pipeline.close();
  }
}

function sideOf({ perSecond, cpuMs }: Site): AnswerSide {
  return { perSecond: figureOf(perSecond), cpuMs: figureOf(cpuMs) };
}

async function answerAll(site: Site, answers: number): Promise<void> {
  const { pipeline } = site;
  const paths = [...(await site.ask(answers))];
  const before = { usage: await pipeline.usage(), answers: await site.answers() };
  const connections = new Pool(pipeline.url, { connections: RESPONDENTS, pipelining: 1 });
  const startedAtMs = monotonicMs();
  const respond = async () => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop())
      site.bytes = await answer(connections, path);
  };
  await Promise.all(Array.from({ length: RESPONDENTS }, respond));
  const seconds = (monotonicMs() - startedAtMs) / 1_000;
  await connections.close();
  const usage = await pipeline.usage();
  const kept = (await site.answers()) - before.answers;
  if (kept !== answers) throw new Error(`${pipeline.name} kept ${kept} of ${answers} answers`);
  site.perSecond.push(answers / seconds);
  site.cpuMs.push((usage.cpuMs - before.usage.cpuMs) / answers);
}

/** Opens the page by the link of a score and presses its button, as a browser without scripts does. Gives the page's size. */
async function answer(connections: Pool, path: string): Promise<number> {
  const page = await connections.request({ method: 'GET', path: `${path}?score=${SCORE}`, headers: BROWSER });
  const html = await page.body.text();
  if (page.statusCode !== 200 || !new RegExp(`value="${SCORE}" required checked`).test(html))
    throw new Error(`a page was answered with ${page.statusCode}`);
  const tap = /name="tap" value="(\d+)"/.exec(html)?.[1];
  const form = new URLSearchParams({ ...(tap === undefined ? {} : { tap }), score: `${SCORE}`, comment: '' });
  const press = await connections.request({
    method: 'POST',
    path,
    headers: { ...BROWSER, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  await press.body.dump();
  if (press.statusCode !== 303) throw new Error(`a press was answered with ${press.statusCode}`);
  return Buffer.byteLength(html);
}

const BROWSER = {
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

function bareSite(pipeline: Pipeline, database: pg.Pool): Site {
  return {
    ...emptySite(pipeline, database, 'answers'),
    async ask(count) {
      const ids = Array.from({ length: count }, () => randomUUID());
      await database.query(
        `insert into asked (id, number, question)
         select id, '4711', 'How would you rate the support you received?' from unnest($1::uuid[]) id`,
        [ids],
      );
      return ids.map((id) => `/s/${id}`);
    },
  };
}

function caseloopSite(pipeline: Pipeline, database: pg.Pool): Site {
  const links = createLinks({ publicUrl: pipeline.url, secrets: [new Secret(LINK_SECRET)] });
  const expiresAt = new Date(Date.now() + 30 * 24 * 3_600_000);
  return {
    ...emptySite(pipeline, database, 'caseloop.answers'),
    async ask(count) {
      const ids = Array.from({ length: count }, () => randomUUID());
      await database.query(SEED, [ids, expiresAt]);
      return ids.map((id) => new URL(links.surveyUrl(id, expiresAt)).pathname);
    },
  };
}

function emptySite(pipeline: Pipeline, database: pg.Pool, table: string) {
  return {
    pipeline,
    async answers() {
      const { rows } = await database.query<{ count: string }>(`select count(*) from ${table}`);
      return Number(rows[0]?.count);
    },
    perSecond: [],
    cpuMs: [],
    bytes: 0,
  };
}

/** Closed cases whose customers have been asked, as the pipeline leaves them behind. */
const SEED = `
  with case_ids as (select id, id::text as case_id, jsonb_build_object('caseId', id, 'number', '4711', 'brand', null) as snapshot
                      from unnest($1::uuid[]) id),
       some_cases as (insert into caseloop.cases (connector, case_id, number, state, changed_at, noticed_at, snapshot)
                      select 'zendesk', case_id, '4711', 'closed', now(), now(), snapshot from case_ids),
       some_closures as (insert into caseloop.closures
                      (connector, case_id, closed_at, cycle, noticed_at, noticed_by, person, snapshot, outcome, rule, reason, decided_at)
                      select 'zendesk', case_id, now(), 1, now(), 'push', case_id, snapshot, 'ask', 'ask', 'It is asked.', now()
                        from case_ids returning id, case_id)
  insert into caseloop.surveys (id, closure_id, connector, case_id, name, metric, kind, scale, satisfied_from, follow_up_below,
                      change_within_ms, person, email, locale, state, created_at, asked_at, expires_at)
  select case_id::uuid, id, 'zendesk', case_id, 'support', '2026-11', 'csat', '1-5', 4, 3, 604800000, case_id,
         'customer@elsewhere.example', 'en', 'asked', now(), now(), $2 from some_closures`;
