import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { signDelivery, TEST_BUTTON_SECRET } from './signature.ts';
import { ANA_CASE, startTestAccount } from './test-account.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** An endpoint that gives these answers one after another, the last one for ever. */
async function startEndpoint(...answers: { status: number; headers?: Record<string, string> }[]) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    received.push({ headers: req.headers, body: Buffer.concat(chunks).toString('utf8') });
    const answer = answers[Math.min(received.length, answers.length) - 1] ?? { status: 202 };
    res.writeHead(answer.status, answer.headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

const NEW_WEBHOOK = {
  name: 'csat',
  status: 'active',
  endpoint: 'http://127.0.0.1:9/hook',
  http_method: 'POST',
  request_format: 'json',
  subscriptions: ['zen:event-type:ticket.status_changed'],
};

test('the signature matches the vector of the test button', () => {
  const body = '{"ticket_id":"35436","status":"Solved"}';
  const signature = signDelivery(TEST_BUTTON_SECRET, '2026-11-21T10:00:00Z', body);
  expect(signature).toBe('u78JDmv/bp9o2TtIeW7/YitmGUtXfbZo1OiNQc79xlE=');
});

describe('deliveries', () => {
  test('each change of status is sent, signed over timestamp and raw body', async () => {
    const { sandbox } = await startTestAccount();
    const endpoint = await startEndpoint();
    const { id, signingSecret } = sandbox.registerWebhook({ endpoint: endpoint.url });
    const caseId = await sandbox.openCase(ANA_CASE);
    await sandbox.closeCase(caseId);
    await sandbox.lockCase(caseId);
    await sandbox.deliveriesDone();
    const [solved, closed] = endpoint.received;
    if (solved === undefined || closed === undefined) throw new Error('two deliveries were expected');
    expect(endpoint.received).toHaveLength(2);
    expect(solved.headers).toMatchObject({
      'user-agent': 'Zendesk Webhook',
      'content-type': 'application/json; charset=utf-8',
      'x-zendesk-account-id': '18525119',
      'x-zendesk-webhook-id': id,
      'x-zendesk-webhook-invocation-id': expect.any(String),
      'x-zendesk-webhook-signature-timestamp': '2026-11-21T10:00:00Z',
      'x-zendesk-webhook-signature': signDelivery(signingSecret, '2026-11-21T10:00:00Z', solved.body),
    });
    const event = JSON.parse(solved.body);
    expect(solved.body).toBe(`${JSON.stringify(event, null, 3)}\n`);
    expect(event).toMatchObject({
      subject: `zen:ticket:${caseId}`,
      type: 'zen:event-type:ticket.status_changed',
      zendesk_event_version: '2022-11-06',
      detail: { id: caseId, status: 'SOLVED', type: 'QUESTION', priority: '', external_id: '' },
      event: { current: 'SOLVED', previous: 'OPEN' },
    });
    expect(JSON.parse(closed.body).event).toMatchObject({ current: 'CLOSED', previous: 'SOLVED' });
  });

  test('writes over the API ring too, and what is no change of status does not', async () => {
    const { sandbox, call } = await startTestAccount();
    const endpoint = await startEndpoint();
    sandbox.registerWebhook({ endpoint: endpoint.url });
    const caseId = await sandbox.openCase(ANA_CASE);
    await call('PUT', `/tickets/${caseId}`, { ticket: { tags: ['a'] } });
    await call('PUT', `/tickets/${caseId}`, { ticket: { status: 'solved' } });
    await call('PUT', `/tickets/${caseId}`, { ticket: { status: 'open' } });
    await sandbox.deliveriesDone();
    const currents = endpoint.received.map(({ body }) => JSON.parse(body).event.current);
    expect(currents.sort()).toEqual(['OPEN', 'SOLVED']);
  });

  test.each([
    ['409 three more times', [{ status: 409 }], [409, 409, 409, 409]],
    [
      '503 when it may come back soon',
      [{ status: 503, headers: { 'Retry-After': '0' } }, { status: 202 }],
      [503, 202],
    ],
    ['not 503 with a long wait', [{ status: 503, headers: { 'Retry-After': '60' } }], [503]],
    ['not 503 without a wait', [{ status: 503 }], [503]],
    ['not 500', [{ status: 500 }], [500]],
    ['not 401', [{ status: 401 }], [401]],
  ])('are repeated after %s', async (_what, answers, statuses) => {
    const { sandbox } = await startTestAccount();
    const endpoint = await startEndpoint(...answers);
    sandbox.registerWebhook({ endpoint: endpoint.url });
    await sandbox.closeCase(await sandbox.openCase(ANA_CASE));
    await sandbox.deliveriesDone();
    expect(sandbox.deliveries.map(({ status }) => status)).toEqual(statuses);
    expect(endpoint.received).toHaveLength(statuses.length);
  });

  test('can be multiplied and shuffled, switched off, and end with the webhook', async () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const { sandbox } = await startTestAccount({ webhookDelivery: { times: 5, shuffle: true, random } });
    const endpoint = await startEndpoint();
    const { id } = sandbox.registerWebhook({ endpoint: endpoint.url });
    const ids = [
      await sandbox.openCase(ANA_CASE),
      await sandbox.openCase(ANA_CASE),
      await sandbox.openCase(ANA_CASE),
    ];
    for (const caseId of ids) await sandbox.closeCase(caseId);
    await sandbox.deliveriesDone();
    const rung = endpoint.received.map(({ body }) => JSON.parse(body).detail.id);
    expect(rung).toHaveLength(15);
    expect(rung.slice().sort()).toEqual(ids.flatMap((caseId) => Array(5).fill(caseId)));
    expect(rung).not.toEqual(rung.slice().sort());

    sandbox.setWebhooks('off');
    for (const caseId of ids) await sandbox.reopenCase(caseId);
    sandbox.setWebhooks('once');
    sandbox.setWebhookStatus(id, 'inactive');
    for (const caseId of ids) await sandbox.closeCase(caseId);
    await sandbox.deliveriesDone();
    expect(endpoint.received).toHaveLength(15);
  });
});

describe('the webhooks API', () => {
  test('makes, finds, changes and deletes webhooks and gives their secret', async () => {
    const { call } = await startTestAccount();
    const authentication = { type: 'bearer_token', data: { token: 's3cr' }, add_position: 'header' };
    const made = await call('POST', '/webhooks', { webhook: { ...NEW_WEBHOOK, authentication } });
    expect(made.status).toBe(201);
    const { webhook } = made.body;
    expect(webhook).toMatchObject({
      name: 'csat',
      authentication: { type: 'bearer_token', add_position: 'header' },
    });
    expect(webhook.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(JSON.stringify(webhook)).not.toContain('s3cr');
    await call('POST', '/webhooks', { webhook: { ...NEW_WEBHOOK, name: 'other' } });
    const found = await call('GET', '/webhooks?filter[name_contains]=CSAT&page[size]=1');
    expect(found.body.webhooks).toEqual([webhook]);
    const page = await call('GET', '/webhooks?page[size]=1');
    expect(page.body.meta).toMatchObject({ has_more: true, after_cursor: webhook.id });
    const rest = await call('GET', `/webhooks?page[size]=1&page[after]=${page.body.meta.after_cursor}`);
    expect(rest.body.webhooks[0].name).toBe('other');
    const secret = await call('GET', `/webhooks/${webhook.id}/signing_secret`);
    expect(secret.body.signing_secret).toMatchObject({
      algorithm: 'SHA256',
      secret: expect.stringMatching(/=$/),
    });
    const rotated = await call('POST', `/webhooks/${webhook.id}/signing_secret`);
    expect(rotated.body.signing_secret.secret).not.toBe(secret.body.signing_secret.secret);
    expect((await call('PATCH', `/webhooks/${webhook.id}`, { webhook: { status: 'inactive' } })).status).toBe(
      204,
    );
    expect((await call('GET', `/webhooks/${webhook.id}`)).body.webhook.status).toBe('inactive');
    expect((await call('DELETE', `/webhooks/${webhook.id}`)).status).toBe(204);
    const gone = await call('GET', `/webhooks/${webhook.id}`);
    expect([gone.status, gone.body.errors[0].code]).toEqual([404, 'WebhookNotFound']);
    expect(secret.headers.get('x-rate-limit')).toBe('100');
  });

  test.each([
    [{ name: '' }],
    [{ endpoint: 'nowhere' }],
    [{ status: 'on' }],
    [{ http_method: 'GET' }],
    [{ request_format: 'xml' }],
    [{ subscriptions: [] }],
    [{ subscriptions: ['zen:event-type:ticket.status_changed', 'conditional_ticket_events'] }],
    [{ authentication: { type: 'magic' } }],
  ])('refuses %j', async (attributes) => {
    const { call } = await startTestAccount();
    const answer = await call('POST', '/webhooks', { webhook: { ...NEW_WEBHOOK, ...attributes } });
    expect([answer.status, answer.body.errors[0].code]).toEqual([400, 'InvalidWebhook']);
    expect((await call('GET', '/webhooks')).body.webhooks).toEqual([]);
  });

  test('an event webhook stays one', async () => {
    const { call } = await startTestAccount();
    const { id } = (await call('POST', '/webhooks', { webhook: NEW_WEBHOOK })).body.webhook;
    const webhook = { ...NEW_WEBHOOK, subscriptions: ['conditional_ticket_events'] };
    expect((await call('PUT', `/webhooks/${id}`, { webhook })).status).toBe(400);
  });
});
