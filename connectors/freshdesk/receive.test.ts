import { describe, expect, test } from 'vitest';
import { PermanentError, SignatureError } from '../../src/errors.ts';
import { connectTo, failureOf, WEBHOOK_SECRET } from './scripted-account.ts';

function receive(body: string, secret: string | undefined = WEBHOOK_SECRET): Promise<readonly string[]> {
  const connector = connectTo();
  if (connector.receive === undefined) throw new Error('the connector takes pushes');
  return connector.receive({
    headers: { 'content-type': 'application/json', 'x-caseloop-secret': secret },
    body: new TextEncoder().encode(body),
  });
}

describe('the ticket id is read wherever the rule put it', () => {
  test.each([
    ['the body that provision prints', '{\n  "ticket_id": "11"\n}'],
    ['a number', '{"ticket_id":11}'],
    ['with the sign of a number', '{"ticket_id":"#11"}'],
    ['the usual layout', '{"freshdesk_webhook":{"ticket_id":"11","ticket_status":"Closed"}}'],
    [
      'beside keys without quotes',
      '{"freshdesk_webhook":{"triggered_event":{status:{from:2,to:5}},"ticket_id":"11"}}',
    ],
    ['beside a subject that breaks the JSON', '{"ticket_id":"11","ticket_subject":"he said "no""}'],
    ['XML', '<freshdesk_webhook><ticket_id>11</ticket_id></freshdesk_webhook>'],
    ['a form', 'freshdesk_webhook[ticket_id]=11&freshdesk_webhook[status]=Closed'],
  ])('%s', async (_, body) => {
    expect(await receive(body)).toEqual(['11']);
  });

  test.each([
    ['nothing', ''],
    ['no id', '{"ticket_status":"Closed"}'],
    ['an unfilled placeholder', '{"ticket_id":"{{ticket.id}}"}'],
    ['an id that none can have', '{"ticket_id":"0"}'],
    ['an id with letters', '{"ticket_id":"11abc"}'],
    ['an endless id', `{"ticket_id":"${'1'.repeat(40)}"}`],
  ])('%s is unreadable', async (_, body) => {
    const failure = await failureOf(receive(body));
    expect(failure).toBeInstanceOf(PermanentError);
    expect(failure).toMatchObject({ fix: expect.stringContaining('provision') });
  });
});

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['another', 'another-webhook-secret-for-tests'],
  ['a longer one', `${WEBHOOK_SECRET}x`],
  ['a shorter one', WEBHOOK_SECRET.slice(1)],
  ['one in capitals', WEBHOOK_SECRET.toUpperCase()],
])('%s is not our secret', async (_, secret) => {
  const failure = await failureOf(receive('{"ticket_id":"11"}', secret ?? ''));
  expect(failure).toBeInstanceOf(SignatureError);
  expect(failure.message).not.toContain(WEBHOOK_SECRET);
});

test('without a secret in the configuration no push is taken', () => {
  expect(connectTo({ webhookSecret: undefined }).receive).toBeUndefined();
});
