import { beforeEach, expect, test } from 'vitest';
import { ANA_CASE, startTestOrg, type TestOrg } from './test-org.ts';

type Message = Record<string, unknown>;

let org: TestOrg;
let authorization = '';
let cookie = '';
let clientId = '';

beforeEach(async () => {
  org = await startTestOrg({ changeEvents: true, pollMs: 100 });
  authorization = `OAuth ${await org.token()}`;
  const { headers, body } = await post([HANDSHAKE], { authorization });
  cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  clientId = body[0].clientId;
});

const HANDSHAKE = {
  channel: '/meta/handshake',
  version: '1.0',
  supportedConnectionTypes: ['long-polling'],
  id: '1',
};
const SUBSCRIBE = { channel: '/meta/subscribe', subscription: '/data/CaseChangeEvent', id: '2' };
const CONNECT = { channel: '/meta/connect', connectionType: 'long-polling', id: '3' };

const post = (messages: unknown, headers: Record<string, string>) =>
  org.raw('POST', '/cometd/67.0', messages, headers);
/** Sends as the client that shook hands. */
const send = async (message: Message, headers: Record<string, string> = {}): Promise<readonly Message[]> =>
  (await post([{ clientId, ...message }], { authorization, cookie, ...headers })).body;

test('the first poll is answered at once with advice, the next when something happens or in its time', async () => {
  expect(await send(SUBSCRIBE)).toMatchObject([
    { successful: true, subscription: '/data/CaseChangeEvent', id: '2' },
  ]);
  expect(await send(CONNECT)).toMatchObject([
    { successful: true, advice: { reconnect: 'retry', interval: 0, timeout: 100 }, id: '3' },
  ]);
  expect(await send(CONNECT)).toEqual([{ clientId, channel: '/meta/connect', successful: true, id: '3' }]);
  await org.sandbox.openCase(ANA_CASE);
  expect(await send(CONNECT)).toMatchObject([
    { channel: '/data/CaseChangeEvent', data: { event: { replayId: expect.any(Number) } } },
    { channel: '/meta/connect' },
  ]);
});

test.each<[string, Message, Record<string, string>, string]>([
  ['a client that nobody knows', { ...CONNECT, clientId: 'nobody' }, {}, '403::Unknown client'],
  ['another token', CONNECT, { authorization: 'OAuth another' }, '401::Authentication invalid'],
  ['no cookie', CONNECT, { cookie: '' }, 'no BAYEUX_BROWSER cookie present'],
  ['another way to connect', { ...CONNECT, connectionType: 'websocket' }, {}, '400::Invalid connection type'],
  ['a channel that is not there', { ...SUBSCRIBE, subscription: '/data/Nothing__chn' }, {}, 'does not exist'],
  ['a channel without a slash', { ...SUBSCRIBE, subscription: 'data' }, {}, 'must start with a leading'],
  ['no channel', { channel: '/meta/subscribe' }, {}, '400::Channel name not specified'],
  ['publishing', { channel: '/data/CaseChangeEvent', data: {} }, {}, '403::'],
  [
    'a replay id that never was',
    { ...SUBSCRIBE, ext: { replay: { '/data/CaseChangeEvent': 5 } } },
    {},
    '400::The replayId {5}',
  ],
])('%s is refused', async (_title, message, headers, error) => {
  const [reply] = await send(message, headers);
  expect(reply).toMatchObject({ successful: false, error: expect.stringContaining(error) });
});

test('a handshake is denied with the reason', async () => {
  for (const [headers, failureReason] of [
    [{ authorization: 'OAuth another' }, '401::Authentication invalid'],
    [{}, '401::Request requires authentication'],
  ] as const) {
    expect((await post([HANDSHAKE], headers)).body).toMatchObject([
      {
        successful: false,
        error: '403::Handshake denied',
        advice: { reconnect: 'none' },
        ext: { sfdc: { failureReason } },
      },
    ]);
  }
  org.sandbox.expireSessions();
  expect((await post([HANDSHAKE], { authorization })).body[0].successful).toBe(false);
});

test('who says goodbye is forgotten, and what is no Bayeux is a 400', async () => {
  await send(SUBSCRIBE);
  expect(org.sandbox.subscriptions).toBe(1);
  expect(await send({ channel: '/meta/unsubscribe', subscription: SUBSCRIBE.subscription })).toMatchObject([
    { successful: true },
  ]);
  expect(org.sandbox.subscriptions).toBe(0);
  expect(await send({ channel: '/meta/disconnect' })).toMatchObject([{ successful: true }]);
  expect(await send(CONNECT)).toMatchObject([
    { error: '403::Unknown client', advice: { reconnect: 'handshake' } },
  ]);
  expect((await post('nothing', { authorization })).status).toBe(400);
  expect((await org.raw('POST', '/cometd/20.0', [HANDSHAKE], { authorization })).status).toBe(400);
});
