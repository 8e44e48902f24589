import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { may, ROLES, type Role } from '../../src/domain/staff.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import type { StaffRoute } from '../../src/web/staff/route.ts';
import { staffRoutes } from '../../src/web/staff/routes.ts';
import { createStaffPages } from '../../src/web/staff/staff-pages.ts';
import { keyOf, stranger, type Visitor, visitorAs } from '../support/staff-visitor.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

/** What the answer of another agent says; an agent must never read it. */
const COMMENT = 'a-comment-about-somebody-else';
const OWN = 'zendesk-eu/7';
const OTHER = { connector: 'zendesk-eu', id: '8' };

let site: SurveySite;
let routes: readonly StaffRoute[];
let otherCase: string;
let visitors: Readonly<Record<Role, Visitor>>;

beforeAll(async () => {
  site = await startSurveySite();
  routes = staffRoutes(site.staff, createStaffPages());
  otherCase = await addAnswerOfAnother();
  visitors = {
    agent: await visitorAs(site, 'agent', { agents: [OWN] }),
    lead: await visitorAs(site, 'lead'),
    admin: await visitorAs(site, 'admin'),
  };
});

afterAll(() => site.close());

/** A case that another agent is credited with, with an answer. */
async function addAnswerOfAnother(): Promise<string> {
  await registerConnector(site.db, { name: OTHER.connector, type: 'zendesk', startedAt: SITE_NOW });
  const surveyId = await site.addSurvey();
  const s = site.db.withSchema(SCHEMA);
  const { closure_id, case_id } = await s
    .selectFrom('surveys')
    .select(['closure_id', 'case_id'])
    .where('id', '=', surveyId)
    .executeTakeFirstOrThrow();
  await s
    .updateTable('closures')
    .set({ credited_id: OTHER.id, credited_name: 'Somebody Else', credited_by: 'assignee' })
    .where('id', '=', closure_id)
    .execute();
  const token = new URL(site.surveyUrl(surveyId)).pathname;
  const answer = new URLSearchParams({ score: '1', comment: COMMENT });
  const response = await fetch(`${site.url}${token}`, { method: 'POST', body: answer });
  expect(response.status).toBe(200);
  return case_id;
}

/** An address of the route: the case of another agent where it names one, else a row that is not there. */
function addressOf({ path }: StaffRoute): string {
  return path
    .replace(':connector', OTHER.connector)
    .replace(':caseId', otherCase)
    .replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000');
}

const namesCase = ({ path }: StaffRoute) => path.includes(':connector') && path.includes(':caseId');
const isApi = ({ path }: StaffRoute) => path.startsWith('/api/');

const ask = (who: Visitor, route: StaffRoute, headers = {}) =>
  route.method === 'get' ? who.get(addressOf(route), headers) : who.post(addressOf(route), {}, headers);

/** What does not hold, as `ROUTE as WHO: STATUS`, so that one run tells of every route. */
async function breaches(
  who: string,
  those: readonly StaffRoute[],
  look: (route: StaffRoute) => Promise<{ status: number; isRight: boolean }>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const route of those) {
    const { status, isRight } = await look(route);
    if (!isRight) found.push(`${route.method} ${route.path} as ${who}: ${status}`);
  }
  return found;
}

describe('the table of routes for staff', () => {
  it('has every route once, below /dashboard or /api/v1', () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    expect(names).toContain('get /dashboard/admin/audit');
    expect(new Set(names).size).toBe(names.length);
    expect(routes.filter(({ path }) => !/^\/(dashboard(\/|$)|api\/v1(\/|$))/.test(path))).toEqual([]);
  });

  it('lets nobody in who is not signed in', async () => {
    const nobody = stranger(site);
    expect(
      await breaches('nobody', routes, async (route) => {
        const { status, headers } = await ask(nobody, route);
        const isRight = isApi(route)
          ? status === 401 && headers.has('www-authenticate')
          : status === 303 && headers.get('location')?.startsWith('/login') === true;
        return { status, isRight };
      }),
    ).toEqual([]);
  });

  it.each(ROLES)('gives %s what the role may have, and 403 for the rest', async (role) => {
    expect(
      await breaches(role, routes, async (route) => {
        const { status, headers } = await ask(visitors[role], route);
        if (!may(role, route.needs)) return { status, isRight: status === 403 };
        const isSentAway = headers.get('location')?.startsWith('/login') === true;
        return { status, isRight: ![401, 403].includes(status) && status < 500 && !isSentAway };
      }),
    ).toEqual([]);
  });

  it.each(ROLES)('lets a key of %s look at the API as the role may, and nowhere else', async (role) => {
    const headers = await keyOf(site, role, [OWN]);
    const program = stranger(site);
    expect(
      await breaches(`a key of ${role}`, routes, async (route) => {
        const { status } = await ask(program, route, headers);
        if (!isApi(route)) return { status, isRight: status === 303 };
        if (route.method === 'post' || !may(role, route.needs)) return { status, isRight: status === 403 };
        return { status, isRight: ![401, 403].includes(status) && status < 500 };
      }),
    ).toEqual([]);
  });

  it('refuses every post without the token of the session, and every one from elsewhere', async () => {
    const posts = routes.filter(({ method }) => method === 'post');
    const attempts: readonly [string, (route: StaffRoute) => Promise<Response>][] = [
      ['no token', (route) => visitors.admin.post(addressOf(route), { csrf: '' })],
      ['a made-up token', (route) => visitors.admin.post(addressOf(route), { csrf: 'guess' })],
      [
        'another site',
        (route) => visitors.admin.post(addressOf(route), {}, { 'sec-fetch-site': 'cross-site' }),
      ],
      [
        'another origin',
        (route) => visitors.admin.post(addressOf(route), {}, { origin: 'https://evil.example' }),
      ],
    ];
    for (const [name, attempt] of attempts)
      expect(
        await breaches(name, posts, async (route) => {
          const { status } = await attempt(route);
          return { status, isRight: status === 403 };
        }),
      ).toEqual([]);
  });

  it('shows no agent the case of another', async () => {
    const those = routes.filter((route) => namesCase(route) && route.needs === 'agent');
    // It is there for whoever may see it: a case that is not there would be 404 for everybody.
    expect(
      await breaches('lead', those, async (route) => {
        const { status } = await ask(visitors.lead, route);
        return { status, isRight: status === 200 };
      }),
    ).toEqual([]);
    expect(
      await breaches('agent', those, async (route) => {
        const { status } = await ask(visitors.agent, route);
        return { status, isRight: status === 404 };
      }),
    ).toEqual([]);
  });

  it('shows no agent what was said to another', async () => {
    const those = routes.filter(({ method, needs }) => method === 'get' && needs === 'agent');
    const asked = `?agent=${encodeURIComponent(`${OTHER.connector}/${OTHER.id}`)}&from=2026-01-01&to=2026-12-31`;
    // Nor that it was said, about which case and whom.
    const marks = [COMMENT, otherCase, 'Somebody Else'];
    // A lead reads it there, so that an agent's not reading it says something.
    const leads = await Promise.all(
      those.map(async (route) => (await visitors.lead.get(`${addressOf(route)}${asked}`)).text()),
    );
    const telling = those.filter((_, nth) => leads[nth]?.includes(COMMENT)).map(({ path }) => path);
    expect(telling).toContain('/dashboard/cases/:connector/:caseId');
    expect(
      await breaches('agent', those, async (route) => {
        const seen = await Promise.all(
          ['', asked].map((query) => visitors.agent.get(`${addressOf(route)}${query}`)),
        );
        const texts = await Promise.all(seen.map((response) => response.text()));
        return {
          status: seen[0]?.status ?? 0,
          isRight: texts.every((text) => marks.every((mark) => !text.includes(mark))),
        };
      }),
    ).toEqual([]);
  });

  it('answers unknown paths by the same rule: the sign-in first, then that there is nothing', async () => {
    const nobody = stranger(site);
    for (const path of ['/dashboard', '/dashboard/nowhere', '/Dashboard/x?y=1']) {
      const response = await nobody.get(path);
      expect([response.status, response.headers.get('location')]).toEqual([
        303,
        `/login?next=${encodeURIComponent(path)}`,
      ]);
    }
    for (const path of ['/api', '/api/v1', '/api/v1/nowhere', '/api/v2/closures']) {
      const response = await nobody.get(path);
      expect([
        response.status,
        response.headers.get('www-authenticate'),
        response.headers.get('content-type'),
      ]).toEqual([401, 'Bearer realm="caseloop"', 'application/problem+json; charset=utf-8']);
    }
    expect((await visitors.lead.get('/dashboard/nowhere')).status).toBe(404);
    expect((await visitors.lead.get('/api/v1/nowhere')).status).toBe(404);
    expect((await nobody.get('/api/v1/nowhere', { authorization: 'Bearer caseloop_x' })).status).toBe(401);
    // A wrong key is not mended by a session.
    expect((await visitors.admin.get('/api/v1/nowhere', { authorization: 'Bearer caseloop_x' })).status).toBe(
      401,
    );
  });
});
