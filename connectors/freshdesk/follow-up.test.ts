import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/connector.ts';
import { ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import {
  connectTo,
  FIELD_NAMES,
  failureOf,
  LATE,
  ME,
  openScriptedAccount,
  type ScriptedAccount,
  TASK,
  TICKET_FIELDS,
  ticketWith,
} from './scripted-account.ts';

const POST = 'POST /tickets';
const LIST = 'GET /tickets';

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
  account.on(POST, { status: 201, body: ticketWith({ id: 77 }) });
});
afterEach(() => account.close());

const sent = () => account.calls(POST).map(({ body }) => body as Record<string, unknown>);
const madeBefore = (id: number, key: string, created_at = '2026-11-20T10:00:00Z') => ({
  id,
  created_at,
  custom_fields: { [FIELD_NAMES.reference]: key },
});

function outcomesOf(receipt: Receipt) {
  if ('pending' in receipt) throw new Error('nothing is pending here');
  return receipt.outcomes;
}

describe('a follow-up', () => {
  test('is a ticket of the agent behind the key, with its key in our field and both due dates', async () => {
    expect(await connectTo().followUp([TASK])).toEqual({
      outcomes: [
        { key: TASK.key, result: 'done', ref: { id: '77', url: 'https://acme.freshdesk.com/a/tickets/77' } },
      ],
    });
    expect(sent()).toEqual([
      {
        requester_id: ME.id,
        subject: TASK.subject,
        description:
          '<div>Score 2.<br>&gt; Slow &amp; &lt;rude&gt;<br><br>Case #21: https://acme.freshdesk.com/a/tickets/21</div>',
        status: 2,
        priority: 3,
        source: 2,
        due_by: '2026-11-24T09:00:00Z',
        fr_due_by: '2026-11-24T08:59:00Z',
        responder_id: 500,
        group_id: 7,
        custom_fields: { [FIELD_NAMES.reference]: TASK.key },
      },
    ]);
  });

  test('can be for an address of your own, which is then not looked up', async () => {
    const followUp = { requester: 'csat@acme.example' };
    await connectTo({ followUp }).followUp([{ ...TASK, ownerId: null, teamId: null }]);
    expect(sent()[0]).toMatchObject({ email: 'csat@acme.example' });
    expect(sent()[0]).not.toHaveProperty('requester_id');
    expect(sent()[0]).not.toHaveProperty('responder_id');
    expect(account.calls('GET /agents/me')).toEqual([]);
  });

  test('that is overdue already is due soon, since Freshdesk takes no date of the past', async () => {
    await connectTo().followUp([{ ...TASK, dueAt: new Date('2026-11-20T00:00:00Z') }]);
    expect(sent()[0]).toMatchObject({ due_by: '2026-11-21T10:10:00Z', fr_due_by: '2026-11-21T10:09:00Z' });
  });

  test('without our field is not made at all', async () => {
    account.on('GET /ticket_fields', {
      body: TICKET_FIELDS.filter(({ label }) => label !== 'CSAT reference'),
    });
    expect(await failureOf(connectTo().followUp([TASK, { ...TASK, key: 'other' }]))).toBeInstanceOf(
      ConfigError,
    );
    expect(account.calls('GET /ticket_fields')).toHaveLength(1);
    expect(sent()).toEqual([]);
  });
});

describe('a child', () => {
  const followUp = { as: 'child' };

  test('belongs to the rated ticket', async () => {
    await connectTo({ followUp }).followUp([TASK]);
    expect(sent()).toMatchObject([{ parent_id: 21 }]);
  });

  test('that the account refuses becomes a ticket of its own', async () => {
    account.on(POST, ({ body }) =>
      (body as object) && 'parent_id' in (body as object)
        ? { status: 400, body: { errors: [{ field: 'parent_id', code: 'invalid_value' }] } }
        : { status: 201, body: { id: 78 } },
    );
    expect(outcomesOf(await connectTo({ followUp }).followUp([TASK]))).toMatchObject([{ ref: { id: '78' } }]);
    expect(sent()).toHaveLength(2);
  });

  test('that is refused for another reason is not tried as anything else', async () => {
    account.on(POST, { status: 400, body: { errors: [{ field: 'responder_id', code: 'invalid_value' }] } });
    const [outcome] = outcomesOf(await connectTo({ followUp }).followUp([TASK]));
    if (outcome?.result !== 'failed') throw new Error('it must fail');
    expect(outcome.error).toBeInstanceOf(PermanentError);
    expect(sent()).toHaveLength(1);
  });
});

describe('one whose outcome is unknown', () => {
  const unknown = { ...TASK, outcomeUnknown: true };

  test('is looked for among the tickets of our requester, not by search', async () => {
    account.on(LIST, { body: [madeBefore(70, 'csat:01234'), madeBefore(71, TASK.key)] });
    expect(outcomesOf(await connectTo().followUp([unknown]))).toMatchObject([{ ref: { id: '71' } }]);
    expect(sent()).toEqual([]);
    expect(account.calls(LIST).map(({ query }) => query)).toEqual([
      {
        requester_id: '500',
        updated_since: '2026-10-22T10:00:00Z',
        order_by: 'created_at',
        order_type: 'desc',
        per_page: '100',
        page: '1',
      },
    ]);
  });

  test('is looked for with others in one go, and over pages', async () => {
    const others = Array.from({ length: 100 }, (_, at) => madeBefore(200 + at, `other:${at}`));
    account.on(LIST, ({ query }) => ({ body: query.page === '1' ? others : [madeBefore(71, TASK.key)] }));
    const fresh = { ...unknown, key: 'csat:4567' };
    expect(outcomesOf(await connectTo().followUp([unknown, fresh]))).toMatchObject([
      { ref: { id: '71' } },
      { ref: { id: '77' } },
    ]);
    expect(account.calls(LIST)).toHaveLength(2);
    expect(sent()).toHaveLength(1);
  });

  test('is not looked for beyond 30 days', async () => {
    const old = Array.from({ length: 100 }, (_, at) =>
      madeBefore(at + 1, `old:${at}`, '2026-10-01T10:00:00Z'),
    );
    account.on(LIST, { body: old });
    await connectTo().followUp([unknown]);
    expect(account.calls(LIST)).toHaveLength(1);
    expect(sent()).toHaveLength(1);
  });

  test('of two with the same key the older one stands', async () => {
    account.on(LIST, { body: [madeBefore(72, TASK.key), madeBefore(71, TASK.key)] });
    expect(outcomesOf(await connectTo().followUp([unknown]))).toMatchObject([{ ref: { id: '71' } }]);
  });

  test('is not made while it cannot be looked for', async () => {
    account.on(LIST, { status: 500 });
    expect(await failureOf(connectTo().followUp([unknown]))).toBeInstanceOf(RetryableError);
    expect(sent()).toEqual([]);
  });
});

describe('a late answer', () => {
  const writeLate = (item = LATE) => connectTo().writeLate?.([item], 'follow-up-ticket');

  test('is a closed ticket with the answer in its fields and no due date', async () => {
    expect(await writeLate()).toMatchObject({ outcomes: [{ result: 'done', ref: { id: '77' } }] });
    const [body] = sent();
    expect(body).toMatchObject({
      requester_id: ME.id,
      status: 5,
      custom_fields: {
        [FIELD_NAMES.reference]: LATE.key,
        [FIELD_NAMES.score]: 2,
        [FIELD_NAMES.comment]: 'Slow & <rude>',
      },
    });
    expect(body).not.toHaveProperty('due_by');
    expect(body).not.toHaveProperty('parent_id');
  });

  test('is left open where that is asked for', async () => {
    await writeLate({ ...LATE, leaveOpen: true });
    expect(sent()).toMatchObject([{ status: 2 }]);
  });

  test('is found again by its key', async () => {
    account.on(LIST, { body: [madeBefore(71, LATE.key)] });
    expect(await writeLate({ ...LATE, outcomeUnknown: true })).toMatchObject({
      outcomes: [{ ref: { id: '71' } }],
    });
    expect(sent()).toEqual([]);
  });
});

describe('reopening', () => {
  const NOTES = 'POST /tickets/21/notes';
  const CONVERSATIONS = 'GET /tickets/21/conversations';
  const mark = `<div>x<br>[Caseloop ${TASK.key}]</div>`;
  beforeEach(() => {
    account.on('PUT /tickets/21', { body: ticketWith() });
    account.on(NOTES, { status: 201, body: { id: 5 } });
    account.on(CONVERSATIONS, { body: [] });
  });

  test('opens the ticket for its owner, then leaves a private note', async () => {
    expect(await connectTo().reopen?.([TASK])).toEqual({
      outcomes: [{ key: TASK.key, result: 'done', ref: null }],
    });
    expect(account.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['PUT', '/tickets/21', { status: 2, responder_id: 500, group_id: 7 }],
      [
        'POST',
        '/tickets/21/notes',
        {
          body: `<div>Score 2.<br>&gt; Slow &amp; &lt;rude&gt;<br><br>[Caseloop ${TASK.key}]</div>`,
          private: true,
        },
      ],
    ]);
  });

  test('of unknown outcome leaves a ticket with the note as it is', async () => {
    account.on(CONVERSATIONS, { body: [{ body: mark, private: true }] });
    expect(await connectTo().reopen?.([{ ...TASK, outcomeUnknown: true }])).toMatchObject({
      outcomes: [{ result: 'done' }],
    });
    expect(account.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test.each([
    ['a customer quotes it', { body: mark, private: false }],
    ['its key only begins like ours', { body: mark.replace(']', '4]'), private: true }],
  ])('of unknown outcome is done where %s', async (_, conversation) => {
    account.on(CONVERSATIONS, { body: [conversation] });
    await connectTo().reopen?.([{ ...TASK, outcomeUnknown: true }]);
    expect(account.calls('PUT /tickets/21')).toHaveLength(1);
    expect(account.calls(NOTES)).toHaveLength(1);
  });
});

test('there is no job to settle', async () => {
  expect(await failureOf(connectTo().settle('{"id":1}'))).toBeInstanceOf(PermanentError);
  expect(account.seen).toEqual([]);
});
