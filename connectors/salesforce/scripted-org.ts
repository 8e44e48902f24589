import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector, ConnectorContext } from '../../src/connector.ts';
import { silentLog } from '../../src/log.ts';
import type { Token, TokenStore } from '../../src/token-store.ts';
import { salesforce } from './index.ts';

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
  readonly text: string;
}

type Route = ScriptedAnswer | ((request: SeenRequest) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** An org for unit tests: a real server on loopback that says what the test tells it to, and remembers. */
export interface ScriptedOrg extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Answers `METHOD /path`, below `/services/data/v67.0` where the path begins with `~`. The rest is 404. */
  on(route: string, answer: Route): void;
  /** Answers queries whose SOQL matches with these rows, the latest script first; what matches none has no rows. */
  onQuery(soql: RegExp, records: readonly object[] | ScriptedAnswer): void;
  /** Requests of one route so far. */
  calls(route: string): readonly SeenRequest[];
  /** The SOQL of every query so far. */
  readonly soql: readonly string[];
}

const DATA = '/services/data/v67.0';

export async function startScriptedOrg(): Promise<ScriptedOrg> {
  const routes = new Map<string, Route>();
  const queries: { readonly soql: RegExp; readonly answer: ScriptedAnswer }[] = [];
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://org');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const made: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      text: Buffer.concat(chunks).toString(),
    };
    seen.push(made);
    const route = routes.get(`${made.method} ${made.path}`);
    const answer = (typeof route === 'function' ? await route(made) : route) ?? unscripted(made);
    if (answer.hang) return;
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/json;charset=UTF-8',
      ...answer.headers,
    });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });

  function unscripted({ path, query }: SeenRequest): ScriptedAnswer {
    if (/\/query(All)?$/.test(path)) {
      const match = queries.findLast(({ soql }) => soql.test(query.get('q') ?? ''));
      return match?.answer ?? rows([]);
    }
    return {
      status: 404,
      body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
    };
  }

  routes.set('POST /services/oauth2/token', { body: tokenBody(1) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const full = (route: string) => route.replace(' ~', ` ${DATA}`);
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    on: (route, answer) => routes.set(full(route), answer),
    onQuery: (soql, answer) =>
      queries.push({ soql, answer: Array.isArray(answer) ? rows(answer) : (answer as ScriptedAnswer) }),
    calls: (route) => seen.filter(({ method, path }) => `${method} ${path}` === full(route)),
    get soql() {
      return seen.flatMap(({ path, query }) => (/\/query(All)?$/.test(path) ? [query.get('q') ?? ''] : []));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A page of a query's rows, the only one unless `next` says where the rest is. */
export function rows(records: readonly object[], next?: string): ScriptedAnswer {
  const end = next === undefined ? { done: true } : { done: false, nextRecordsUrl: next };
  return { body: { totalSize: records.length, records, ...end } };
}

/** What a token request is answered with. */
export function tokenBody(n: number): object {
  return {
    access_token: `00Dxx!token-${n}`,
    instance_url: 'https://acme.my.salesforce.com',
    id: `https://login.salesforce.com/id/00Dxx0000001gEREAY/${RUN_AS}`,
    token_type: 'Bearer',
    issued_at: '1763720000000',
  };
}

/** The body of a refusal. */
export function refusal(errorCode: string, message = 'words of the vendor'): readonly object[] {
  return [{ errorCode, message }];
}

/** Tokens in memory, with the store's promise that a stale one is replaced once. */
export function memoryTokens(): TokenStore {
  let stored: Token | null = null;
  return {
    read: async () => stored,
    async renew(stale, mint) {
      if (stored !== null && stored.accessToken.reveal() !== stale?.accessToken.reveal()) return stored;
      stored = await mint(stored);
      return stored;
    },
  };
}

export const NOW = new Date('2026-11-21T10:00:00Z');
export const RUN_AS = '005xx000001X8UzAAK';
export const AGENT = '005xx000001X8VAAA0';
export const QUEUE = '00Gxx0000012345EAA';
export const CASE = '500xx000001abcDAAQ';
export const OTHER_CASE = '500xx000001abcEAAQ';
export const CLIENT = { clientId: 'consumer-key', clientSecret: 'consumer-secret' };

/** A connector to the org. */
export function connectTo(
  org: ScriptedOrg,
  settings: Record<string, unknown> = {},
  context: Partial<ConnectorContext> = {},
): Required<Pick<Connector, 'stream' | 'reopen'>> & Connector {
  const config = salesforce.Config.parse({ loginUrl: org.url, auth: CLIENT, ...settings });
  const connector = salesforce.connect(config, { ...contextOf(), ...context });
  const { stream = () => Promise.reject(new Error('stream is off')), reopen } = connector;
  if (reopen === undefined) throw new Error('the Salesforce connector reopens');
  return { ...connector, stream, reopen };
}

/** What the core hands to a connector. */
export function contextOf(): ConnectorContext {
  return {
    name: 'sf',
    webhookUrl: 'https://survey.acme.example/webhooks/sf',
    optOutUrl: 'https://survey.acme.example/u/',
    clock: { now: () => NOW },
    log: silentLog,
    tokens: memoryTokens(),
    needs: { publicReply: false },
    pushedAt: async () => null,
  };
}

/** A case as Salesforce sends it, with what a test changes. */
export function caseRow(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    attributes: { type: 'Case', url: `${DATA}/sobjects/Case/${CASE}` },
    Id: CASE,
    CaseNumber: '00001042',
    Subject: 'Cannot log in',
    IsClosed: true,
    IsDeleted: false,
    ClosedDate: '2026-11-21T09:00:00.789+0000',
    CreatedDate: '2026-11-20T09:30:00.000+0000',
    CreatedById: RUN_AS,
    SystemModstamp: '2026-11-21T09:00:03.000+0000',
    Origin: 'Email',
    Priority: 'High',
    Type: null,
    OwnerId: AGENT,
    Owner: { attributes: { type: 'Name' }, Name: 'Maya', Type: 'User' },
    ContactId: '003xx000004TmiQAAS',
    Contact: { attributes: { type: 'Contact' }, Name: 'Ana', Email: 'ana@example.org' },
    SuppliedEmail: null,
    SuppliedName: null,
    Account: { attributes: { type: 'Account' }, Name: 'Acme' },
    ...changes,
  };
}

/** An active user as Salesforce sends them. */
export function userRow(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    Id: AGENT,
    Name: 'Maya',
    Username: 'maya@acme.example',
    Email: 'maya@acme.example',
    TimeZoneSidKey: 'America/Los_Angeles',
    ...changes,
  };
}
