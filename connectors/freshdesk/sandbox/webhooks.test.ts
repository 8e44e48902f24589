import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, NEW_TICKET, startTestAccount } from './test-account.ts';

interface Inbox extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  answerWith(status: number): void;
}

async function openInbox(): Promise<Inbox> {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  let status = 202;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answerWith(next) {
      status = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a rule calls its webhook when a status changes, by hand or through the API, and for nothing else', async () => {
  await using inbox = await openInbox();
  await using account = await startTestAccount();
  const { sandbox, call } = account;
  sandbox.installRule({
    url: inbox.url,
    headers: { 'X-Secret': 's3cret' },
    body: '{"id":"{{ticket.id}}","event":"{{triggered_event}}","status":"{{ticket.status}}","url":"{{ticket.url}}"}',
  });
  const id = await sandbox.openCase(ANA_CASE);
  await sandbox.reply(id, { by: 'agent', body: 'Hello' });
  await call('PUT', `/tickets/${id}`, { priority: 3, status: 2 });
  await call('POST', '/tickets', { ...NEW_TICKET, status: 5 });
  await sandbox.closeCase(id);
  await sandbox.deliveriesDone();
  expect(inbox.received.map(({ body }) => body)).toEqual([
    `{"id":"${id}","event":"{status:{from:2,to:4}}","status":"Resolved","url":"${sandbox.url}/helpdesk/tickets/${id}"}`,
  ]);
  expect(inbox.received[0]?.headers).toMatchObject({
    ...{ 'x-secret': 's3cret', 'content-type': 'application/json' },
  });
  await call('PUT', `/tickets/${id}`, { status: 2 });
  await sandbox.deliveriesDone();
  expect(JSON.parse(inbox.received[1]?.body ?? '').event).toBe('{status:{from:4,to:2}}');
});

test('values go into the body as they are, and unknown placeholders leave nothing', async () => {
  await using inbox = await openInbox();
  await using account = await startTestAccount();
  const body = '{"s":"{{ticket.subject}}","n":"{{ ticket.requester.name }}","x":"{{ticket.nothing}}"}';
  account.sandbox.installRule({ url: inbox.url, headers: {}, body });
  const id = await account.sandbox.openCase({ ...ANA_CASE, subject: 'a "quoted" {{ticket.id}}' });
  await account.sandbox.closeCase(id);
  await account.sandbox.deliveriesDone();
  expect(inbox.received[0]?.body).toBe('{"s":"a "quoted" {{ticket.id}}","n":"Ana Example","x":""}');
});

test('the rule that the guide asks for carries the secret of the settings and the id as text', async () => {
  await using inbox = await openInbox();
  await using account = await startTestAccount();
  await account.sandbox.finishByHand({ webhookUrl: inbox.url });
  const id = await account.sandbox.openCase(ANA_CASE);
  await account.sandbox.closeCase(id);
  await account.sandbox.deliveriesDone();
  const [push] = inbox.received;
  expect(push?.headers['x-caseloop-secret']).toBe(account.sandbox.settings.webhookSecret);
  expect(JSON.parse(push?.body ?? '').freshdesk_webhook).toMatchObject({
    ...{ ticket_id: id, triggered_event: '{status:{from:2,to:4}}' },
  });
});

test('what is not taken comes again 5, 30 and 60 minutes after the first time, then the admins are told', async () => {
  await using inbox = await openInbox();
  await using account = await startTestAccount();
  const { sandbox, clock } = account;
  inbox.answerWith(500);
  const { id: ruleId } = sandbox.installRule({ url: inbox.url, headers: {}, body: '{{ticket.id}}' });
  const caseId = await sandbox.openCase(ANA_CASE);
  await sandbox.closeCase(caseId);
  await sandbox.deliveriesDone();
  for (const [waitMinutes, attempts] of [
    [4, 1],
    [1, 2],
    [24, 2],
    [1, 3],
    [29, 3],
    [1, 4],
    [600, 4],
  ] as const) {
    clock.advance(waitMinutes * MINUTE_MS);
    await vi.waitFor(() => expect(sandbox.deliveries).toHaveLength(attempts));
    await sandbox.deliveriesDone();
  }
  expect(sandbox.deliveries.map(({ status, at }) => [status, at.toISOString().slice(11, 16)])).toEqual([
    [500, '10:00'],
    [500, '10:05'],
    [500, '10:30'],
    [500, '11:00'],
  ]);
  expect(sandbox.adminAlerts).toEqual([{ ruleId, caseId }]);
});

test('a delivery that is taken the second time is not made again', async () => {
  await using inbox = await openInbox();
  await using account = await startTestAccount();
  inbox.answerWith(503);
  account.sandbox.installRule({ url: inbox.url, headers: {}, body: '{{ticket.id}}' });
  await account.sandbox.closeCase(await account.sandbox.openCase(ANA_CASE));
  await account.sandbox.deliveriesDone();
  inbox.answerWith(202);
  account.clock.advance(5 * MINUTE_MS);
  await vi.waitFor(() => expect(inbox.received).toHaveLength(2));
  await account.sandbox.deliveriesDone();
  account.clock.advance(600 * MINUTE_MS);
  await account.sandbox.deliveriesDone();
  expect(account.sandbox.adminAlerts).toEqual([]);
  expect(inbox.received).toHaveLength(2);
});

test('rules can be switched off, and deliveries lost, repeated and shuffled', async () => {
  await using inbox = await openInbox();
  await using account = await startTestAccount();
  const { sandbox } = account;
  const { id } = sandbox.installRule({ url: inbox.url, headers: {}, body: '{{ticket.id}}' });
  const close = async (): Promise<string> => {
    const caseId = await sandbox.openCase(ANA_CASE);
    await sandbox.closeCase(caseId);
    return caseId;
  };
  sandbox.setRuleStatus(id, 'inactive');
  await close();
  sandbox.setRuleStatus(id, 'active');
  sandbox.setWebhooks('off');
  await close();
  sandbox.setWebhooks({ times: 3, shuffle: true, random: () => 0 });
  const made = [await close(), await close()];
  await sandbox.deliveriesDone();
  expect(inbox.received.map(({ body }) => body).sort()).toEqual([...made, ...made, ...made].sort());
  sandbox.setRuleStatus(id, 'deleted');
  await close();
  await sandbox.deliveriesDone();
  expect(inbox.received).toHaveLength(6);
});
