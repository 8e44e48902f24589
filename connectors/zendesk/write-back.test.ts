import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome, Receipt, WriteBack } from '../../src/connector.ts';
import { ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import {
  connectTo,
  FIELDS,
  failureOf,
  jobWith,
  type ScriptedAccount,
  startScriptedAccount,
} from './scripted-account.ts';

const UPDATE_MANY = 'PUT /api/v2/tickets/update_many.json';
const JOB = 'GET /api/v2/job_statuses/V3-1.json';
const TICKET_FIELDS = 'GET /api/v2/ticket_fields.json';

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
  account.on(TICKET_FIELDS, { body: { ticket_fields: FIELDS, next_page: null } });
  account.on(UPDATE_MANY, { body: jobWith('queued') });
});
afterEach(() => account[Symbol.asyncDispose]());

function answer(changes: Partial<WriteBack> = {}): WriteBack {
  return {
    key: 'closure-1',
    caseId: '5158',
    score: 2,
    scale: '1-5',
    rating: 'Dissatisfied',
    level: 'low',
    comment: 'Took three tries',
    reasons: ['the wait', 'the policy'],
    answeredAt: new Date('2026-11-21T09:59:00Z'),
    link: 'https://survey.acme.example/dashboard/cases/crm/1',
    note: false,
    tag: true,
    ...changes,
  };
}

function sentTickets(): readonly Record<string, unknown>[] {
  const body = account.calls(UPDATE_MANY).at(-1)?.body as { tickets: Record<string, unknown>[] };
  return body.tickets;
}

function outcomesOf(receipt: Receipt): readonly Outcome[] {
  if ('pending' in receipt) throw new Error('expected outcomes, the job is pending');
  return receipt.outcomes;
}

async function write(items: readonly WriteBack[], results: readonly unknown[] | null, status = 'completed') {
  account.on(JOB, { body: jobWith(status, results) });
  return outcomesOf(await connectTo(account).writeBack(items));
}

describe('what is sent', () => {
  test('fields by id and a tag, and nothing else', async () => {
    await write([answer()], [{ action: 'update', status: 'Updated', success: true, id: 5158 }]);
    expect(sentTickets()).toEqual([
      {
        id: 5158,
        custom_fields: [
          { id: 1, value: 2 },
          { id: 6, value: 'Dissatisfied' },
          { id: 2, value: 'csat_low' },
          { id: 3, value: 'Took three tries' },
          { id: 4, value: 'the wait, the policy' },
          { id: 5, value: '2026-11-21T09:59:00.000Z' },
          { id: 7, value: 'https://survey.acme.example/dashboard/cases/crm/1' },
        ],
        additional_tags: ['csat_answered'],
      },
    ]);
  });

  test('no tag, no note, no comment, no reasons: what stood in the fields is emptied', async () => {
    await write([answer({ tag: false, comment: null, reasons: [] })], []);
    expect(Object.keys(sentTickets()[0] ?? {})).toEqual(['id', 'custom_fields']);
    expect(sentTickets()[0]?.custom_fields).toContainEqual({ id: 3, value: null });
    expect(sentTickets()[0]?.custom_fields).toContainEqual({ id: 4, value: null });
  });

  test('a note is internal', async () => {
    await write([answer({ note: true })], []);
    expect(sentTickets()[0]?.comment).toEqual({
      body: 'Customer satisfaction: 2 (Dissatisfied, low)\nReasons: the wait, the policy\nComment: Took three tries\nIn Caseloop: https://survey.acme.example/dashboard/cases/crm/1',
      public: false,
    });
  });

  test('a comment longer than a field is cut between characters and says so', async () => {
    await write([answer({ comment: '🙂'.repeat(40_000) })], []);
    const fields = sentTickets()[0]?.custom_fields as { id: number; value: string }[];
    const value = fields.find(({ id }) => id === 3)?.value ?? '';
    expect(value.length).toBeLessThanOrEqual(65_535);
    expect(value).toMatch(/^(🙂)+ \[\.\.\. cut here, the whole text is in Caseloop\]$/u);
  });

  test('two answers for one ticket go out as the later one, on behalf of both keys', async () => {
    const later = answer({ key: 'b', score: 5, level: 'high', answeredAt: new Date('2026-11-21T09:59:30Z') });
    const outcomes = await write([later, answer({ key: 'a' })], [{ success: true, id: 5158 }]);
    expect(sentTickets()).toHaveLength(1);
    expect(sentTickets()[0]?.custom_fields).toContainEqual({ id: 1, value: 5 });
    expect(outcomes.map(({ key, result }) => [key, result])).toEqual([
      ['b', 'done'],
      ['a', 'done'],
    ]);
  });

  test('nothing for nothing', async () => {
    expect(await connectTo(account).writeBack([])).toEqual({ outcomes: [] });
    expect(account.seen).toEqual([]);
  });
});

describe('the fields', () => {
  test('are read once', async () => {
    account.on(JOB, { body: jobWith('completed', [{ success: true, id: 5158 }]) });
    const connector = connectTo(account);
    await connector.writeBack([answer()]);
    await connector.writeBack([answer()]);
    expect(account.calls(TICKET_FIELDS)).toHaveLength(1);
  });

  test('are read again after a refused write', async () => {
    account.on(JOB, {
      body: jobWith('completed', [
        { id: 5158, success: false, error: 'RecordInvalid', details: 'Field 1 is gone' },
      ]),
    });
    const connector = connectTo(account);
    await connector.writeBack([answer()]);
    await connector.writeBack([answer()]);
    expect(account.calls(TICKET_FIELDS)).toHaveLength(2);
  });

  test.each([
    ['missing', FIELDS.slice(1)],
    ['of another type', [{ ...FIELDS[0], type: 'decimal' }, ...FIELDS.slice(1)]],
    ['not active', [{ ...FIELDS[0], active: false }, ...FIELDS.slice(1)]],
  ])('one that is %s is for the admin', async (_, ticket_fields) => {
    account.on(TICKET_FIELDS, { body: { ticket_fields } });
    const failure = await failureOf(connectTo(account).writeBack([answer()]));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure).toMatchObject({
      message: 'Zendesk: there is no active ticket field "CSAT score" of type integer',
      fix: 'Run `caseloop provision zendesk-eu --apply`.',
    });
    expect(account.calls(UPDATE_MANY)).toEqual([]);
  });

  test('of two with one title the active one is used', async () => {
    account.on(TICKET_FIELDS, {
      body: { ticket_fields: [{ ...FIELDS[0], id: 77, active: false }, ...FIELDS] },
    });
    await write([answer()], []);
    expect(sentTickets()[0]?.custom_fields).toContainEqual({ id: 1, value: 2 });
  });
});

describe('what became of it', () => {
  const items = ['1', '2', '3', '4', '5'].map((id) => answer({ key: `key-${id}`, caseId: id }));

  test('a completed job says nothing about its items: each has its own outcome', async () => {
    const outcomes = await write(items, [
      { action: 'update', status: 'Updated', success: true, id: 3 },
      {
        index: 0,
        id: 1,
        success: false,
        error: 'TicketUpdateError',
        details: 'Status: closed prevents ticket update',
      },
      {
        index: 1,
        id: 2,
        success: false,
        error: 'RecordInvalid',
        details: { base: [{ description: 'Type is required' }] },
      },
      { index: 3, id: 4, success: false, error: 'DatabaseConflict', details: 'Database collision' },
    ]);
    expect(outcomes).toEqual([
      { key: 'key-1', result: 'locked' },
      { key: 'key-2', result: 'failed', error: expect.any(PermanentError) },
      { key: 'key-3', result: 'done', ref: null },
      { key: 'key-4', result: 'failed', error: expect.any(RetryableError) },
      { key: 'key-5', result: 'failed', error: expect.any(RetryableError) },
    ]);
    expect(outcomes[1]).toMatchObject({
      error: { message: expect.stringContaining('RecordInvalid, Type is required') },
    });
  });

  test('a refused item known only by its index is the item at that index', async () => {
    const outcomes = await write(items.slice(0, 2), [
      { index: 1, success: false, error: 'ClosedTicket' },
      { success: true, id: 1 },
    ]);
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'locked']);
  });

  test("another ticket's result is not taken for one that is missing", async () => {
    const outcomes = await write(items.slice(0, 1), [{ index: 0, id: 2, success: true }]);
    expect(outcomes).toEqual([{ key: 'key-1', result: 'failed', error: expect.any(RetryableError) }]);
  });

  test('a request that is refused whole because its one ticket is closed', async () => {
    const details = { status: [{ description: 'Status: closed prevents ticket update' }] };
    account.on(UPDATE_MANY, { status: 422, body: { error: 'RecordInvalid', details } });
    expect(await connectTo(account).writeBack(items.slice(0, 1))).toEqual({
      outcomes: [{ key: 'key-1', result: 'locked' }],
    });
    expect(await failureOf(connectTo(account).writeBack(items))).toBeInstanceOf(PermanentError);
  });

  test.each(['failed', 'killed'])('a %s job leaves its items due', async (status) => {
    const outcomes = await write(items.slice(0, 1), null, status);
    expect(outcomes).toEqual([{ key: 'key-1', result: 'failed', error: expect.any(RetryableError) }]);
  });

  test('a job that still runs is settled later, by any process', async () => {
    account.on(JOB, { body: jobWith('working') });
    const receipt = await connectTo(account).writeBack(items);
    if (!('pending' in receipt)) throw new Error('expected the job to be pending');
    expect(receipt.pending.checkAfterMs).toBeGreaterThan(0);
    const other = connectTo(account);
    expect(await other.settle(receipt.pending.handle)).toEqual(receipt);
    account.on(JOB, {
      body: jobWith(
        'completed',
        items.map(({ caseId }) => ({ success: true, id: Number(caseId) })),
      ),
    });
    const outcomes = outcomesOf(await other.settle(receipt.pending.handle));
    expect(outcomes).toEqual(items.map(({ key }) => ({ key, result: 'done', ref: null })));
  });

  test('a job that Zendesk has forgotten leaves its items due', async () => {
    account.on(JOB, { body: jobWith('queued') });
    const pending = await connectTo(account).writeBack(items.slice(0, 1));
    if (!('pending' in pending)) throw new Error('expected the job to be pending');
    account.on(JOB, { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } });
    const outcomes = outcomesOf(await connectTo(account).settle(pending.pending.handle));
    expect(outcomes).toEqual([{ key: 'key-1', result: 'failed', error: expect.any(RetryableError) }]);
  });

  test.each(['nonsense', '{}'])('a handle that is not ours is refused: %s', async (handle) => {
    expect(await failureOf(connectTo(account).settle(handle))).toBeInstanceOf(PermanentError);
    expect(account.seen).toEqual([]);
  });
});
