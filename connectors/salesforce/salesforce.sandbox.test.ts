import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE_MS } from '../../src/clock.ts';
import type {
  Connector,
  FollowUpTask,
  Outcome,
  Receipt,
  StreamBell,
  WriteBack,
} from '../../src/connector.ts';
import { AuthError, ConfigError, RetryableError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { salesforce } from './index.ts';
import { startSalesforceSandbox } from './sandbox/sandbox.ts';
import { memoryTokens } from './scripted-org.ts';

/** A clock that tests move by hand; everything here that depends on time asks it. */
const clock = {
  at: new Date('2026-11-21T10:00:00Z').getTime(),
  now: () => new Date(clock.at),
  advance(ms: number) {
    clock.at += ms;
  },
};
const START = { startAt: new Date('2026-11-21T00:00:00Z') };
const AGENT = 'Maya Lindqvist';
const QUEUE = 'Support';
const CUSTOMER = { name: 'Ana', email: 'ana@customer.example' };

let sandbox: Awaited<ReturnType<typeof startSalesforceSandbox>>;
let connector: Connector;

function connect(settings: Record<string, unknown> = {}, publicReply = false): Connector {
  const config = salesforce.Config.parse({ ...sandbox.settings, timeout: '2s', ...settings });
  return salesforce.connect(config, {
    name: 'sf',
    webhookUrl: 'https://survey.acme.example/webhooks/sf',
    optOutUrl: 'https://survey.acme.example/u/',
    clock,
    log: silentLog,
    tokens: memoryTokens(),
    needs: { publicReply },
    pushedAt: async () => null,
  });
}

beforeEach(async () => {
  sandbox = await startSalesforceSandbox({ clock });
  connector = connect();
  await connector.provision('apply');
});
afterEach(() => sandbox.close());

async function closedCase(input: { assignee?: string; team?: string } = {}): Promise<string> {
  const caseId = await sandbox.openCase({ subject: 'Refund', requester: CUSTOMER, ...input });
  await sandbox.closeCase(caseId);
  return caseId;
}
const answer = (caseId: string): WriteBack => ({
  key: caseId,
  caseId,
  score: 2,
  scale: '1-5',
  rating: 'Dissatisfied',
  level: 'low',
  comment: null,
  reasons: [],
  answeredAt: clock.now(),
  link: 'https://survey.acme.example/dashboard/cases/crm/1',
  note: false,
  tag: false,
});
const task = (caseId: string, changes: Partial<FollowUpTask> = {}): FollowUpTask => ({
  key: `csat:${caseId}`,
  outcomeUnknown: false,
  caseId,
  subject: 'Low score',
  body: 'Please answer.',
  dueAt: new Date('2026-11-24T09:00:00Z'),
  ownerId: null,
  teamId: null,
  ...changes,
});
function only(receipt: Receipt): Outcome {
  const [outcome] = 'outcomes' in receipt ? receipt.outcomes : [];
  return outcome ?? expect.fail('expected one outcome');
}
const errorOf = (outcome: Outcome) =>
  outcome.result === 'failed' ? outcome.error : expect.fail(`expected a failure, not ${outcome.result}`);

/** What a stream tells, until the test ends. */
function listen(from: Connector, cursor: string | null = null) {
  const bells: StreamBell[] = [];
  const cursors: string[] = [];
  const stopping = new AbortController();
  const ended = (from.stream ?? expect.fail('there is no stream'))(
    cursor,
    async (bell, at) => {
      bells.push(bell);
      cursors.push(at);
    },
    stopping.signal,
  ).then(
    () => null,
    (error: unknown) => error,
  );
  onTestFinished(() => stopping.abort());
  return {
    bells,
    cursors,
    ended,
    listening: () => expect.poll(() => sandbox.subscriptions).toBe(1),
    named: () => bells.flatMap((bell) => ('ids' in bell ? bell.ids : [])),
    rescans: () => bells.flatMap((bell) => ('rescanFrom' in bell ? [bell.rescanFrom] : [])),
    async stop() {
      stopping.abort();
      await ended;
      await expect.poll(() => sandbox.subscriptions).toBe(0);
    },
  };
}

test('a JWT opens the org as well', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  sandbox.trustKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const { clientId } = sandbox.settings.auth as { clientId: string };
  const auth = {
    clientId,
    username: sandbox.apiUsername,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const caseId = await closedCase();
  expect(await connect({ auth }).fetch([caseId])).toHaveLength(1);
  const unknown = { ...auth, username: 'nobody@acme.example' };
  await expect(connect({ auth: unknown }).fetch([caseId])).rejects.toBeInstanceOf(AuthError);
});

test('sessions that end while we work are renewed', async () => {
  const caseId = await closedCase();
  await connector.fetch([caseId]);
  sandbox.revokeSessions();
  expect(only(await connector.writeBack([answer(caseId)])).result).toBe('done');
});

describe('owners', () => {
  test('a queue is the team, and opening a case again gives it back', async () => {
    const caseId = await closedCase({ team: QUEUE });
    const [closed] = await connector.fetch([caseId]);
    expect(closed).toMatchObject({ assignee: null, team: { name: QUEUE } });
    await sandbox.setOwner(caseId, AGENT);
    const back = task(caseId, { teamId: closed?.team?.id ?? null });
    expect(only((await connector.reopen?.([back])) ?? { outcomes: [] }).result).toBe('done');
    expect((await connector.fetch([caseId]))[0]).toMatchObject({ state: 'open', team: { name: QUEUE } });
  });

  test('a follow-up of a queue goes to the configured owner', async () => {
    const caseId = await closedCase({ team: QUEUE });
    const chosen = connect({ followUpOwner: sandbox.idOf('Tom Okafor') });
    expect(only(await chosen.followUp([task(caseId)])).result).toBe('done');
    expect(await sandbox.followUpsOf(caseId)).toMatchObject([{ owner: 'Tom Okafor' }]);
  });

  test('so does one of an agent who left, known or not', async () => {
    const caseId = await closedCase({ assignee: AGENT });
    const ownerId = sandbox.idOf(AGENT);
    const chosen = connect({ followUpOwner: sandbox.idOf('Tom Okafor') });
    await chosen.fetch([caseId]);
    sandbox.deactivateUser(AGENT);
    // The users were read before, so Salesforce says it; what calls us drops the owner and tries again.
    expect(errorOf(only(await chosen.followUp([task(caseId, { ownerId })]))).name).toBe('PermanentError');
    expect(only(await chosen.followUp([task(caseId, { outcomeUnknown: true })])).result).toBe('done');
    const fresh = connect({ followUpOwner: sandbox.idOf('Tom Okafor') });
    const second = task(caseId, { key: 'csat:second', ownerId });
    expect(only(await fresh.followUp([second])).result).toBe('done');
    expect((await sandbox.followUpsOf(caseId)).map(({ owner }) => owner)).toEqual([
      'Tom Okafor',
      'Tom Okafor',
    ]);
  });
});

describe('rows that cannot be written', () => {
  test('a row that somebody else holds is tried again, and then written', async () => {
    const caseId = await closedCase();
    sandbox.holdRow(caseId);
    expect(errorOf(only(await connector.writeBack([answer(caseId)])))).toBeInstanceOf(RetryableError);
    expect(only(await connector.writeBack([answer(caseId)])).result).toBe('done');
  });

  test('a validation rule is for an admin', async () => {
    const caseId = await closedCase();
    sandbox.addValidationRule({
      objectName: 'Case',
      message: 'Closed cases stay as they are',
      refuses: () => true,
    });
    expect(errorOf(only(await connector.writeBack([answer(caseId)])))).toBeInstanceOf(ConfigError);
  });

  test('a case that an approval holds is locked, and written when it is let go', async () => {
    const caseId = await closedCase();
    await sandbox.lockCase(caseId);
    expect(only(await connector.writeBack([answer(caseId)])).result).toBe('locked');
    await sandbox.unlockCase(caseId);
    expect(only(await connector.writeBack([answer(caseId)])).result).toBe('done');
  });
});

describe('rights', () => {
  test('a user without "API Enabled" is an AuthError', async () => {
    sandbox.setRight('api enabled', false);
    await expect(connect().check()).rejects.toBeInstanceOf(AuthError);
  });

  test('a user who may not make tasks parks the follow-up, and no more', async () => {
    sandbox.setRight('create tasks', false);
    const caseId = await closedCase();
    const error = await connector.followUp([task(caseId)]).then(
      (receipt) => errorOf(only(receipt)),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(only(await connector.writeBack([answer(caseId)])).result).toBe('done');
  });

  test('a user who may not customise the org cannot provision, and is told what is missing', async () => {
    const bare = await startSalesforceSandbox({ clock });
    onTestFinished(() => bare.close());
    bare.setRight('customize application', false);
    await expect(connect({ ...bare.settings }).provision('apply')).rejects.toBeInstanceOf(ConfigError);
  });
});

test('whether anybody answered in public is looked up where it is asked for', async () => {
  const silently = async (channel: string): Promise<string> => {
    const caseId = await sandbox.openCase({ subject: 'Refund', requester: CUSTOMER, channel });
    await sandbox.closeCase(caseId, { comment: null });
    return caseId;
  };
  const [mailed, commented, silent] = [
    await silently('email'),
    await silently('email'),
    await silently('web'),
  ];
  const called = await silently('phone');
  const closed = await closedCase();
  await sandbox.reply(mailed, { by: 'agent', body: 'Here you are' });
  await sandbox.comment(commented, 'Here you are', { published: true });
  await sandbox.reply(silent, { by: 'customer', body: 'Hello?' });
  await sandbox.comment(silent, 'Waiting for sales', { published: false });
  const all = [mailed, commented, silent, called, closed];
  const found = await connect({}, true).fetch(all);
  const replies = new Map(found.map(({ caseId, publicReply }) => [caseId, publicReply]));
  // Whoever called was answered on the phone: nobody looks.
  expect(all.map((id) => replies.get(id))).toEqual([true, true, false, null, true]);
});

test('a transaction that commits late is found by the overlap', async () => {
  const late = await sandbox.openCase({ subject: 'Late', requester: CUSTOMER });
  clock.advance(MINUTE_MS);
  const commit = sandbox.closeLate([late]);
  clock.advance(5 * MINUTE_MS);
  const early = await closedCase();
  clock.advance(MINUTE_MS);
  const first = await connector.watch(START);
  expect(first.cases.find(({ caseId }) => caseId === early)?.state).toBe('closed');
  expect(first.cases.find(({ caseId }) => caseId === late)?.state).toBe('open');
  clock.advance(4 * MINUTE_MS);
  commit();
  const next = await connector.watch({ cursor: first.cursor });
  expect(next.cases.find(({ caseId }) => caseId === late)?.state).toBe('closed');
});

test('above the budget watching slows down, and everything else goes on', async () => {
  const caseId = await closedCase();
  sandbox.setUsage({ used: 60_000, allowance: 100_000 });
  await connector.watch(START);
  const error = await connector.watch(START).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RetryableError);
  expect(error).toMatchObject({ scope: 'endpoint' });
  expect((error as RetryableError).retryAfterMs).toBeGreaterThanOrEqual(16 * MINUTE_MS);
  expect(only(await connector.writeBack([answer(caseId)])).result).toBe('done');
  const { findings } = await connector.check();
  expect(findings.find(({ what }) => what === 'API usage')).toMatchObject({
    level: 'warning',
    detail: expect.stringContaining('60 % of 100000'),
  });
});

describe('the stream', () => {
  test('names all cases of a mass close', async () => {
    const heard = listen(connector);
    await heard.listening();
    const ids = await Promise.all(
      Array.from({ length: 450 }, () => sandbox.openCase({ subject: 'Outage', requester: CUSTOMER })),
    );
    await sandbox.massClose(ids);
    await expect.poll(() => new Set(heard.named())).toEqual(new Set(ids));
    expect(heard.rescans()).toEqual([]);
  });

  test('a gap is named, an overflow asks for a watch that finds it', async () => {
    const heard = listen(connector);
    await heard.listening();
    const [gap, overflow] = [
      await sandbox.openCase({ subject: 'Gap', requester: CUSTOMER }),
      await sandbox.openCase({ subject: 'Overflow', requester: CUSTOMER }),
    ];
    sandbox.tellNextAs('gap');
    await sandbox.closeCase(gap);
    sandbox.tellNextAs('overflow');
    await sandbox.closeCase(overflow);
    await expect.poll(() => heard.rescans()).toHaveLength(1);
    expect(heard.named()).toEqual([gap]);
    const [startAt] = heard.rescans();
    const page = await connector.watch({ startAt: startAt ?? expect.fail('no instant') });
    expect(page.cases.find(({ caseId }) => caseId === overflow)?.state).toBe('closed');
  });

  test('a replay id that the org does not know makes way for new events and a watch', async () => {
    const cursor = JSON.stringify({ v: 1, replayId: 7, at: clock.now().toISOString() });
    const heard = listen(connector, cursor);
    await heard.listening();
    await expect.poll(() => heard.rescans()).toEqual([new Date(clock.at - 15 * MINUTE_MS)]);
    const caseId = await closedCase();
    await expect.poll(() => heard.named()).toEqual([caseId]);
  });

  test('a server that forgot us ends it, and it goes on from its cursor', async () => {
    const heard = listen(connector);
    await heard.listening();
    const before = await closedCase();
    await expect.poll(() => heard.named()).toEqual([before]);
    sandbox.forgetStreams();
    expect(await heard.ended).toBeInstanceOf(RetryableError);
    const meanwhile = await closedCase();
    const next = listen(connector, heard.cursors.at(-1));
    await expect.poll(() => next.named()).toEqual([meanwhile]);
  });

  test('a session that is revoked ends it with a token renewed', async () => {
    const heard = listen(connector);
    await heard.listening();
    sandbox.revokeSessions();
    expect(await heard.ended).toBeInstanceOf(RetryableError);
    await listen(connector).listening();
  });

  test('stopped, it leaves nothing behind', async () => {
    const heard = listen(connector);
    await heard.listening();
    await heard.stop();
    expect(await heard.ended).toBeNull();
  });
});
