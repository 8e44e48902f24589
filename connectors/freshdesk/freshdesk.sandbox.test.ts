import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/clock.ts';
import type { Connector, ConnectorContext, Receipt, WriteBack } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { RetryableError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { freshdesk } from './index.ts';
import {
  type FreshdeskSandbox,
  type FreshdeskSandboxOptions,
  startFreshdeskSandbox,
} from './sandbox/sandbox.ts';
import { ANSWER, failureOf, TASK } from './scripted-account.ts';

/** A clock that tests move by hand; everything here that depends on time asks it. */
const clock = {
  at: 0,
  now: () => new Date(clock.at),
  advance(ms: number) {
    clock.at += ms;
  },
};

const CUSTOMER = { name: 'Ana', email: 'ana@example.org', locale: 'pt-BR' };

let sandbox: FreshdeskSandbox;
beforeEach(async () => {
  clock.at = Date.parse('2026-11-21T10:00:00Z');
  await open();
});
afterEach(() => sandbox.close());

/** A provisioned account, whatever was open before. */
async function open(options: Partial<FreshdeskSandboxOptions> = {}): Promise<void> {
  sandbox = await startFreshdeskSandbox({ clock, ...options });
  await connect().provision('apply');
  clock.advance(MINUTE_MS);
}

function connect(
  settings: Record<string, unknown> = {},
  needs: Partial<ConnectorContext['needs']> = {},
): Connector {
  return freshdesk.connect(freshdesk.Config.parse({ ...sandbox.settings, ...settings }), {
    name: 'desk',
    webhookUrl: 'http://127.0.0.1:9/webhooks/desk',
    optOutUrl: 'https://survey.acme.example/u/',
    clock,
    log: silentLog,
    tokens: { read: async () => null, renew: () => Promise.reject(new Error('an API key is not minted')) },
    needs: { publicReply: false, ...needs },
    pushedAt: async () => null,
  });
}

async function closedCase(as?: 'resolved' | 'closed'): Promise<string> {
  const caseId = await sandbox.openCase({ subject: 'Refund', requester: CUSTOMER });
  clock.advance(SECOND_MS);
  await sandbox.closeCase(caseId, as === undefined ? {} : { as });
  return caseId;
}

async function look(caseId: string, connector = connect()): Promise<CaseSnapshot> {
  const [snapshot] = await connector.fetch([caseId]);
  if (snapshot === undefined) throw new Error('the case was not read');
  return snapshot;
}

const answerTo = (caseId: string, changes: Partial<WriteBack> = {}): WriteBack => ({
  ...ANSWER,
  key: caseId,
  caseId,
  ...changes,
});

function outcomesOf(receipt: Receipt | undefined) {
  if (receipt === undefined || 'pending' in receipt) throw new Error('expected outcomes');
  return receipt;
}

async function watchAll(connector: Connector, startAt: Date, meanwhile: () => void = () => undefined) {
  const newest = new Map<string, CaseSnapshot>();
  let page = await connector.watch({ startAt });
  for (let pages = 1; ; pages += 1) {
    for (const one of page.cases) newest.set(one.caseId, one);
    if (!page.more) return { newest, pages };
    meanwhile();
    page = await connector.watch({ cursor: page.cursor });
  }
}

describe('what a look tells', () => {
  test('merged, spam, and a ticket that was closed without being resolved', async () => {
    const [spam, atOnce] = [await closedCase(), await closedCase('closed')];
    const merged = await sandbox.openCase({ subject: 'The same once more', requester: CUSTOMER });
    await sandbox.mergeCase(merged, atOnce);
    await sandbox.markSpam(spam);
    expect((await look(merged)).flags).toMatchObject({ merged: true, spam: false });
    expect((await look(spam)).flags).toMatchObject({ merged: false, spam: true });
    expect(await look(atOnce)).toMatchObject({ state: 'closed', flags: { merged: false, spam: false } });
  });

  test("a status of the account's own, by the label in the configuration", async () => {
    const caseId = await sandbox.openCase({ subject: 'Refund', requester: CUSTOMER });
    clock.advance(MINUTE_MS);
    await sandbox.setStatus(caseId, 'Waiting on Customer');
    expect(await look(caseId)).toMatchObject({ state: 'open', closedAt: null });
    const connector = connect({ closedStatuses: ['waiting on customer'] });
    expect(await look(caseId, connector)).toMatchObject({ state: 'closed', closedAt: clock.now() });
  });

  test('the language of the requester, where it is asked for', async () => {
    const caseId = await closedCase();
    expect((await look(caseId)).requester.locale).toBeNull();
    const connector = connect({}, { requesterLanguage: true });
    expect((await look(caseId, connector)).requester.locale).toBe('pt-BR');
  });

  test('whether anybody answered in public', async () => {
    const caseId = await sandbox.openCase({ subject: 'Refund', requester: CUSTOMER });
    clock.advance(SECOND_MS);
    await sandbox.closeCase(caseId, { comment: null });
    expect((await look(caseId)).publicReply).toBe(false);
    await sandbox.reply(caseId, { by: 'agent', body: 'Here you are' });
    expect((await look(caseId)).publicReply).toBe(true);
  });
});

describe('the watch', () => {
  test('reads a second of 350 tickets, some of which leave it while it pages', async () => {
    const startAt = clock.now();
    const ids = sandbox.openClosedCases(350);
    clock.advance(MINUTE_MS);
    let next = 0;
    const { newest, pages } = await watchAll(connect(), startAt, () => {
      clock.advance(SECOND_MS);
      if (next < 100) sandbox.bulkTouch(ids.slice(next, next + 9));
      next += 9;
    });
    expect(ids.filter((id) => !newest.has(id))).toEqual([]);
    expect(pages).toBeGreaterThan(6);
  });

  test('waits when the list is limited, and goes on where it stood', async () => {
    await sandbox.close();
    await open({ plan: 'growth' });
    const startAt = clock.now();
    for (let seconds = 0; seconds < 25; seconds += 1) {
      sandbox.openClosedCases(99);
      clock.advance(SECOND_MS);
    }
    const connector = connect();
    const failures: Error[] = [];
    const seen = new Set<string>();
    let from: Parameters<Connector['watch']>[0] = { startAt };
    for (;;) {
      try {
        const page = await connector.watch(from);
        for (const { caseId } of page.cases) seen.add(caseId);
        if (!page.more) break;
        from = { cursor: page.cursor };
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        failures.push(error);
        clock.advance(error.retryAfterMs ?? MINUTE_MS);
      }
    }
    expect(seen.size).toBe(25 * 99);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.length).toBeLessThan(5);
  });
});

describe('a batch', () => {
  test('that meets the limit of updates is stopped, and its rest is written later', async () => {
    await sandbox.close();
    await open({ plan: 'growth' });
    sandbox.setLimits({ 'ticket update': 3 });
    const ids = sandbox.openClosedCases(5);
    const connector = connect();
    const first = outcomesOf(await connector.writeBack(ids.map((id) => answerTo(id))));
    expect(first.outcomes.map(({ result }) => result)).toEqual(['done', 'done', 'done']);
    expect(first.stopped).toMatchObject({ name: 'RateLimited', scope: 'endpoint' });
    clock.advance(MINUTE_MS);
    const rest = outcomesOf(await connector.writeBack(ids.slice(3).map((id) => answerTo(id))));
    expect(rest.stopped).toBeUndefined();
    for (const id of ids) expect((await sandbox.readCase(id)).score).toBe(2);
  });

  test('that loses its key in the middle is stopped', async () => {
    const ids = sandbox.openClosedCases(3);
    const connector = connect();
    sandbox.fail({ kind: '401', on: new RegExp(`^PUT /api/v2/tickets/${ids[1]}$`) });
    const receipt = outcomesOf(await connector.writeBack(ids.map((id) => answerTo(id))));
    expect(receipt.outcomes).toHaveLength(1);
    expect(receipt.stopped).toMatchObject({ name: 'AuthError' });
  });
});

describe('a native rating', () => {
  const settings = { nativeRating: true };
  const posted = () =>
    sandbox.requests.filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/satisfaction_ratings'),
    );

  test('is given once, whatever is lost or changed', async () => {
    const caseId = await closedCase();
    sandbox.fail({ kind: 'reply lost', on: /^POST .*satisfaction_ratings$/ });
    const lost = outcomesOf(await connect(settings).writeBack([answerTo(caseId)]));
    expect(lost.outcomes).toMatchObject([{ result: 'failed', error: { name: 'RetryableError' } }]);
    for (const score of [2, 5]) {
      const again = outcomesOf(await connect(settings).writeBack([answerTo(caseId, { score })]));
      expect(again.outcomes).toMatchObject([{ result: 'done' }]);
    }
    expect(posted()).toHaveLength(1);
    expect((await sandbox.readCase(caseId)).score).toBe(5);
  });

  test('is missed by check when no survey is active', async () => {
    sandbox.setSurveyActive(false);
    const { findings } = await connect(settings).check();
    expect(findings.filter(({ level }) => level === 'error').map(({ what }) => what)).toEqual(['survey']);
  });
});

describe('a follow-up as a child', () => {
  const settings = { followUp: { as: 'child' } };

  test('hangs below the rated ticket, and beside it when that is archived', async () => {
    const [rated, archived] = [await closedCase(), await closedCase()];
    await sandbox.lockCase(archived);
    const task = { ...TASK, ownerId: null, teamId: null };
    const tasks = [rated, archived].map((caseId) => ({ ...task, key: `csat:${caseId}`, caseId }));
    const { outcomes } = outcomesOf(await connect(settings).followUp(tasks));
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'done']);
    for (const caseId of [rated, archived]) expect(await sandbox.followUpsOf(caseId)).toHaveLength(1);
    for (const caseId of [rated, archived]) expect((await sandbox.readCase(caseId)).mailsToCustomer).toBe(0);
  });
});

test('an agent who is no administrator is told what that costs', async () => {
  sandbox.setApiAgentRole('agent');
  const { findings } = await connect().check();
  const errors = findings.filter(({ level }) => level === 'error').map(({ what }) => what);
  expect(errors).toContain('administrator');
  expect((await failureOf(connect().provision('plan'))).name).toBe('Forbidden');
});

test('a late answer whose ticket cannot be closed yet is refused, and made when it may stay open', async () => {
  const caseId = await closedCase();
  await sandbox.lockCase(caseId);
  sandbox.requireFieldOnClosure('CSAT comment');
  const item = {
    ...answerTo(caseId, { comment: null }),
    outcomeUnknown: false,
    requesterId: '1',
    leaveOpen: false,
    subject: 'Late rating',
    body: 'Here.',
  };
  const refused = outcomesOf(await connect().writeLate?.([item], 'follow-up-ticket'));
  expect(refused.outcomes).toMatchObject([{ result: 'failed', error: { name: 'Invalid' } }]);
  const made = outcomesOf(await connect().writeLate?.([{ ...item, leaveOpen: true }], 'follow-up-ticket'));
  expect(made.outcomes).toMatchObject([{ result: 'done' }]);
});
