import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Connector, RawRequest } from '../../src/connector.ts';
import { ConfigError, PermanentError, RetryableError, SignatureError } from '../../src/errors.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
/** What the connector makes of the next push. */
let receive: (request: RawRequest) => Promise<readonly string[]>;

beforeAll(async () => {
  site = await startSurveySite();
  site.connectors.set('zendesk-eu', connectorWith({ receive: (request) => receive(request) }));
  site.connectors.set('pull-only', connectorWith({}));
  await site.db
    .withSchema(SCHEMA)
    .insertInto('connectors')
    .values({ name: 'zendesk-eu', type: 'zendesk', started_at: SITE_NOW })
    .execute();
});
afterAll(() => site.close());
beforeEach(async () => {
  receive = async () => ['1', '2'];
  site.jobs.added = [];
  site.jobs.broken = false;
  await site.db.withSchema(SCHEMA).deleteFrom('doorbells').execute();
});

function connectorWith(parts: Pick<Connector, 'receive'>): Connector {
  const refuse = () => Promise.reject(new Error('a push must not be followed by calls to the CRM'));
  return {
    check: refuse,
    watch: refuse,
    fetch: refuse,
    writeBack: refuse,
    lookAfter: refuse,
    followUp: refuse,
    settle: refuse,
    provision: refuse,
    batchSize: 100,
    ...parts,
  };
}

function push(
  body: string | Uint8Array<ArrayBuffer> = '{}',
  init: RequestInit = {},
  connector = 'zendesk-eu',
): Promise<Response> {
  return fetch(`${site.url}/webhooks/${connector}`, { method: 'POST', body, ...init });
}

async function doorbells() {
  const rows = await site.db
    .withSchema(SCHEMA)
    .selectFrom('doorbells')
    .select(['case_id', 'rings'])
    .orderBy('case_id')
    .execute();
  return rows.map((row) => [row.case_id, row.rings]);
}

test('202: the doorbells are stored and the fetch is queued; a repeat rings again', async () => {
  const first = await push();
  expect(first.status).toBe(202);
  expect(await first.json()).toEqual({ rung: 2 });
  expect((await push()).status).toBe(202);
  expect(await doorbells()).toEqual([
    ['1', 2],
    ['2', 2],
  ]);
  await vi.waitFor(() => expect(site.jobs.added).toEqual(['fetch-cases', 'fetch-cases']));
});

test('the connector sees the bytes and the headers as they were sent', async () => {
  const seen: RawRequest[] = [];
  receive = async (request) => {
    seen.push(request);
    return [];
  };
  const body = Buffer.from('{ "a":1,\n "b": "\u00fc" }  ');
  await push(body, { headers: { 'Content-Type': 'application/json', 'X-Proof': 'Abc' } });
  expect(Buffer.from(seen[0]?.body ?? [])).toEqual(body);
  expect(seen[0]?.headers).toMatchObject({ 'x-proof': 'Abc', 'content-type': 'application/json' });
  await push('', { headers: {} });
  expect(seen[1]?.body).toHaveLength(0);
});

test('a push that names no case is taken and queues nothing', async () => {
  receive = async () => [];
  const response = await push();
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ rung: 0 });
  expect(await doorbells()).toEqual([]);
  expect(site.jobs.added).toEqual([]);
});

test('202 although the queue is away: what is stored is found by the sweep, and the log says so', async () => {
  site.jobs.broken = true;
  expect((await push()).status).toBe(202);
  expect(await doorbells()).toHaveLength(2);
  await vi.waitFor(() => expect(site.log.join('')).toContain('could not be queued'));
});

test('the store knows when the last push came', async () => {
  await push();
  const read = () =>
    site.db
      .withSchema(SCHEMA)
      .selectFrom('connectors')
      .select('pushed_at')
      .where('name', '=', 'zendesk-eu')
      .executeTakeFirstOrThrow();
  await vi.waitFor(async () => expect((await read()).pushed_at).toEqual(SITE_NOW));
});

test.each([
  [401, new SignatureError('zendesk-eu: signature does not match')],
  [400, new PermanentError('zendesk-eu: body is no JSON')],
  [503, new ConfigError('zendesk-eu: no webhook secret yet')],
  [503, new RetryableError('zendesk-eu: the secret cannot be read now')],
  [503, new Error('a mistake of ours: secret detail')],
])('%i for %o', async (status, error) => {
  receive = () => Promise.reject(error);
  const response = await push();
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toBe(status === 503 ? '30' : null);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.text()).not.toContain(error.message);
  expect(await doorbells()).toEqual([]);
});

test('503 with Retry-After when the doorbell cannot be stored', async () => {
  const t = site.db.withSchema(SCHEMA).schema;
  await t.alterTable('doorbells').renameTo('doorbells_away').execute();
  try {
    const response = await push();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('30');
    expect(site.jobs.added).toEqual([]);
  } finally {
    await t.alterTable('doorbells_away').renameTo('doorbells').execute();
  }
});

test('404 for a connector that is not there or takes no pushes, and for other methods', async () => {
  for (const name of ['nobody', 'pull-only', '__proto__', 'zendesk-eu%2f']) {
    expect((await push('{}', {}, name)).status).toBe(404);
  }
  const response = await fetch(`${site.url}/webhooks/zendesk-eu`);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toContain('application/json');
});

test('413 over 1 MiB, and 1 MiB is taken', async () => {
  expect((await push(Buffer.alloc(1024 * 1024))).status).toBe(202);
  const response = await push(Buffer.alloc(1024 * 1024 + 1));
  expect(response.status).toBe(413);
  expect(response.headers.get('content-type')).toContain('application/json');
});

test('a compressed body is refused: nothing was signed that we could check', async () => {
  const response = await push(gzipSync('{}'), { headers: { 'Content-Encoding': 'gzip' } });
  expect(response.status).toBe(415);
});

test('pushes are never rate-limited', async () => {
  const all = await Promise.all(Array.from({ length: 100 }, () => push()));
  expect(new Set(all.map((response) => response.status))).toEqual(new Set([202]));
  expect(await doorbells()).toEqual([
    ['1', 100],
    ['2', 100],
  ]);
});
