import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector, ConnectorContext } from '../../src/connector.ts';
import { silentLog } from '../../src/log.ts';
import type { Token, TokenStore } from '../../src/token-store.ts';
import { zendesk } from './index.ts';

/** What a scripted route answers with. `body` is sent as JSON unless it is a string; `hang` never answers. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly hang?: boolean;
}

/** A request that the connector made. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

type Route = ScriptedAnswer | ((request: SeenRequest) => ScriptedAnswer);

/** A Zendesk account for unit tests: a real server on loopback that says what the test tells it to, and remembers. */
export interface ScriptedAccount extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Answers `METHOD /path`; what is not scripted is answered 404 InvalidEndpoint, as Zendesk does. */
  on(route: string, answer: Route): void;
  /** Requests of one route so far. */
  calls(route: string): readonly SeenRequest[];
}

export async function startScriptedAccount(): Promise<ScriptedAccount> {
  const routes = new Map<string, Route>();
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://account');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const made: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? null : JSON.parse(text),
    };
    seen.push(made);
    const route = routes.get(`${made.method} ${made.path}`);
    const answer = typeof route === 'function' ? route(made) : route;
    if (answer?.hang) return;
    const {
      status = 200,
      headers = {},
      body,
    } = answer ?? { status: 404, body: { error: 'InvalidEndpoint' } };
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    on: (route, answer) => routes.set(route, answer),
    calls: (route) => seen.filter(({ method, path }) => `${method} ${path}` === route),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Tokens in memory, with the store's promise that a stale one is replaced once. */
export function memoryTokens(
  start: Token | null = null,
): TokenStore & { readonly stored: () => Token | null } {
  let stored = start;
  return {
    stored: () => stored,
    read: async () => stored,
    async renew(stale, mint) {
      if (stored?.accessToken.reveal() !== stale?.accessToken.reveal()) return stored ?? mint(null);
      stored = await mint(stored);
      return stored;
    },
  };
}

export const NOW = new Date('2026-11-21T10:00:00Z');
export const WEBHOOK_URL = 'https://survey.acme.example/webhooks/zendesk-eu';
export const OAUTH = { clientId: 'caseloop', clientSecret: 'client-secret' };
export const API_TOKEN = { email: 'agent@acme.example', apiToken: 'api-token' };

/** A connector against the account. API tokens by default, so that tests of other things need no token endpoint. */
export function connectTo(
  account: ScriptedAccount,
  settings: Record<string, unknown> = {},
  context: Partial<ConnectorContext> = {},
): Connector & Required<Pick<Connector, 'receive'>> {
  const config = zendesk.Config.parse({ baseUrl: account.url, auth: API_TOKEN, ...settings });
  const connector = zendesk.connect(config, {
    name: 'zendesk-eu',
    webhookUrl: WEBHOOK_URL,
    optOutUrl: 'https://survey.acme.example/u/',
    clock: { now: () => NOW },
    log: silentLog,
    tokens: memoryTokens(),
    needs: { publicReply: false },
    pushedAt: async () => null,
    ...context,
  });
  const { receive } = connector;
  if (receive === undefined) throw new Error('the Zendesk connector takes pushes');
  return { ...connector, receive };
}

/** A ticket as Zendesk sends it, with what a test changes. */
export function ticketWith(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 5158,
    external_id: null,
    via: { channel: 'email', source: { from: {}, to: {}, rel: null } },
    created_at: '2026-11-20T10:12:07Z',
    updated_at: '2026-11-21T09:45:20Z',
    type: 'question',
    subject: 'Cannot log in',
    priority: 'high',
    status: 'solved',
    requester_id: 20978392,
    submitter_id: 20978392,
    assignee_id: 235323,
    organization_id: 10002,
    group_id: 98738,
    brand_id: 123,
    tags: ['vip'],
    ...changes,
  };
}

/** What surrounds the ticket: people, group, metrics. */
export function sideLoadsWith(metric: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    users: [
      {
        id: 20978392,
        name: 'Ana',
        email: 'ana@example.org',
        locale: 'pt-BR',
        time_zone: 'Brasilia',
        role: 'end-user',
        suspended: false,
      },
      {
        id: 235323,
        name: 'Kim',
        email: 'kim@acme.example',
        locale: 'en-US',
        role: 'agent',
        suspended: false,
      },
    ],
    groups: [{ id: 98738, name: 'Support' }],
    organizations: [{ id: 10002, name: 'Example Ltd' }],
    metric_sets: [
      {
        ticket_id: 5158,
        reopens: 1,
        replies: 2,
        solved_at: '2026-11-21T09:45:20Z',
        reply_time_in_minutes: { calendar: 30, business: 10 },
        ...metric,
      },
    ],
  };
}

/** Answers the names that snapshots need. */
export function scriptNames(account: ScriptedAccount): void {
  account.on('GET /api/v2/brands.json', { body: { brands: [{ id: 123, name: 'Acme' }] } });
}

/** Our fields as an account has them after provisioning. */
export const FIELDS = [
  { id: 1, type: 'integer', title: 'CSAT score', active: true },
  {
    id: 2,
    type: 'tagger',
    title: 'CSAT level',
    active: true,
    custom_field_options: [
      { id: 21, name: 'Low', value: 'csat_low' },
      { id: 22, name: 'Neutral', value: 'csat_neutral' },
      { id: 23, name: 'High', value: 'csat_high' },
    ],
  },
  { id: 3, type: 'textarea', title: 'CSAT comment', active: true },
  { id: 4, type: 'text', title: 'CSAT reasons', active: true },
  { id: 5, type: 'text', title: 'CSAT answered at', active: true },
  { id: 6, type: 'text', title: 'CSAT rating', active: true },
  { id: 7, type: 'text', title: 'CSAT link', active: true },
];

/** A job as Zendesk shows it. */
export function jobWith(status: string, results: readonly unknown[] | null = null): Record<string, unknown> {
  return { job_status: { id: 'V3-1', url: 'x', total: 1, progress: null, status, message: null, results } };
}

/** What a call failed with; a call that did not fail is a failed test. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected the call to fail with an Error');
}
