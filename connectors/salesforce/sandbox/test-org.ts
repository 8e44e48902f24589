import { Connection } from 'jsforce';
import { afterEach } from 'vitest';
import type { Sandbox } from '../../../src/sandbox.ts';
import { SANDBOX_CLIENT } from './auth.ts';
import {
  type SalesforceSandboxExtras,
  type SalesforceSandboxOptions,
  startSalesforceSandbox,
} from './sandbox.ts';

/** A clock that stands still until it is moved. */
interface TestClock {
  now(): Date;
  advance(ms: number): void;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON, or the text of another kind of body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read vendor JSON whose shape they assert
  readonly body: any;
}

/** An org under test and ways to call it. */
export interface TestOrg {
  readonly sandbox: Sandbox & SalesforceSandboxExtras;
  readonly clock: TestClock;
  /** Calls below the data path with a token of the org. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Calls any path with these headers only. */
  raw(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  query(soql: string): Promise<Answer>;
  token(): Promise<string>;
  /** A connection of the vendor's client library. */
  connect(): Promise<Connection>;
  /** The CSAT score field, readable and writable for the API user. Returns its name. */
  makeScoreField(): Promise<string>;
}

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((sandbox) => sandbox.close()));
});

/** A sandbox of its own for one test, closed after it. */
export async function startTestOrg(options: Partial<SalesforceSandboxOptions> = {}): Promise<TestOrg> {
  let nowMs = Date.parse('2026-11-21T10:00:00.789Z');
  const clock: TestClock = {
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
  };
  const sandbox = await startSalesforceSandbox({ clock, ...options });
  started.push(sandbox);

  const raw: TestOrg['raw'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };

  const token: TestOrg['token'] = async () => {
    const { clientId, clientSecret } = SANDBOX_CLIENT;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const answer = await raw('POST', '/services/oauth2/token', form.toString(), FORM);
    return answer.body.access_token;
  };

  let bearer: string | null = null;
  const call: TestOrg['call'] = async (method, path, body, headers = {}) => {
    bearer ??= await token();
    return raw(method, `/services/data/v67.0${path}`, body, {
      Authorization: `Bearer ${bearer}`,
      ...headers,
    });
  };
  return {
    sandbox,
    clock,
    raw,
    token,
    call,
    query: (soql) => call('GET', `/query?q=${encodeURIComponent(soql)}`),
    async connect() {
      const connection = new Connection({
        instanceUrl: sandbox.url,
        accessToken: await token(),
        version: '67.0',
        callOptions: { client: 'csat' },
      });
      return connection;
    },
    async makeScoreField() {
      const metadata = { type: 'Number', label: 'CSAT score', precision: 2, scale: 0 };
      await call('POST', '/tooling/sobjects/CustomField', {
        FullName: 'Case.CSAT_Score__c',
        Metadata: metadata,
      });
      const set = await call('POST', '/sobjects/PermissionSet', { Name: 'Caseloop', Label: 'Caseloop' });
      await call('POST', '/sobjects/FieldPermissions', {
        ParentId: set.body.id,
        SobjectType: 'Case',
        Field: 'Case.CSAT_Score__c',
        PermissionsRead: true,
        PermissionsEdit: true,
      });
      await call('POST', '/sobjects/PermissionSetAssignment', {
        PermissionSetId: set.body.id,
        AssigneeId: sandbox.idOf('Caseloop Robot'),
      });
      return 'CSAT_Score__c';
    },
  };
}

/** What the token endpoint reads. */
export const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** A case that nobody needs to know more about. */
export const ANA_CASE = {
  subject: 'Cannot log in',
  requester: { name: 'Ana Example', email: 'ana@example.org' },
  assignee: 'Maya Lindqvist',
} as const;
