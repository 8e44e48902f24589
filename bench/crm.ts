import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from './questions.ts';

/** What came since the last `begin`. */
export interface Traffic {
  /** Calls by kind. */
  readonly calls: Readonly<Record<string, number>>;
  /** Tickets that were written, each counted once. */
  readonly ticketsWritten: number;
  readonly tasksMade: number;
}

/** A bulk job of 100 takes a second or two on a real account; nothing is ever done at once. */
const JOB_BASE_MS = 300;
const JOB_ITEM_MS = 10;

interface Job {
  readonly endsAtMs: number;
  readonly results: readonly Record<string, unknown>[];
}

let calls: Record<string, number> = {};
let written = new Set<number>();
let tasksMade = 0;
const solvedAt = new Map<number, string>();
const jobs = new Map<string, Job>();
let lastTask = 5_000_000;

const FIELDS = [
  ['CSAT score', 'integer'],
  ['CSAT level', 'tagger'],
  ['CSAT comment', 'textarea'],
  ['CSAT reasons', 'text'],
  ['CSAT answered at', 'text'],
].map(([title, type], index) => ({ id: 900 + index, title, type, active: true, custom_field_options: [] }));

/** Every ticket id is a solved ticket of its own requester, solved when it was first read. */
function ticket(id: number): Record<string, unknown> {
  const at = solvedAt.get(id) ?? new Date().toISOString();
  solvedAt.set(id, at);
  return {
    id,
    url: `https://example.zendesk.com/api/v2/tickets/${id}.json`,
    via: { channel: 'email', source: { rel: null } },
    created_at: '2026-11-20T09:00:00Z',
    updated_at: at,
    type: 'question',
    subject: 'Printer on fire',
    priority: 'normal',
    status: 'solved',
    requester_id: 1_000_000_000 + id,
    submitter_id: 1_000_000_000 + id,
    assignee_id: 21,
    organization_id: null,
    group_id: 31,
    brand_id: 41,
    tags: ['printer'],
  };
}

const metrics = (id: number) => ({
  id: 2_000_000_000 + id,
  ticket_id: id,
  reopens: 0,
  replies: 2,
  solved_at: solvedAt.get(id),
  reply_time_in_minutes: { calendar: 12, business: 12 },
});

const requester = (id: number) => ({
  id: 1_000_000_000 + id,
  name: `Customer ${id}`,
  email: `customer-${id}@customer.example`,
  locale: 'en-US',
  role: 'end-user',
  suspended: false,
});

function showMany(ids: readonly number[]): unknown {
  return {
    tickets: ids.map(ticket),
    users: [...ids.map(requester), { id: 21, name: 'Agent', email: 'agent@acme.example', role: 'agent' }],
    groups: [{ id: 31, name: 'Support' }],
    organizations: [],
    metric_sets: ids.map(metrics),
    count: ids.length,
  };
}

function startJob(tickets: readonly { id?: number }[], action: 'update' | 'create'): unknown {
  const id = randomUUID();
  const results = tickets.map((one, index) => {
    if (action === 'update') {
      written.add(Number(one.id));
      return { id: one.id, action, success: true, status: 'Updated' };
    }
    tasksMade += 1;
    lastTask += 1;
    return { id: lastTask, index, action, success: true, status: 'Created' };
  });
  jobs.set(id, { endsAtMs: Date.now() + JOB_BASE_MS + JOB_ITEM_MS * tickets.length, results });
  return { job_status: { id, status: 'queued', results: null } };
}

function jobStatus(id: string): unknown {
  const job = jobs.get(id);
  if (job === undefined || Date.now() < job.endsAtMs) return { job_status: { id, status: 'working' } };
  return { job_status: { id, status: 'completed', results: job.results } };
}

/** The routes that Caseloop calls between a closing and its follow-up, and the one PUT of the bare pipeline. */
function answer(method: string, url: URL, body: string): { kind: string; json: unknown } | null {
  const path = url.pathname.replace(/\.json$/, '');
  const items = () => (JSON.parse(body) as { tickets: { id?: number }[] }).tickets;
  switch (`${method} ${path}`) {
    case 'POST /oauth/tokens':
      return { kind: 'token', json: { access_token: 'token', scope: 'read write', expires_in: 7_200 } };
    case 'GET /api/v2/brands':
      return { kind: 'brands', json: { brands: [{ id: 41, name: 'Acme' }] } };
    case 'GET /api/v2/ticket_fields':
      return {
        kind: 'ticket fields',
        json: { ticket_fields: FIELDS, count: FIELDS.length, next_page: null },
      };
    case 'GET /api/v2/incremental/tickets/cursor':
      return { kind: 'poll', json: { tickets: [], after_cursor: 'end', end_of_stream: true } };
    case 'GET /api/v2/tickets/show_many': {
      const ids = (url.searchParams.get('ids') ?? '').split(',').map(Number);
      return { kind: 'fetch', json: showMany(ids) };
    }
    case 'PUT /api/v2/tickets/update_many':
      return { kind: 'write-back', json: startJob(items(), 'update') };
    case 'POST /api/v2/tickets/create_many':
      return { kind: 'follow-up', json: startJob(items(), 'create') };
    case 'GET /api/v2/tickets':
      return { kind: 'follow-up look-up', json: { tickets: [] } };
  }
  const job = /^\/api\/v2\/job_statuses\/([\w-]+)$/.exec(path)?.[1];
  if (job !== undefined) return { kind: 'job status', json: jobStatus(job) };
  const single = /^\/api\/v2\/tickets\/(\d+)$/.exec(path)?.[1];
  if (method !== 'PUT' || single === undefined) return null;
  written.add(Number(single));
  return { kind: 'single write-back', json: {} };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const server = createServer(async (request, response) => {
  const found = answer(request.method ?? '', new URL(request.url ?? '', 'http://crm'), await bodyOf(request));
  const kind = found?.kind ?? `unknown: ${request.method} ${request.url}`;
  calls[kind] = (calls[kind] ?? 0) + 1;
  response
    .writeHead(found === null ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify(found?.json ?? { error: 'RecordNotFound' }));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answerQuestions({
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  begin() {
    calls = {};
    written = new Set();
    tasksMade = 0;
  },
  traffic: (): Traffic => ({ calls, ticketsWritten: written.size, tasksMade }),
});
