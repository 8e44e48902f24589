import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FollowUpTask, Receipt } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import {
  connectTo,
  failureOf,
  jobWith,
  type ScriptedAccount,
  startScriptedAccount,
} from './scripted-account.ts';

const UPDATE_MANY = 'PUT /api/v2/tickets/update_many.json';
const JOB = 'GET /api/v2/job_statuses/V3-1.json';
const COMMENTS = 'GET /api/v2/tickets/5158/comments.json';

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  account.on(UPDATE_MANY, { body: jobWith('queued') });
});
afterEach(() => account[Symbol.asyncDispose]());

function task(changes: Partial<FollowUpTask> = {}): FollowUpTask {
  return {
    key: 'csat:1',
    outcomeUnknown: false,
    caseId: '5158',
    subject: 'Low score',
    body: 'Please answer the customer.',
    dueAt: new Date('2026-11-24T09:00:00Z'),
    ownerId: '235323',
    teamId: '98738',
    ...changes,
  };
}

function reopen(tasks: readonly FollowUpTask[]): Promise<Receipt> {
  const connector = connectTo(account);
  if (connector.reopen === undefined) throw new Error('the Zendesk connector opens tickets again');
  return connector.reopen(tasks);
}

test('a ticket is opened for its owner with a private note that ends with the key', async () => {
  account.on(JOB, { body: jobWith('completed', [{ success: true, id: 5158 }]) });
  expect(await reopen([task()])).toEqual({ outcomes: [{ key: 'csat:1', result: 'done', ref: null }] });
  expect(account.calls(UPDATE_MANY)[0]?.body).toEqual({
    tickets: [
      {
        id: 5158,
        status: 'open',
        comment: { body: 'Please answer the customer.\n\nCaseloop csat:1', public: false },
        assignee_id: 235323,
        group_id: 98738,
      },
    ],
  });
  expect(account.calls(COMMENTS)).toEqual([]);
});

test('one that has the note is left as it is, whatever became of it since', async () => {
  account.on(COMMENTS, { body: { comments: [{ body: 'Please answer.\n\nCaseloop csat:1' }] } });
  expect(await reopen([task({ outcomeUnknown: true })])).toEqual({
    outcomes: [{ key: 'csat:1', result: 'done', ref: null }],
  });
  expect(account.calls(UPDATE_MANY)).toEqual([]);
});

test('one without the note is opened, beside one that is closed', async () => {
  account.on(COMMENTS, { body: { comments: [{ body: 'Caseloop csat:0' }] } });
  const details = 'Status: closed prevents ticket update';
  account.on(JOB, {
    body: jobWith('completed', [
      { index: 1, id: 6000, success: false, error: 'RecordInvalid', details },
      { success: true, id: 5158 },
    ]),
  });
  const closed = task({ key: 'csat:2', caseId: '6000', ownerId: null, teamId: null });
  expect(await reopen([task({ outcomeUnknown: true }), closed])).toEqual({
    outcomes: [
      { key: 'csat:1', result: 'done', ref: null },
      { key: 'csat:2', result: 'locked' },
    ],
  });
});

test('a request that is refused whole because its one ticket is closed', async () => {
  const details = { status: [{ description: 'Status: closed prevents ticket update' }] };
  account.on(UPDATE_MANY, { status: 422, body: { error: 'RecordInvalid', details } });
  expect(await reopen([task()])).toEqual({ outcomes: [{ key: 'csat:1', result: 'locked' }] });
  expect(await failureOf(reopen([task(), task({ key: 'csat:2', caseId: '6000' })]))).toBeInstanceOf(
    PermanentError,
  );
});
