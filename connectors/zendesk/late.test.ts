import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LateAnswer, Receipt } from '../../src/connector.ts';
import { ConfigError, PermanentError } from '../../src/errors.ts';
import {
  connectTo,
  FIELDS,
  failureOf,
  jobWith,
  type ScriptedAccount,
  startScriptedAccount,
} from './scripted-account.ts';

const CREATE_MANY = 'POST /api/v2/tickets/create_many.json';
const UPDATE_USERS = 'PUT /api/v2/users/update_many.json';
const SHOW_USERS = 'GET /api/v2/users/show_many.json';
const USER_FIELDS = 'GET /api/v2/user_fields.json';
const JOB = 'GET /api/v2/job_statuses/V3-1.json';
const TICKETS = 'GET /api/v2/tickets.json';

const OURS = [
  { id: 1, key: 'csat_score', type: 'integer', title: 'CSAT score', active: true },
  // Made by hand under a key of its own: found by its title.
  { id: 2, key: 'satisfaction_level', type: 'text', title: 'CSAT level', active: true },
  { id: 3, key: 'csat_comment', type: 'textarea', title: 'CSAT comment', active: true },
  { id: 4, key: 'csat_reasons', type: 'text', title: 'CSAT reasons', active: true },
  { id: 5, key: 'csat_answered_at', type: 'text', title: 'CSAT answered at', active: true },
  { id: 6, key: 'csat_rating', type: 'text', title: 'CSAT rating', active: true },
  { id: 7, key: 'csat_link', type: 'text', title: 'CSAT link', active: true },
];

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  account.on('GET /api/v2/ticket_fields.json', { body: { ticket_fields: FIELDS, next_page: null } });
  account.on(USER_FIELDS, { body: { user_fields: OURS, next_page: null } });
  account.on(SHOW_USERS, { body: { users: [{ id: 20978392, user_fields: { csat_answered_at: null } }] } });
  account.on(CREATE_MANY, { body: jobWith('queued') });
  account.on(UPDATE_USERS, { body: jobWith('queued') });
});
afterEach(() => account[Symbol.asyncDispose]());

function late(changes: Partial<LateAnswer> = {}): LateAnswer {
  return {
    key: 'csat-late:1',
    caseId: '5158',
    score: 2,
    scale: '1-5',
    rating: 'Dissatisfied',
    level: 'low',
    comment: 'Took three tries',
    reasons: ['the wait'],
    answeredAt: new Date('2026-11-21T09:59:00Z'),
    link: 'https://survey.acme.example/dashboard/cases/crm/1',
    note: false,
    tag: true,
    outcomeUnknown: false,
    requesterId: '20978392',
    leaveOpen: false,
    subject: 'Late rating of case 5158',
    body: 'The rating stands in the CSAT fields here.',
    ...changes,
  };
}

function write(items: readonly LateAnswer[], place: 'follow-up-ticket' | 'user-field'): Promise<Receipt> {
  const { writeLate } = connectTo(account);
  if (writeLate === undefined) throw new Error('the Zendesk connector has places for late answers');
  return writeLate(items, place);
}

describe('a follow-up ticket', () => {
  test('is solved, private, ours, known by its key, and has no customer on it', async () => {
    account.on(JOB, { body: jobWith('completed', [{ index: 0, id: 4012, account_id: 1 }]) });
    expect(await write([late()], 'follow-up-ticket')).toEqual({
      outcomes: [
        { key: 'csat-late:1', result: 'done', ref: { id: '4012', url: `${account.url}/agent/tickets/4012` } },
      ],
    });
    expect(account.calls(CREATE_MANY)[0]?.body).toEqual({
      tickets: [
        {
          via_followup_source_id: 5158,
          subject: 'Late rating of case 5158',
          status: 'solved',
          comment: { body: 'The rating stands in the CSAT fields here.', public: false },
          external_id: 'csat-late:1',
          tags: ['csat_followup', 'csat_answered'],
          custom_fields: [
            { id: 1, value: 2 },
            { id: 6, value: 'Dissatisfied' },
            { id: 2, value: 'csat_low' },
            { id: 3, value: 'Took three tries' },
            { id: 4, value: 'the wait' },
            { id: 5, value: '2026-11-21T09:59:00.000Z' },
            { id: 7, value: 'https://survey.acme.example/dashboard/cases/crm/1' },
          ],
        },
      ],
    });
  });

  test('is left open, and untagged, where that is asked for', async () => {
    account.on(JOB, { body: jobWith('completed', [{ index: 0, id: 4012 }]) });
    await write([late({ leaveOpen: true, tag: false })], 'follow-up-ticket');
    const sent = account.calls(CREATE_MANY)[0]?.body;
    expect(sent).not.toHaveProperty('tickets.0.status');
    expect(sent).toHaveProperty('tickets.0.tags', ['csat_followup']);
  });

  test('that may exist is looked for first, and not made again', async () => {
    account.on(TICKETS, ({ query }) => ({
      body: { tickets: query.get('external_id') === 'csat-late:1' ? [{ id: 7 }] : [] },
    }));
    expect(await write([late({ outcomeUnknown: true })], 'follow-up-ticket')).toMatchObject({
      outcomes: [{ key: 'csat-late:1', result: 'done', ref: { id: '7' } }],
    });
    expect(account.calls(CREATE_MANY)).toEqual([]);
  });
});

describe('fields on the person', () => {
  test('are written under their keys, and the receipt leads to the person', async () => {
    account.on(JOB, { body: jobWith('completed', [{ success: true, id: 20978392 }]) });
    expect(await write([late()], 'user-field')).toEqual({
      outcomes: [
        {
          key: 'csat-late:1',
          result: 'done',
          ref: { id: '20978392', url: `${account.url}/agent/users/20978392` },
        },
      ],
    });
    expect(account.calls(UPDATE_USERS)[0]?.body).toEqual({
      users: [
        {
          id: 20978392,
          user_fields: {
            csat_score: 2,
            satisfaction_level: 'low',
            csat_comment: 'Took three tries',
            csat_reasons: 'the wait',
            csat_answered_at: '2026-11-21T09:59:00.000Z',
            csat_rating: 'Dissatisfied',
            csat_link: 'https://survey.acme.example/dashboard/cases/crm/1',
          },
        },
      ],
    });
  });

  test('hold the later of two answers of one person, on behalf of both', async () => {
    account.on(JOB, { body: jobWith('completed', [{ success: true, id: 20978392 }]) });
    const later = late({ key: 'b', score: 5, level: 'high', answeredAt: new Date('2026-11-21T09:59:30Z') });
    const receipt = await write([later, late({ key: 'a' })], 'user-field');
    expect(account.calls(UPDATE_USERS)[0]?.body).toHaveProperty('users.0.user_fields.csat_score', 5);
    expect(receipt).toMatchObject({ outcomes: [{ key: 'b' }, { key: 'a' }] });
  });

  describe('that show an answer already', () => {
    const shows = (...users: { id: number; answeredAt: string }[]) =>
      account.on(SHOW_USERS, ({ query }) => ({
        body: {
          users: users
            .filter(({ id }) => query.get('ids')?.split(',').includes(String(id)))
            .map(({ id, answeredAt }) => ({ id, user_fields: { csat_answered_at: answeredAt } })),
        },
      }));

    test('keep it when it is newer, and the older one is done with', async () => {
      shows({ id: 20978392, answeredAt: '2026-11-21T09:59:00.001Z' });
      expect(await write([late()], 'user-field')).toEqual({
        outcomes: [
          {
            key: 'csat-late:1',
            result: 'done',
            ref: { id: '20978392', url: `${account.url}/agent/users/20978392` },
          },
        ],
      });
      expect(account.calls(UPDATE_USERS)).toEqual([]);
    });

    test('give it up for a newer one, or for the same one once more', async () => {
      account.on(JOB, { body: jobWith('completed', [{ success: true, id: 20978392 }]) });
      for (const answeredAt of ['2026-11-21T09:58:59.999Z', '2026-11-21T09:59:00.000Z', 'yesterday']) {
        shows({ id: 20978392, answeredAt });
        await write([late()], 'user-field');
      }
      expect(account.calls(UPDATE_USERS)).toHaveLength(3);
    });

    test('leave the others of a batch to be written', async () => {
      account.on(JOB, { body: jobWith('completed', [{ success: true, id: 5 }]) });
      shows(
        { id: 20978392, answeredAt: '2026-11-21T10:00:00Z' },
        { id: 5, answeredAt: '2026-11-20T10:00:00Z' },
      );
      const receipt = await write([late({ key: 'a' }), late({ key: 'b', requesterId: '5' })], 'user-field');
      expect(receipt).toMatchObject({
        outcomes: [
          { key: 'a', result: 'done', ref: { id: '20978392' } },
          { key: 'b', result: 'done', ref: { id: '5' } },
        ],
      });
      expect(account.calls(UPDATE_USERS)[0]?.body).toMatchObject({ users: [{ id: 5 }] });
    });
  });

  test('cannot be on nobody: that item fails, alone without a call and beside others', async () => {
    account.on(JOB, { body: jobWith('completed', [{ success: true, id: 20978392 }]) });
    const nobody = late({ key: 'x', requesterId: null });
    const failed = { key: 'x', result: 'failed', error: expect.any(PermanentError) };
    expect(await write([nobody], 'user-field')).toEqual({ outcomes: [failed] });
    expect(account.calls(UPDATE_USERS)).toEqual([]);
    expect(await write([nobody, late()], 'user-field')).toMatchObject({
      outcomes: [failed, { key: 'csat-late:1', result: 'done' }],
    });
  });

  test('that are missing are for the admin', async () => {
    account.on(USER_FIELDS, { body: { user_fields: OURS.slice(1), next_page: null } });
    const failure = await failureOf(write([late()], 'user-field'));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure).toMatchObject({ fix: 'Run `caseloop provision zendesk-eu --apply`.' });
  });
});

describe('provisioning user fields', () => {
  const empty = {
    ticket_fields: FIELDS,
    webhooks: [],
    views: [],
    next_page: null,
    meta: { has_more: false },
  };
  const planned = async (needs: { publicReply: boolean; userFields?: boolean }) => {
    account.on('GET /api/v2/webhooks', { body: empty });
    account.on('GET /api/v2/views.json', { body: empty });
    account.on(USER_FIELDS, { body: { user_fields: OURS.filter(({ id }) => id !== 5), next_page: null } });
    const steps = await connectTo(account, {}, { needs }).provision('plan');
    return steps.map(({ what }) => what).filter((what) => what.startsWith('user field'));
  };

  test('adds what is missing, and only where late answers go there', async () => {
    expect(await planned({ publicReply: false })).toEqual([]);
    expect(account.calls(USER_FIELDS)).toEqual([]);
    expect(await planned({ publicReply: false, userFields: true })).toEqual([
      'user field "CSAT answered at"',
    ]);
  });
});
