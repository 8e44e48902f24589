import { SANDBOX_API_KEY } from './auth.ts';
import { type FreshdeskSandbox, type FreshdeskSandboxOptions, startFreshdeskSandbox } from './sandbox.ts';

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
export interface TestAccount extends AsyncDisposable {
  readonly sandbox: FreshdeskSandbox;
  readonly clock: TestClock;
  /** Calls below /api/v2 with the account's key. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Calls any path with these headers only. */
  raw(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Makes a field and gives the name that the server gave it. */
  makeField(label: string, type: string, more?: Record<string, unknown>): Promise<string>;
}

/** The header that a key and a password make. */
export function basicAuth(key: string, password = 'X'): string {
  return `Basic ${Buffer.from(`${key}:${password}`).toString('base64')}`;
}

/** A sandbox of its own for one test. */
export async function startTestAccount(options: Partial<FreshdeskSandboxOptions> = {}): Promise<TestAccount> {
  let nowMs = Date.parse('2026-11-21T10:00:00Z');
  const clock: TestClock = {
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
  };
  const sandbox = await startFreshdeskSandbox({ clock, ...options });

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

  const call: TestAccount['call'] = (method, path, body, headers = {}) =>
    raw(method, `/api/v2${path}`, body, { Authorization: basicAuth(SANDBOX_API_KEY), ...headers });

  return {
    sandbox,
    clock,
    raw,
    call,
    async makeField(label, type, more = {}) {
      const body = { label, label_for_customers: label, type, ...more };
      return (await call('POST', '/admin/ticket_fields', body)).body.name;
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** A case that nobody needs to know more about. */
export const ANA_CASE = {
  subject: 'Cannot log in',
  requester: { name: 'Ana Example', email: 'ana@example.org' },
  assignee: 'Maya Lindqvist',
  team: 'Support',
} as const;

/** What the API wants of a new ticket at least, asked for by an agent. */
export const NEW_TICKET = {
  subject: 'Call Ana',
  description: '<p>Please</p>',
  email: 'robot@acme.example',
  status: 2,
  priority: 1,
  source: 2,
} as const;
