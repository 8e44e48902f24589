import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecoveryState } from '../../src/connector.ts';
import { connectTo, type ScriptedAccount, startScriptedAccount, ticketWith } from './scripted-account.ts';

const SHOW_MANY = 'GET /api/v2/tickets/show_many.json';
const COMMENTS = 'GET /api/v2/tickets/5158/comments.json';
const USERS = 'GET /api/v2/users/show_many.json';
const SCORED_AT = new Date('2026-11-21T10:00:00.500Z');

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  scriptTicket({ latest_comment_added_at: '2026-11-21T11:00:00Z' });
  account.on(USERS, {
    body: {
      users: [
        { id: 7, name: 'Kim', role: 'agent' },
        { id: 8, role: 'end-user' },
      ],
    },
  });
});
afterEach(() => account[Symbol.asyncDispose]());

function scriptTicket(metric: object | null, changes: Record<string, unknown> = {}): void {
  const metrics = metric === null ? [] : [{ ticket_id: 5158, ...metric }];
  account.on(SHOW_MANY, { body: { tickets: [ticketWith(changes)], metric_sets: metrics } });
}

/** What is said on the ticket, newest first as Zendesk was asked. */
function scriptComments(...said: readonly (readonly [minute: number, author: number, isPublic?: boolean])[]) {
  const comments = said.map(([minute, author_id, isPublic = true]) => ({
    ...{ author_id, public: isPublic, body: 'words' },
    created_at: `2026-11-21T10:${String(minute).padStart(2, '0')}:00Z`,
  }));
  account.on(COMMENTS, { body: { comments } });
}

async function look(): Promise<RecoveryState> {
  const items = [{ key: 'k', caseId: '5158', since: SCORED_AT, taskId: null }];
  const [state] = await connectTo(account).lookAfter(items);
  return state ?? expect.fail('no state');
}

test('the first answer by an agent counts, not what a person in copy or the requester said', async () => {
  scriptTicket({ latest_comment_added_at: '2026-11-21T11:00:00Z' }, { requester_id: 7 });
  scriptComments([20, 7], [10, 8], [5, 7]);
  expect((await look()).repliedAt).toBeNull();
  scriptTicket({ latest_comment_added_at: '2026-11-21T11:00:00Z' });
  expect((await look()).repliedAt).toEqual(new Date('2026-11-21T10:05:00Z'));
  expect(account.calls(COMMENTS)[0]?.query.get('sort')).toBe('-created_at');
  expect(account.calls(USERS)[0]?.query.get('ids')).toBe('8');
});

test('a ticket on which nothing was said since costs no call of its own, one without metrics is read', async () => {
  scriptTicket({ latest_comment_added_at: '2026-11-21T10:00:00Z' }, { updated_at: '2026-11-21T12:00:00Z' });
  expect((await look()).repliedAt).toBeNull();
  expect(account.seen).toHaveLength(1);
  scriptTicket(null, { updated_at: '2026-11-21T12:00:00Z' });
  scriptComments([30, 7]);
  expect((await look()).repliedAt).toEqual(new Date('2026-11-21T10:30:00Z'));
});

test('a comment of which Zendesk does not say when or by whom is no answer', async () => {
  account.on(COMMENTS, {
    body: {
      comments: [{ public: true, body: 'a' }, { public: true, body: 'b', author_id: 7 }, { body: 'c' }],
    },
  });
  expect((await look()).repliedAt).toBeNull();
});
