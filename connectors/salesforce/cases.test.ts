import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/clock.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { RetryableError } from '../../src/errors.ts';
import {
  AGENT,
  CASE,
  caseRow,
  connectTo,
  NOW,
  OTHER_CASE,
  QUEUE,
  RUN_AS,
  refusal,
  rows,
  startScriptedOrg,
  userRow,
} from './scripted-org.ts';

async function snapshotOf(changes: Readonly<Record<string, unknown>>): Promise<CaseSnapshot> {
  await using org = await startScriptedOrg();
  org.onQuery(/FROM User/, [
    userRow(),
    userRow({ Id: RUN_AS, Email: 'bot@acme.example', Name: 'Integration' }),
  ]);
  org.onQuery(/FROM Case/, [caseRow(changes)]);
  const [snapshot] = await connectTo(org).fetch([CASE]);
  return snapshot ?? expect.fail('no snapshot');
}

test('a closed case, to the second and with what it refers to', async () => {
  expect(await snapshotOf({})).toMatchObject({
    caseId: CASE,
    number: '00001042',
    url: expect.stringMatching(new RegExp(`^http://127.0.0.1:\\d+/${CASE}$`)),
    state: 'closed',
    changedAt: new Date('2026-11-21T09:00:03Z'),
    openedAt: new Date('2026-11-20T09:30:00Z'),
    closedAt: new Date('2026-11-21T09:00:00Z'),
    requester: { name: 'Ana', email: 'ana@example.org', isStaff: false },
    assignee: { id: AGENT, name: 'Maya' },
    team: null,
    channel: 'email',
    organisation: 'Acme',
    priority: 'High',
    tags: [],
    publicReply: null,
  });
});

test('a queue is a team and nobody in person', async () => {
  const snapshot = await snapshotOf({ OwnerId: QUEUE, Owner: { Name: 'Tier 1', Type: 'Queue' } });
  expect(snapshot).toMatchObject({ assignee: null, team: { id: QUEUE, name: 'Tier 1' } });
});

test.each([
  ['open', { IsClosed: false, ClosedDate: null }, 'open', null],
  ['deleted', { IsDeleted: true }, 'deleted', null],
] as const)('a case that is %s', async (_, changes, state, closedAt) => {
  expect(await snapshotOf(changes)).toMatchObject({ state, closedAt });
});

describe('the requester', () => {
  const nobody = { ContactId: null, Contact: null };

  test.each([
    [
      'who wrote without being a contact',
      { ...nobody, SuppliedEmail: 'ben@example.org', SuppliedName: 'Ben' },
      { name: 'Ben', email: 'ben@example.org', isStaff: false },
    ],
    [
      'whose contact has no address',
      { Contact: { Name: 'Ana', Email: null }, SuppliedEmail: 'ana@example.org' },
      { name: 'Ana', email: 'ana@example.org' },
    ],
    ['without any address', { ...nobody, SuppliedName: 'Ben' }, { name: 'Ben', email: null, isStaff: false }],
    [
      'with the address of an agent, written otherwise',
      { ...nobody, SuppliedEmail: 'Maya@Acme.example' },
      { isStaff: true },
    ],
    [
      'who is the agent who made the case for nobody else',
      { ...nobody, CreatedById: AGENT },
      { id: AGENT, email: 'maya@acme.example', isStaff: true },
    ],
    [
      'of a case that some process made',
      { ...nobody, CreatedById: '005xx000001X8ZZAA0' },
      { id: null, email: null, isStaff: false },
    ],
  ] as const)('%s', async (_, changes, requester) => {
    expect((await snapshotOf(changes)).requester).toMatchObject(requester);
  });
});

test.each([
  ['Phone', 'voice'],
  ['Web', 'web'],
  ['Live Chat', 'chat'],
  ['Partner Portal', 'partner portal'],
  [null, null],
])('the origin %s is the channel %s', async (Origin, channel) => {
  expect((await snapshotOf({ Origin })).channel).toBe(channel);
});

test('the users are read once an hour, however many pages', async () => {
  await using org = await startScriptedOrg();
  let nowMs = NOW.getTime();
  org.onQuery(/FROM Case/, [caseRow()]);
  org.onQuery(/FROM User/, rows([userRow()], '/services/data/v67.0/query/01g-2000'));
  org.on('GET ~/query/01g-2000', rows([userRow({ Id: RUN_AS, Email: 'ana@example.org' })]));
  const connector = connectTo(org, {}, { clock: { now: () => new Date(nowMs) } });
  for (let asks = 0; asks < 3; asks += 1) {
    const [snapshot] = await connector.fetch([CASE]);
    expect(snapshot?.requester.isStaff).toBe(true);
  }
  expect(org.soql.filter((soql) => soql.includes('FROM User'))).toHaveLength(1);
  nowMs += HOUR_MS;
  await connector.fetch([CASE]);
  expect(org.soql.filter((soql) => soql.includes('FROM User'))).toHaveLength(2);
});

test('users that could not be read are asked for again', async () => {
  await using org = await startScriptedOrg();
  org.onQuery(/FROM Case/, [caseRow()]);
  org.onQuery(/FROM User/, { status: 503, body: '' });
  const connector = connectTo(org);
  await expect(connector.fetch([CASE])).rejects.toBeInstanceOf(RetryableError);
  org.onQuery(/FROM User/, [userRow()]);
  expect(await connector.fetch([CASE])).toHaveLength(1);
});

test('200 ids fit into one query, ids of 15 characters are the same cases', async () => {
  await using org = await startScriptedOrg();
  const ids = Array.from({ length: 200 }, (_, n) => `500xx0000${String(n).padStart(6, '0')}AAA`);
  await connectTo(org).fetch([...ids, ids[0]?.slice(0, 15) ?? '']);
  expect(org.calls('GET ~/queryAll')).toHaveLength(1);
});

describe('public replies', () => {
  const needs = { publicReply: true };

  test('an e-mail that went out or a comment that the customer sees is one; open cases are not looked at', async () => {
    await using org = await startScriptedOrg();
    const open = '500xx000001abcFAAQ';
    org.onQuery(/FROM Case /, [
      caseRow(),
      caseRow({ Id: OTHER_CASE }),
      caseRow({ Id: open, IsClosed: false }),
    ]);
    org.onQuery(/FROM EmailMessage WHERE Incoming = false/, [{ ParentId: CASE }]);
    org.onQuery(/FROM CaseComment WHERE IsPublished = true/, []);
    const found = await connectTo(org, {}, { needs }).fetch([CASE, OTHER_CASE, open]);
    expect(found.map(({ publicReply }) => publicReply)).toEqual([true, false, null]);
    expect(org.soql.filter((soql) => soql.includes(open))).toHaveLength(1);
  });

  test('an org without Email-to-Case has comments alone', async () => {
    await using org = await startScriptedOrg();
    org.onQuery(/FROM Case /, [caseRow()]);
    org.onQuery(/FROM EmailMessage/, {
      status: 400,
      body: refusal('INVALID_TYPE', "sObject type 'EmailMessage' is not supported"),
    });
    org.onQuery(/FROM CaseComment/, [{ ParentId: CASE }]);
    const [snapshot] = await connectTo(org, {}, { needs }).fetch([CASE]);
    expect(snapshot?.publicReply).toBe(true);
  });
});
