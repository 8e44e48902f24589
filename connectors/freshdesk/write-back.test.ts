import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WriteBack } from '../../src/connector.ts';
import { AuthError, ConfigError, RetryableError } from '../../src/errors.ts';
import {
  ANSWER,
  connectTo,
  FIELD_NAMES,
  failureOf,
  openScriptedAccount,
  type ScriptedAccount,
  type ScriptedAnswer,
  TICKET_FIELDS,
  ticketWith,
} from './scripted-account.ts';

const PUT = 'PUT /tickets/21';

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
  for (const id of [21, 22, 23]) account.on(`PUT /tickets/${id}`, { body: ticketWith({ id }) });
});
afterEach(() => account.close());

const answerTo = (id: number): WriteBack => ({ ...ANSWER, key: String(id), caseId: String(id) });
const writes = () => account.seen.filter(({ method }) => method !== 'GET');

describe('what is written', () => {
  test('our fields by the names that the server gave them, and no tags', async () => {
    expect(await connectTo().writeBack([ANSWER])).toEqual({
      outcomes: [{ key: ANSWER.key, result: 'done', ref: null }],
    });
    expect(writes().map(({ body }) => body)).toEqual([
      {
        custom_fields: {
          [FIELD_NAMES.score]: 2,
          [FIELD_NAMES.level]: 'low',
          [FIELD_NAMES.comment]: 'Slow & <rude>',
          [FIELD_NAMES.reasons]: 'the wait, no solution',
          [FIELD_NAMES.answeredAt]: '2026-11-21T09:50:00.000Z',
          [FIELD_NAMES.rating]: 'Dissatisfied',
          [FIELD_NAMES.link]: ANSWER.link,
        },
      },
    ]);
  });

  test('what the answer does not say is emptied', async () => {
    await connectTo().writeBack([{ ...ANSWER, comment: null, reasons: [] }]);
    expect(writes()[0]?.body).toMatchObject({
      custom_fields: { [FIELD_NAMES.comment]: null, [FIELD_NAMES.reasons]: null },
    });
  });

  test.each(['', 'x'])('a comment is cut between characters, and says so: %j before it', async (before) => {
    await connectTo().writeBack([{ ...ANSWER, comment: before + '👍'.repeat(40_000) }]);
    const body = writes()[0]?.body as { custom_fields: Record<string, string> } | undefined;
    const comment = body?.custom_fields[FIELD_NAMES.comment] ?? '';
    expect(comment.length).toBeLessThanOrEqual(65_535);
    expect(comment.isWellFormed()).toBe(true);
    expect(comment).toMatch(/👍 \[\.\.\. cut here, the whole text is in Caseloop\]$/);
  });

  test('a note is private and holds what the customer wrote as text', async () => {
    account.on('POST /tickets/21/notes', { status: 201, body: { id: 1 } });
    await connectTo().writeBack([{ ...ANSWER, note: true }]);
    expect(writes()[1]?.body).toEqual({
      body: '<div>Customer satisfaction: 2 (Dissatisfied, low)<br>Reasons: the wait, no solution<br>Comment: Slow &amp; &lt;rude&gt;<br>In Caseloop: https://survey.acme.example/dashboard/cases/crm/1</div>',
      private: true,
    });
  });
});

describe('stopped in the middle', () => {
  test.each([
    ['a limit', { status: 429, headers: { 'retry-after': '7' } }, RetryableError, { retryAfterMs: 7_000 }],
    ['refused credentials', { status: 401 }, AuthError, {}],
  ] as const)('by %s: what is done stays done, the rest was not tried', async (_, answer, error, also) => {
    account.on('PUT /tickets/22', answer);
    const receipt = await connectTo().writeBack([21, 22, 23].map(answerTo));
    if ('pending' in receipt) throw new Error('nothing is pending here');
    expect(receipt.outcomes).toEqual([{ key: '21', result: 'done', ref: null }]);
    expect(receipt.stopped).toBeInstanceOf(error);
    expect(receipt.stopped).toMatchObject(also);
    expect(account.calls('PUT /tickets/23')).toEqual([]);
  });

  test('by trouble that the next one would meet too: the one it met has failed for now', async () => {
    account.on('PUT /tickets/22', { status: 503 });
    const receipt = await connectTo().writeBack([21, 22, 23].map(answerTo));
    expect(receipt).toMatchObject({
      outcomes: [
        { key: '21', result: 'done' },
        { key: '22', result: 'failed', error: { name: 'RetryableError' } },
      ],
      stopped: { name: 'RetryableError' },
    });
    expect(account.calls('PUT /tickets/23')).toEqual([]);
  });

  test('not by what is wrong with one ticket alone', async () => {
    account.on('PUT /tickets/22', {
      status: 400,
      body: { errors: [{ field: 'type', code: 'missing_field' }] },
    });
    expect(await connectTo().writeBack([21, 22, 23].map(answerTo))).toEqual({
      outcomes: [
        { key: '21', result: 'done', ref: null },
        { key: '22', result: 'failed', error: expect.objectContaining({ name: 'Invalid' }) },
        { key: '23', result: 'done', ref: null },
      ],
    });
  });

  test('by the first of all: nothing was done, so it is thrown', async () => {
    account.on(PUT, { status: 429 });
    expect(await failureOf(connectTo().writeBack([21, 22].map(answerTo)))).toBeInstanceOf(RetryableError);
  });
});

describe('a ticket that is not there', () => {
  test.each([404, 405])('%i: locked when it is in the archive', async (status) => {
    account.on(PUT, { status });
    account.on('GET /tickets/archived/21', { body: ticketWith({ status: 5, archived: true }) });
    expect(await connectTo().writeBack([ANSWER])).toEqual({
      outcomes: [{ key: ANSWER.key, result: 'locked' }],
    });
  });

  test('gone when it is not', async () => {
    account.on(PUT, { status: 404 });
    expect(await connectTo().writeBack([ANSWER])).toMatchObject({
      outcomes: [
        {
          result: 'failed',
          error: { name: 'PermanentError', message: expect.stringContaining('no ticket 21') },
        },
      ],
    });
  });
});

describe('our fields changed meanwhile', () => {
  const refusal = (field: string, code: string): ScriptedAnswer => ({
    status: 400,
    body: { description: 'Validation failed', errors: [{ field, message: 'x', code }] },
  });

  test.each([
    ['gone', refusal(`custom_fields.${FIELD_NAMES.comment}`, 'invalid_field')],
    ['without that choice', refusal(FIELD_NAMES.level, 'invalid_value')],
  ])('%s: the admin must act, and the names are read anew', async (_, answer) => {
    const connector = connectTo();
    account.on(PUT, answer);
    const receipt = await connector.writeBack([ANSWER]);
    expect(receipt).toMatchObject({ outcomes: [{ result: 'failed', error: { fix: expect.any(String) } }] });
    if ('pending' in receipt || receipt.outcomes[0]?.result !== 'failed') throw new Error('it must fail');
    expect(receipt.outcomes[0].error).toBeInstanceOf(ConfigError);
    await connector.writeBack([ANSWER]);
    expect(account.calls('GET /ticket_fields')).toHaveLength(2);
  });

  test('a field of another type under our label is not ours', async () => {
    const fields = TICKET_FIELDS.map((one) =>
      one.label === 'CSAT score' ? { ...one, type: 'custom_text' } : one,
    );
    account.on('GET /ticket_fields', { body: fields });
    const failure = await failureOf(connectTo().writeBack([ANSWER]));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain('"CSAT score" of type custom_number');
    expect(writes()).toEqual([]);
  });
});
