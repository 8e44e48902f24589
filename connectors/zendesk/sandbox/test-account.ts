import { afterEach } from 'vitest';
import type { Sandbox } from '../../../src/sandbox.ts';
import { SANDBOX_CLIENT } from './auth.ts';
import { startZendeskSandbox, type ZendeskSandboxExtras, type ZendeskSandboxOptions } from './sandbox.ts';

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

/** An account under test and ways to call it. */
export interface TestAccount {
  readonly sandbox: Sandbox & ZendeskSandboxExtras;
  readonly clock: TestClock;
  /** Calls below /api/v2 with the account's token. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Calls any path with these headers only. */
  raw(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  token(scope: string): Promise<string>;
}

const started: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((sandbox) => sandbox.close()));
});

/** A sandbox of its own for one test, closed after it. */
export async function startTestAccount(options: Partial<ZendeskSandboxOptions> = {}): Promise<TestAccount> {
  let nowMs = Date.parse('2026-11-21T10:00:00Z');
  const clock: TestClock = {
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
  };
  const sandbox = await startZendeskSandbox({ clock, jobStepMs: 2, ...options });
  started.push(sandbox);

  const raw: TestAccount['raw'] = async (method, path, body, headers = {}) => {
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

  const token: TestAccount['token'] = async (scope) => {
    const { clientId, clientSecret } = SANDBOX_CLIENT;
    const grant = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    };
    const answer = await raw('POST', '/oauth/tokens', grant);
    return answer.body.access_token;
  };

  let bearer: string | null = null;
  return {
    sandbox,
    clock,
    raw,
    token,
    async call(method, path, body, headers = {}) {
      bearer ??= await token('read write');
      return raw(method, `/api/v2${path}`, body, { Authorization: `Bearer ${bearer}`, ...headers });
    },
  };
}

/** A case that nobody needs to know more about. */
export const ANA_CASE = {
  subject: 'Cannot log in',
  requester: { name: 'Ana Example', email: 'ana@example.org' },
  assignee: 'Maya Lindqvist',
  team: 'Support',
} as const;
