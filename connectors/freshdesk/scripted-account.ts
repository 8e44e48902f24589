import nock from 'nock';
import type { Connector, ConnectorContext, FollowUpTask, LateAnswer } from '../../src/connector.ts';
import { silentLog } from '../../src/log.ts';
import type { TokenStore } from '../../src/token-store.ts';
import { freshdesk } from './index.ts';

/** What a scripted route answers with. `body` is sent as JSON unless it is a string; an error breaks the connection. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly error?: Error;
}

/** A request that the connector made. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  readonly body: unknown;
}

type Route = ScriptedAnswer | ((request: SeenRequest) => ScriptedAnswer);

/** A Freshdesk account for unit tests, played by nock: it says what the test tells it to, and remembers. */
export interface ScriptedAccount {
  readonly seen: SeenRequest[];
  /** Answers `METHOD /path`, below `/api/v2`; what is not scripted is answered 404 without a body, as Freshdesk does. */
  on(route: string, answer: Route): void;
  /** Requests of one route so far. */
  calls(route: string): readonly SeenRequest[];
  close(): void;
}

const URL_OF_ACCOUNT = 'https://acme.freshdesk.com';

export function openScriptedAccount(): ScriptedAccount {
  const routes = new Map<string, Route>();
  const seen: SeenRequest[] = [];
  nock.disableNetConnect();

  async function answer(request: Request): Promise<[number, string, Record<string, string>]> {
    const url = new URL(request.url);
    const text = await request.text();
    const made: SeenRequest = {
      method: request.method,
      path: url.pathname.replace(/^\/api\/v2/, ''),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text === '' ? null : JSON.parse(text),
    };
    seen.push(made);
    const route = routes.get(`${made.method} ${made.path}`);
    const {
      status = 200,
      headers = {},
      body = '',
      error,
    } = (typeof route === 'function' ? route(made) : route) ?? { status: 404 };
    if (error !== undefined) throw error;
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    return [status, sent, { 'content-type': 'application/json; charset=utf-8', ...headers }];
  }

  const scope = nock(URL_OF_ACCOUNT).persist();
  for (const method of ['GET', 'POST', 'PUT']) scope.intercept(/.*/, method).reply(answer);
  const account: ScriptedAccount = {
    seen,
    on: (route, said) => routes.set(route, said),
    calls: (route) => seen.filter(({ method, path }) => `${method} ${path}` === route),
    close() {
      nock.cleanAll();
      nock.enableNetConnect();
    },
  };
  scriptNames(account);
  return account;
}

const NO_TOKENS: TokenStore = {
  read: async () => null,
  renew: async () => {
    throw new Error('an API key is not minted');
  },
};

export const NOW = new Date('2026-11-21T10:00:00Z');
export const WEBHOOK_URL = 'https://survey.acme.example/webhooks/desk';
export const API_KEY = 'fd-api-key-1234';
export const WEBHOOK_SECRET = 'a-long-webhook-secret-for-tests';

/** A connector against the account. */
export function connectTo(
  settings: Record<string, unknown> = {},
  context: Partial<ConnectorContext> = {},
): Connector {
  const config = freshdesk.Config.parse({
    baseUrl: URL_OF_ACCOUNT,
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    ...settings,
  });
  return freshdesk.connect(config, {
    name: 'desk',
    webhookUrl: WEBHOOK_URL,
    optOutUrl: 'https://survey.acme.example/u/',
    clock: { now: () => NOW },
    log: silentLog,
    tokens: NO_TOKENS,
    needs: { publicReply: false },
    pushedAt: async () => null,
    ...context,
  });
}

/** The names that the server gave our fields: one is not what its label suggests, as happens. */
export const FIELD_NAMES = {
  score: 'cf_csat_score',
  rating: 'cf_csat_rating',
  level: 'cf_csat_level',
  comment: 'cf_csat_comment297457',
  reasons: 'cf_csat_reasons',
  answeredAt: 'cf_csat_answered_at',
  link: 'cf_csat_link',
  reference: 'cf_csat_reference',
} as const;

/** The account's ticket fields after provisioning, with a status of its own. */
export const TICKET_FIELDS = [
  {
    id: 3,
    name: 'status',
    label: 'Status',
    type: 'default_status',
    choices: {
      2: ['Open', 'Being Processed'],
      4: ['Resolved', 'This ticket has been Resolved'],
      5: ['Closed', 'This ticket has been Closed'],
      12: ['Done by phone', 'Done'],
    },
  },
  { id: 11, name: FIELD_NAMES.score, label: 'CSAT score', type: 'custom_number' },
  {
    id: 12,
    name: FIELD_NAMES.level,
    label: 'CSAT level',
    type: 'custom_dropdown',
    choices: ['low', 'neutral', 'high'],
  },
  { id: 13, name: FIELD_NAMES.comment, label: 'CSAT comment', type: 'custom_paragraph' },
  { id: 14, name: FIELD_NAMES.reasons, label: 'CSAT reasons', type: 'custom_paragraph' },
  { id: 15, name: FIELD_NAMES.answeredAt, label: 'CSAT answered at', type: 'custom_text' },
  { id: 17, name: FIELD_NAMES.rating, label: 'CSAT rating', type: 'custom_text' },
  { id: 18, name: FIELD_NAMES.link, label: 'CSAT link', type: 'custom_url' },
  { id: 16, name: FIELD_NAMES.reference, label: 'CSAT reference', type: 'custom_text' },
];

/** The agent whose key it is. */
export const ME = {
  id: 500,
  ticket_scope: 1,
  contact: { name: 'Kim', email: 'kim@acme.example', language: 'en' },
};

function scriptNames(account: ScriptedAccount): void {
  account.on('GET /agents', { body: [ME] });
  account.on('GET /agents/me', { body: ME });
  account.on('GET /groups', { body: [{ id: 7, name: 'Support' }] });
  account.on('GET /products', { body: [{ id: 9, name: 'Acme' }] });
  account.on('GET /ticket_fields', { body: TICKET_FIELDS });
  account.on('GET /admin/ticket_fields', { body: TICKET_FIELDS });
}

/** A resolved ticket as Freshdesk sends it with `include=stats,requester`, with what a test changes. */
export function ticketWith(
  changes: Record<string, unknown> = {},
  stats: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: 21,
    subject: 'Refund',
    status: 4,
    priority: 3,
    source: 1,
    type: 'Question',
    requester_id: 900,
    responder_id: 500,
    group_id: 7,
    company_id: 67001265522,
    product_id: 9,
    spam: false,
    tags: ['refund'],
    custom_fields: { [FIELD_NAMES.score]: null, [FIELD_NAMES.reference]: null },
    created_at: '2026-11-20T15:59:28Z',
    updated_at: '2026-11-21T09:45:20Z',
    requester: { id: 900, name: 'Ana', email: 'ana@example.org', mobile: null, phone: null },
    stats: {
      agent_responded_at: '2026-11-21T09:00:00Z',
      requester_responded_at: null,
      first_responded_at: '2026-11-20T16:40:00Z',
      status_updated_at: '2026-11-21T09:45:20Z',
      reopened_at: null,
      resolved_at: '2026-11-21T09:45:20Z',
      closed_at: null,
      pending_since: null,
      ...stats,
    },
    ...changes,
  };
}

/** A low answer to ticket 21. */
export const ANSWER = {
  key: 'answer/21:1',
  caseId: '21',
  score: 2,
  scale: '1-5',
  rating: 'Dissatisfied',
  level: 'low',
  comment: 'Slow & <rude>',
  reasons: ['the wait', 'no solution'],
  answeredAt: new Date('2026-11-21T09:50:00Z'),
  link: 'https://survey.acme.example/dashboard/cases/crm/1',
  note: false,
  tag: true,
} as const;

/** A follow-up for ticket 21. */
export const TASK: FollowUpTask = {
  key: 'csat:0123',
  outcomeUnknown: false,
  caseId: '21',
  subject: 'Low score on case 21',
  body: 'Score 2.\n> Slow & <rude>',
  dueAt: new Date('2026-11-24T09:00:00Z'),
  ownerId: '500',
  teamId: '7',
};

/** The answer after ticket 21 was archived. */
export const LATE: LateAnswer = {
  ...ANSWER,
  key: 'late:0123',
  outcomeUnknown: false,
  requesterId: '900',
  leaveOpen: false,
  subject: 'Late rating of case 21',
  body: 'The rating stands here.',
};

/** What a call failed with; a call that did not fail is a failed test. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected the call to fail with an Error');
}
