import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FollowUpTask } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { connectTo, jobWith, type ScriptedAccount, startScriptedAccount } from './scripted-account.ts';

const CREATE_MANY = 'POST /api/v2/tickets/create_many.json';
const JOB = 'GET /api/v2/job_statuses/V3-1.json';
const TICKETS = 'GET /api/v2/tickets.json';

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  account.on(CREATE_MANY, { body: jobWith('queued') });
});
afterEach(() => account[Symbol.asyncDispose]());

function task(changes: Partial<FollowUpTask> = {}): FollowUpTask {
  return {
    key: 'caseloop:1',
    outcomeUnknown: false,
    caseId: '5158',
    subject: 'Answer a low score',
    body: 'Score 2 of 5.',
    dueAt: new Date('2026-11-24T09:00:00Z'),
    ownerId: '235323',
    teamId: '98738',
    ...changes,
  };
}

test('a task is private, tagged, known by its key, and has no customer on it', async () => {
  account.on(JOB, { body: jobWith('completed', [{ index: 0, id: 4012, account_id: 1 }]) });
  expect(await connectTo(account).followUp([task()])).toEqual({
    outcomes: [
      { key: 'caseloop:1', result: 'done', ref: { id: '4012', url: `${account.url}/agent/tickets/4012` } },
    ],
  });
  expect(account.calls(CREATE_MANY)[0]?.body).toEqual({
    tickets: [
      {
        type: 'task',
        priority: 'high',
        subject: 'Answer a low score',
        comment: { body: `Score 2 of 5.\n\nCase #5158: ${account.url}/agent/tickets/5158`, public: false },
        due_at: '2026-11-24T09:00:00.000Z',
        external_id: 'caseloop:1',
        tags: ['csat_followup'],
        assignee_id: 235323,
        group_id: 98738,
      },
    ],
  });
  expect(account.calls(TICKETS)).toEqual([]);
});

test('an owner or a team that is not known is left to Zendesk', async () => {
  account.on(JOB, { body: jobWith('completed', [{ index: 0, id: 4012 }]) });
  await connectTo(account).followUp([task({ ownerId: null, teamId: null })]);
  const sent = account.calls(CREATE_MANY)[0]?.body;
  expect(sent).toHaveProperty('tickets.0.external_id', 'caseloop:1');
  expect(sent).not.toHaveProperty('tickets.0.assignee_id');
  expect(sent).not.toHaveProperty('tickets.0.group_id');
});

test('a task that may exist is looked for first, and only the others are made', async () => {
  account.on(TICKETS, ({ query }) => ({
    body: { tickets: query.get('external_id') === 'caseloop:1' ? [{ id: 9 }, { id: 7 }] : [] },
  }));
  account.on(JOB, {
    body: jobWith('completed', [
      { index: 1, success: false, error: 'RecordInvalid', details: 'Assignee is not an agent' },
      { index: 0, id: 4012 },
    ]),
  });
  const receipt = await connectTo(account).followUp([
    task({ outcomeUnknown: true }),
    task({ key: 'caseloop:2', outcomeUnknown: true }),
    task({ key: 'caseloop:3' }),
  ]);
  expect(receipt).toEqual({
    outcomes: [
      { key: 'caseloop:1', result: 'done', ref: { id: '7', url: `${account.url}/agent/tickets/7` } },
      { key: 'caseloop:2', result: 'done', ref: { id: '4012', url: `${account.url}/agent/tickets/4012` } },
      { key: 'caseloop:3', result: 'failed', error: expect.any(PermanentError) },
    ],
  });
  expect(account.calls(TICKETS).map(({ query }) => query.get('external_id'))).toEqual([
    'caseloop:1',
    'caseloop:2',
  ]);
});

test('when all exist nothing is made', async () => {
  account.on(TICKETS, { body: { tickets: [{ id: 7 }] } });
  const receipt = await connectTo(account).followUp([task({ outcomeUnknown: true })]);
  expect(receipt).toMatchObject({ outcomes: [{ key: 'caseloop:1', result: 'done', ref: { id: '7' } }] });
  expect(account.calls(CREATE_MANY)).toEqual([]);
});

test('a job that still runs keeps what was found', async () => {
  account.on(TICKETS, ({ query }) => ({
    body: { tickets: query.get('external_id') === 'caseloop:1' ? [{ id: 7 }] : [] },
  }));
  account.on(JOB, { body: jobWith('working') });
  const connector = connectTo(account);
  const receipt = await connector.followUp([task({ outcomeUnknown: true }), task({ key: 'caseloop:2' })]);
  if (!('pending' in receipt)) throw new Error('expected the job to be pending');
  account.on(JOB, { body: jobWith('completed', [{ index: 0, id: 4012 }]) });
  expect(await connector.settle(receipt.pending.handle)).toMatchObject({
    outcomes: [
      { key: 'caseloop:1', ref: { id: '7' } },
      { key: 'caseloop:2', ref: { id: '4012' } },
    ],
  });
});
