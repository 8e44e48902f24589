import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());

test('/healthz is 200 whatever else is wrong', async () => {
  site.readiness.answer = new Error('everything is down');
  const response = await fetch(`${site.url}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test.each([
  [200, { ready: true, checks: { store: true, queue: true }, connectors: [] }],
  [503, { ready: false, checks: { store: true, queue: false }, connectors: [] }],
])('/readyz is %i for %j', async (status, answer) => {
  site.readiness.answer = answer;
  const response = await fetch(`${site.url}/readyz`);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual(answer);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('/readyz is 503 when it cannot be found out, and tells nobody why', async () => {
  site.readiness.answer = new Error('connect to db.internal failed');
  const response = await fetch(`${site.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('db.internal');
  expect(site.log.join('')).toContain('readiness could not be found out');
});

test('/readyz tells how each connector is, but to the machine itself only', async () => {
  const sick = {
    name: 'zendesk-eu',
    state: 'paused' as const,
    pausedAt: new Date('2026-11-22T10:00:00Z'),
    reason: 'Zendesk refused the credentials',
    watchedAt: null,
    pushedAt: null,
    streamedAt: null,
    findings: [],
  };
  site.readiness.answer = { ready: true, checks: { store: true }, connectors: [sick] };
  const here = await fetch(`${site.url}/readyz`);
  expect(here.status).toBe(200);
  expect(await here.json()).toMatchObject({
    connectors: [{ name: 'zendesk-eu', state: 'paused', reason: 'Zendesk refused the credentials' }],
  });
  for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
    const elsewhere = await fetch(`${site.url}/readyz`, { headers: { [header]: '203.0.113.9' } });
    expect(await elsewhere.json(), header).toEqual({ ready: true, checks: { store: true } });
  }
});
