import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connector, FollowUpTask, Outcome, Receipt, WriteBack } from '../../src/connector.ts';
import { AuthError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import type { FaultKind } from '../../src/sandbox.ts';
import { zendesk } from './index.ts';
import { startZendeskSandbox } from './sandbox/sandbox.ts';
import { failureOf, memoryTokens } from './scripted-account.ts';

/** A clock that tests move by hand; everything here that depends on time asks it. */
const clock = {
  at: new Date('2026-11-21T10:00:00Z').getTime(),
  now: () => new Date(clock.at),
  advance(ms: number) {
    clock.at += ms;
  },
};
const MINUTE_MS = 60_000;
const START = { startAt: new Date('2026-11-21T00:00:00Z') };

let sandbox: Awaited<ReturnType<typeof startZendeskSandbox>>;
let hooks: { readonly url: string; readonly close: () => Promise<void>; readonly named: string[] };
let connector: Connector;

/** Receives pushes as the web server would. */
async function listenForPushes(receive: NonNullable<Connector['receive']>) {
  const named: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    try {
      named.push(...(await receive({ headers, body: Buffer.concat(chunks) })));
      response.writeHead(202).end();
    } catch {
      response.writeHead(401).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/zendesk-eu`;
  return {
    url,
    named,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function connect(settings: Record<string, unknown> = {}, webhookUrl = hooks.url): Connector {
  const config = zendesk.Config.parse({ ...sandbox.settings, timeout: '2s', ...settings });
  return zendesk.connect(config, {
    name: 'zendesk-eu',
    webhookUrl,
    optOutUrl: 'https://survey.acme.example/u/',
    clock,
    log: silentLog,
    tokens: memoryTokens(),
    needs: { publicReply: false },
    pushedAt: async () => null,
  });
}

beforeEach(async () => {
  clock.at = new Date('2026-11-21T10:00:00Z').getTime();
  sandbox = await startZendeskSandbox({ clock });
  hooks = await listenForPushes(async (request) => (await connector.receive?.(request)) ?? []);
  connector = connect();
  await connector.provision('apply');
});
afterEach(async () => {
  await sandbox.close();
  await hooks.close();
});

const CUSTOMER = { name: 'Ana Sousa', email: 'ana@example.org', locale: 'pt' };

async function solved(subject = 'Cannot log in'): Promise<string> {
  const caseId = await sandbox.openCase({ subject, requester: CUSTOMER });
  await sandbox.closeCase(caseId);
  return caseId;
}

function answerFor(caseId: string, changes: Partial<WriteBack> = {}): WriteBack {
  return {
    key: `key-${caseId}`,
    caseId,
    score: 2,
    scale: '1-5',
    rating: 'Dissatisfied',
    level: 'low',
    comment: 'Took three tries',
    reasons: ['the wait'],
    answeredAt: new Date('2026-11-21T10:30:00Z'),
    link: 'https://survey.acme.example/dashboard/cases/crm/1',
    note: false,
    tag: true,
    ...changes,
  };
}

function taskFor(caseId: string, changes: Partial<FollowUpTask> = {}): FollowUpTask {
  return {
    key: `caseloop:test:${caseId}`,
    outcomeUnknown: false,
    caseId,
    subject: 'Answer a low score',
    body: 'Score 2 of 5.',
    dueAt: new Date('2026-11-24T09:00:00Z'),
    ownerId: null,
    teamId: null,
    ...changes,
  };
}

/** Lets a pending job finish, as the queue would by coming back later. */
async function finish(receipt: Receipt): Promise<readonly Outcome[]> {
  let current = receipt;
  while ('pending' in current) {
    await sandbox.jobsDone();
    current = await connector.settle(current.pending.handle);
  }
  return current.outcomes;
}

describe('provision and check', () => {
  test('applied, there is nothing left to do and nothing to find', async () => {
    expect(await connector.provision('plan')).toEqual([]);
    await solved();
    const { findings } = await connector.check();
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  });

  test('a webhook that an admin made by hand and switched off is completed, not doubled', async () => {
    const webhookUrl = `${hooks.url}-by-hand`;
    const { id } = sandbox.registerWebhook({ endpoint: webhookUrl });
    sandbox.setWebhookStatus(id, 'inactive');
    const other = connect({}, webhookUrl);
    expect((await other.check()).findings).toContainEqual(
      expect.objectContaining({ what: 'webhook', level: 'error' }),
    );
    expect(await other.provision('apply')).toMatchObject([{ action: 'update' }]);
    expect(await other.provision('plan')).toEqual([]);
  });

  test('an agent in place of an administrator is told so', async () => {
    await solved();
    sandbox.setApiUserRole('agent');
    const { findings } = await connector.check();
    expect(findings.filter(({ level }) => level === 'error').map(({ what }) => what)).toContain(
      'incremental export',
    );
  });

  test('a wrong secret is an AuthError', async () => {
    const wrong = connect({ auth: { clientId: 'caseloop-sandbox', clientSecret: 'wrong' } });
    expect(await failureOf(wrong.check())).toBeInstanceOf(AuthError);
  });

  test('a token that ended is renewed within the attempt', async () => {
    const caseId = await solved();
    await connector.fetch([caseId]);
    sandbox.expireAccessTokens();
    expect(await connector.fetch([caseId])).toHaveLength(1);
  });

  test('a refresh token is used, kept and rotated', async () => {
    const auth = {
      ...(sandbox.settings.auth as object),
      refreshToken: sandbox.issueRefreshToken('read write'),
    };
    const refreshing = connect({ auth });
    const caseId = await solved();
    for (let round = 0; round < 3; round++) {
      expect(await refreshing.fetch([caseId])).toHaveLength(1);
      sandbox.expireAccessTokens();
    }
  });
});

describe('learning of a closure', () => {
  test('a push names the case, and the case is read', async () => {
    const caseId = await solved();
    await sandbox.deliveriesDone();
    expect(hooks.named).toContain(caseId);
    const [snapshot] = await connector.fetch([caseId]);
    expect(snapshot).toMatchObject({
      caseId,
      state: 'closed',
      subject: 'Cannot log in',
      requester: { name: 'Ana Sousa', email: 'ana@example.org', isStaff: false },
      flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
    });
    expect(snapshot?.closedAt).toBeInstanceOf(Date);
  });

  test('the watch finds what no push told of, and goes on from its cursor', async () => {
    const first = await solved('first');
    clock.advance(10 * MINUTE_MS);
    const page = await connector.watch(START);
    expect(page.cases.map(({ caseId }) => caseId)).toContain(first);
    clock.advance(10 * MINUTE_MS);
    const second = await solved('second');
    clock.advance(10 * MINUTE_MS);
    const next = await connector.watch({ cursor: page.cursor });
    const ids = next.cases.map(({ caseId }) => caseId);
    expect(ids).toContain(second);
    expect(ids).not.toContain(first);
  });

  test('reopened and solved again between two watches is seen as a new closure', async () => {
    const caseId = await solved();
    const [before] = await connector.fetch([caseId]);
    clock.advance(5 * MINUTE_MS);
    await sandbox.reopenCase(caseId);
    const [open] = await connector.fetch([caseId]);
    clock.advance(5 * MINUTE_MS);
    await sandbox.closeCase(caseId);
    clock.advance(2 * MINUTE_MS);
    const { cases } = await connector.watch(START);
    const after = cases.find((one) => one.caseId === caseId);
    expect(open).toMatchObject({ state: 'open', closedAt: null });
    expect(after?.closedAt?.getTime()).toBe((before?.closedAt?.getTime() ?? 0) + 10 * MINUTE_MS);
    expect(after?.reopens).toBe(1);
  });

  test('solved then closed for good is the same closure', async () => {
    const caseId = await solved();
    const [before] = await connector.fetch([caseId]);
    clock.advance(5 * MINUTE_MS);
    await sandbox.lockCase(caseId);
    const [after] = await connector.fetch([caseId]);
    expect(after).toMatchObject({ state: 'locked', closedAt: before?.closedAt });
  });

  test('a merged case and a deleted one are seen for what they are', async () => {
    const [merged, into, deleted] = [await solved('a'), await solved('b'), await solved('c')];
    await sandbox.mergeCase(merged, into);
    await sandbox.deleteCase(deleted);
    clock.advance(5 * MINUTE_MS);
    const { cases } = await connector.watch(START);
    expect(cases.find(({ caseId }) => caseId === merged)?.flags.merged).toBe(true);
    expect(cases.find(({ caseId }) => caseId === deleted)?.state).toBe('deleted');
  });

  test('ten exports a minute, then a wait that stops nothing else', async () => {
    const caseId = await solved();
    let failure: Error | null = null;
    for (let i = 0; i < 12 && failure === null; i++)
      failure = await connector.watch(START).then(
        () => null,
        (error) => error,
      );
    expect(failure).toBeInstanceOf(RetryableError);
    expect(failure).toMatchObject({ scope: 'endpoint', retryAfterMs: expect.any(Number) });
    expect(await connector.fetch([caseId])).toHaveLength(1);
    clock.advance(MINUTE_MS);
    await connector.watch(START);
  });
});

describe('writing', () => {
  test('an answer stands on the case, twice written as once, and nobody is mailed', async () => {
    const caseId = await solved();
    const mailsBefore = (await sandbox.readCase(caseId)).mailsToCustomer;
    for (let i = 0; i < 2; i++) {
      expect(await finish(await connector.writeBack([answerFor(caseId)]))).toEqual([
        { key: `key-${caseId}`, result: 'done', ref: null },
      ]);
    }
    const record = await sandbox.readCase(caseId);
    expect(record).toMatchObject({
      state: 'closed',
      score: 2,
      level: 'low',
      comment: 'Took three tries',
      reasons: 'the wait',
      answeredAt: '2026-11-21T10:30:00.000Z',
      mailsToCustomer: mailsBefore,
    });
    expect(record.tags).toEqual(expect.arrayContaining(['csat_answered', 'csat_low']));
  });

  test('a changed answer replaces the first, its tag too', async () => {
    const caseId = await solved();
    await finish(await connector.writeBack([answerFor(caseId)]));
    await finish(
      await connector.writeBack([answerFor(caseId, { score: 5, level: 'high', comment: null, reasons: [] })]),
    );
    const record = await sandbox.readCase(caseId);
    expect(record).toMatchObject({ score: 5, level: 'high', comment: null, reasons: null });
    expect(record.tags).not.toContain('csat_low');
  });

  test('a locked case beside a writable one', async () => {
    const [open, locked] = [await solved(), await solved()];
    await sandbox.lockCase(locked);
    const outcomes = await finish(
      await connector.writeBack([answerFor(locked), answerFor(open, { note: true })]),
    );
    expect(outcomes).toEqual([
      { key: `key-${locked}`, result: 'locked' },
      { key: `key-${open}`, result: 'done', ref: null },
    ]);
  });

  test('a job that is still running is settled later', async () => {
    const caseId = await solved();
    sandbox.holdJobs();
    const receipt = await connector.writeBack([answerFor(caseId)]);
    expect(receipt).toHaveProperty('pending');
    sandbox.releaseJobs();
    expect(await finish(receipt)).toMatchObject([{ result: 'done' }]);
  });

  test('our own write starts no new closure', async () => {
    const caseId = await solved();
    const [before] = await connector.fetch([caseId]);
    clock.advance(5 * MINUTE_MS);
    await finish(await connector.writeBack([answerFor(caseId)]));
    const [after] = await connector.fetch([caseId]);
    expect(after?.closedAt).toEqual(before?.closedAt);
  });

  test('a follow-up is a task of its own, marked as ours, and no mail to the customer', async () => {
    const caseId = await solved();
    const mailsBefore = (await sandbox.readCase(caseId)).mailsToCustomer;
    const [outcome] = await finish(await connector.followUp([taskFor(caseId)]));
    const [followUp] = await sandbox.followUpsOf(caseId);
    expect(followUp).toMatchObject({ subject: 'Answer a low score' });
    expect(outcome).toMatchObject({ result: 'done', ref: { id: followUp?.id, url: followUp?.url } });
    expect(new Date(followUp?.dueAt ?? 0)).toEqual(new Date('2026-11-24T09:00:00Z'));
    expect((await sandbox.readCase(caseId)).mailsToCustomer).toBe(mailsBefore);
    const [snapshot] = await connector.fetch([followUp?.id ?? '']);
    expect(snapshot?.flags.ours).toBe(true);
    expect(snapshot?.requester.isStaff).toBe(true);
  });

  test('a lost reply makes no second follow-up', async () => {
    const caseId = await solved();
    sandbox.fail({ kind: 'reply lost', on: /POST .*create_many/ });
    expect(await failureOf(connector.followUp([taskFor(caseId)]))).toBeInstanceOf(RetryableError);
    await sandbox.jobsDone();
    const outcomes = await finish(await connector.followUp([taskFor(caseId, { outcomeUnknown: true })]));
    expect(outcomes).toMatchObject([{ result: 'done' }]);
    expect(await sandbox.followUpsOf(caseId)).toHaveLength(1);
  });
});

describe('faults', () => {
  const faults: readonly (readonly [FaultKind, 'retry' | 'admin' | 'never' | 'renewed'])[] = [
    ['401', 'renewed'],
    ['403', 'admin'],
    ['404', 'never'],
    ['409', 'retry'],
    ['422', 'never'],
    ['429', 'retry'],
    ['429 without Retry-After', 'retry'],
    ['500', 'retry'],
    ['503', 'retry'],
    ['html body', 'retry'],
    ['cut json', 'retry'],
    ['reply lost', 'retry'],
    ['hang', 'retry'],
  ];

  test.each(faults)('%s while reading: %s', async (kind, what) => {
    const caseId = await solved();
    await connector.fetch([caseId]);
    sandbox.fail({ kind, on: /show_many/ });
    const reader = kind === 'hang' ? connect({ timeout: '300ms' }) : connector;
    if (what === 'renewed') {
      expect(await reader.fetch([caseId])).toHaveLength(1);
      return;
    }
    const failure = await failureOf(reader.fetch([caseId]));
    expect(failure).toBeInstanceOf(
      { retry: RetryableError, admin: ConfigError, never: PermanentError }[what],
    );
    expect(await connector.fetch([caseId])).toHaveLength(1);
  });
});
