import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError, RetryableError, SignatureError } from '../../src/errors.ts';
import {
  connectTo,
  failureOf,
  NOW,
  type ScriptedAccount,
  startScriptedAccount,
  WEBHOOK_URL,
} from './scripted-account.ts';

const SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';
const TIMESTAMP = '2026-11-21T10:00:00Z';
const VECTOR = {
  body: '{"ticket_id":"35436","status":"Solved"}',
  signature: 'u78JDmv/bp9o2TtIeW7/YitmGUtXfbZo1OiNQc79xlE=',
};

const sign = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('base64');

function delivery(body: string, signature = sign(TIMESTAMP + body), timestamp = TIMESTAMP) {
  return {
    headers: { 'x-zendesk-webhook-signature': signature, 'x-zendesk-webhook-signature-timestamp': timestamp },
    body: new TextEncoder().encode(body),
  };
}

function statusChanged(current: string, previous: string, more: object = {}): string {
  return `${JSON.stringify(
    {
      id: 'a8b9',
      subject: 'zen:ticket:5158',
      type: 'zen:event-type:ticket.status_changed',
      detail: { id: '5158', status: current },
      event: { current, previous, meta: { sequence: { id: 'CE4A', position: 1 } } },
      ...more,
    },
    null,
    3,
  )}\n`;
}

let account: ScriptedAccount;
beforeEach(async () => {
  account = await startScriptedAccount();
});
afterEach(() => account[Symbol.asyncDispose]());

describe('the signature', () => {
  const receive = (request: Parameters<ReturnType<typeof connectTo>['receive']>[0]) =>
    connectTo(account, { webhookSecret: SECRET }).receive(request);

  test('the published vector', async () => {
    expect(await receive(delivery(VECTOR.body, VECTOR.signature))).toEqual(['35436']);
  });

  const signed = sign(TIMESTAMP + VECTOR.body);
  test.each([
    ['more than the signature', delivery(VECTOR.body, `${signed}x`)],
    ['body before timestamp, the old order', delivery(VECTOR.body, sign(VECTOR.body + TIMESTAMP))],
    ['one byte of the body changed', delivery(VECTOR.body.replace('35436', '35437'), signed)],
    ['one character of the signature changed', delivery(VECTOR.body, `v${signed.slice(1)}`)],
    ['a shorter signature', delivery(VECTOR.body, signed.slice(0, 20))],
    ['another secret', delivery(VECTOR.body, sign(TIMESTAMP + VECTOR.body, 'other'))],
    ['a timestamp that was not signed', delivery(VECTOR.body, signed, '2026-11-21T10:00:01Z')],
    ['re-serialised JSON', delivery(`${VECTOR.body}\n`, signed)],
  ])('refuses %s', async (_, request) => {
    expect(await failureOf(receive(request))).toBeInstanceOf(SignatureError);
  });

  test.each(['x-zendesk-webhook-signature', 'x-zendesk-webhook-signature-timestamp'])(
    'refuses without %s',
    async (name) => {
      const good = delivery(VECTOR.body);
      expect(
        await failureOf(receive({ ...good, headers: { ...good.headers, [name]: undefined } })),
      ).toBeInstanceOf(SignatureError);
    },
  );

  test.each([
    ['2026-11-21T09:55:00Z', true],
    ['2026-11-21T09:54:59Z', false],
    ['2026-11-21T10:05:00Z', true],
    ['2026-11-21T10:05:01Z', false],
    ['yesterday', false],
  ])('a delivery signed at %s is taken: %s', async (timestamp, taken) => {
    const call = receive(delivery(VECTOR.body, sign(timestamp + VECTOR.body), timestamp));
    if (taken) expect(await call).toEqual(['35436']);
    else expect(await failureOf(call)).toBeInstanceOf(SignatureError);
  });
});

describe('what it is about', () => {
  const receive = (body: string) => connectTo(account, { webhookSecret: SECRET }).receive(delivery(body));

  test.each([
    ['solved', statusChanged('SOLVED', 'OPEN'), ['5158']],
    ['closed for good', statusChanged('CLOSED', 'SOLVED'), ['5158']],
    ['reopened', statusChanged('OPEN', 'SOLVED'), ['5158']],
    ['open to pending', statusChanged('PENDING', 'OPEN'), []],
    ['an event without statuses', statusChanged('SOLVED', 'OPEN', { event: undefined }), ['5158']],
    ['merged', statusChanged('', '', { type: 'zen:event-type:ticket.merged' }), ['5158']],
    ['an id only in the subject', statusChanged('SOLVED', 'OPEN', { detail: {} }), ['5158']],
    ['another kind of event', '{"type":"zen:event-type:user.created","detail":{"id":"7"}}', []],
  ])('%s', async (_, body, ids) => {
    expect(await receive(body)).toEqual(ids);
  });

  test.each([
    ['not JSON', 'solved!'],
    ['not an object', '[1]'],
    ['no ticket', '{"status":"Solved"}'],
    ['an id that is none', '{"ticket_id":"{{ticket.id}}"}'],
    ['an event without its ticket', statusChanged('SOLVED', 'OPEN', { detail: {}, subject: 'zen:user:1' })],
  ])('signed but unreadable: %s', async (_, body) => {
    expect(await failureOf(receive(body))).toBeInstanceOf(PermanentError);
  });
});

describe('the secret read from Zendesk', () => {
  const LIST = 'GET /api/v2/webhooks';
  const READ = 'GET /api/v2/webhooks/01HAN/signing_secret';
  const webhook = { id: '01HAN', name: 'csat', endpoint: WEBHOOK_URL, status: 'active' };
  const secretIs = (secret: string) =>
    account.on(READ, { body: { signing_secret: { secret, algorithm: 'SHA256' } } });

  test('is found by our address and kept', async () => {
    account.on(LIST, {
      body: { webhooks: [{ ...webhook, id: 'other', endpoint: 'https://else.example' }, webhook] },
    });
    secretIs(SECRET);
    const connector = connectTo(account);
    expect(await connector.receive(delivery(VECTOR.body))).toEqual(['35436']);
    expect(await connector.receive(delivery(VECTOR.body))).toEqual(['35436']);
    expect(account.seen).toHaveLength(2);
  });

  test('is read again after it was rotated, at most once a minute', async () => {
    let now = NOW;
    account.on(LIST, { body: { webhooks: [webhook] } });
    secretIs('old');
    const connector = connectTo(account, {}, { clock: { now: () => now } });
    const forged = delivery(VECTOR.body, sign('nonsense'));
    await connector.receive(delivery(VECTOR.body, sign(TIMESTAMP + VECTOR.body, 'old')));
    secretIs(SECRET);
    for (let i = 0; i < 20; i++)
      expect(await failureOf(connector.receive(forged))).toBeInstanceOf(SignatureError);
    expect(account.calls(READ)).toHaveLength(1);
    now = new Date(NOW.getTime() + 60_000);
    expect(await connector.receive(delivery(VECTOR.body))).toEqual(['35436']);
    expect(account.calls(READ)).toHaveLength(2);
  });

  test('many pushes at once read it once', async () => {
    account.on(LIST, { body: { webhooks: [webhook] } });
    secretIs(SECRET);
    const connector = connectTo(account);
    await Promise.all(Array.from({ length: 10 }, () => connector.receive(delivery(VECTOR.body))));
    expect(account.calls(READ)).toHaveLength(1);
  });

  test('without a webhook of ours nothing can be signed', async () => {
    account.on(LIST, { body: { webhooks: [] } });
    expect(await failureOf(connectTo(account).receive(delivery(VECTOR.body)))).toBeInstanceOf(SignatureError);
  });

  test('while Zendesk cannot be asked the push may come again', async () => {
    account.on(LIST, { status: 503, body: '' });
    const connector = connectTo(account);
    expect(await failureOf(connector.receive(delivery(VECTOR.body)))).toBeInstanceOf(RetryableError);
  });

  test('a reading that failed is not repeated for a minute, and calls no push forged', async () => {
    let now = NOW;
    const connector = connectTo(account, {}, { clock: { now: () => now } });
    account.on(LIST, { status: 503, body: '' });
    for (let i = 0; i < 5; i++)
      expect(await failureOf(connector.receive(delivery(VECTOR.body)))).toBeInstanceOf(RetryableError);
    expect(account.calls(LIST)).toHaveLength(1);
    account.on(LIST, { body: { webhooks: [webhook] } });
    secretIs(SECRET);
    now = new Date(NOW.getTime() + 60_000);
    expect(await connector.receive(delivery(VECTOR.body))).toEqual(['35436']);
  });

  test('a webhook that vanishes while it is read makes no push unreadable', async () => {
    account.on(LIST, { body: { webhooks: [webhook] } });
    account.on(READ, { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } });
    const failure = await failureOf(connectTo(account).receive(delivery(VECTOR.body)));
    expect(failure).toBeInstanceOf(RetryableError);
  });
});
