import type { ScriptedAnswer, ScriptedOrg, SeenRequest } from './scripted-org.ts';

type Message = Readonly<Record<string, unknown>>;

/** The CometD endpoint of a scripted org: it holds `/meta/connect` until there is something to tell. */
export interface ScriptedComet {
  /** The replay ids that subscriptions asked for, in order. */
  readonly asked: readonly unknown[];
  /** Tells these events on the channel of cases, in one answer. */
  tell(...events: readonly Message[]): void;
  /** Answers the `/meta/connect` that waits, or the next one, with this in place of success. */
  answerConnect(answer: Message | ScriptedAnswer): void;
  /** Refuses a kind of message once, with these parts. */
  refuse(channel: '/meta/handshake' | '/meta/subscribe', parts: Message): void;
  /** Resolves when a `/meta/connect` waits behind a subscription. */
  listening(): Promise<void>;
  /** How often a client said goodbye. */
  readonly goodbyes: number;
}

const CHANNEL = '/data/CaseChangeEvent';

/** Scripts the endpoint. `timeoutMs`: what the server's advice says of its long poll. */
export function scriptComet(org: ScriptedOrg, timeoutMs = 60_000): ScriptedComet {
  const asked: unknown[] = [];
  const refusals: { readonly channel: string; readonly parts: Message }[] = [];
  let isSubscribed = false;
  let goodbyes = 0;
  let waiting: ((answer: ScriptedAnswer) => void) | null = null;
  let connectId: unknown = null;
  let heard: () => void = () => undefined;
  const next: ((id: unknown) => ScriptedAnswer)[] = [];

  function release(): void {
    const make = next[0];
    if (waiting === null || make === undefined) return;
    next.shift();
    const answer = waiting;
    waiting = null;
    answer(make(connectId));
  }

  function reply(message: Message): Message {
    const { channel, id } = message;
    const found = refusals.findIndex((one) => one.channel === channel);
    const [refused] = found < 0 ? [] : refusals.splice(found, 1);
    if (refused !== undefined) return { channel, id, successful: false, ...refused.parts };
    if (channel === '/meta/handshake') {
      isSubscribed = false;
      return {
        channel,
        id,
        successful: true,
        version: '1.0',
        clientId: 'client-1',
        supportedConnectionTypes: ['long-polling'],
        ext: { replay: true },
      };
    }
    if (channel === '/meta/subscribe') {
      const { replay } = message.ext as { replay: Record<string, unknown> };
      asked.push(replay[CHANNEL]);
      isSubscribed = true;
      return { channel, id, successful: true, clientId: 'client-1', subscription: message.subscription };
    }
    if (channel === '/meta/disconnect') goodbyes += 1;
    return { channel, id, successful: true, clientId: 'client-1' };
  }

  org.on('POST /cometd/67.0', async ({ text }: SeenRequest) => {
    const messages = [JSON.parse(text)].flat() as readonly Message[];
    const connect = messages.find(({ channel }) => channel === '/meta/connect');
    const replies = messages.filter((message) => message !== connect).map(reply);
    if (connect === undefined) return { body: replies };
    if (replies.length > 0 || !isSubscribed)
      return {
        body: [
          ...replies,
          { ...reply(connect), advice: { reconnect: 'retry', interval: 0, timeout: timeoutMs } },
        ],
      };
    connectId = connect.id;
    const answer = new Promise<ScriptedAnswer>((resolve) => {
      waiting = resolve;
    });
    heard();
    release();
    return answer;
  });

  return {
    asked,
    get goodbyes() {
      return goodbyes;
    },
    tell(...events) {
      const told = events.map((data) => ({ channel: CHANNEL, clientId: 'client-1', data }));
      next.push((id) => ({ body: [...told, { channel: '/meta/connect', id, successful: true }] }));
      release();
    },
    answerConnect(answer) {
      const isHttp = 'status' in answer || 'hang' in answer;
      next.push((id) => (isHttp ? answer : { body: [{ channel: '/meta/connect', id, ...answer }] }));
      release();
    },
    refuse: (channel, parts) => refusals.push({ channel, parts }),
    listening: () =>
      waiting !== null
        ? Promise.resolve()
        : new Promise((resolve) => {
            heard = resolve;
          }),
  };
}

/** A change event as CometD delivers it, with what a test changes in header and body. */
export function changeEvent(
  replayId: number,
  header: Readonly<Record<string, unknown>> = {},
  body: Readonly<Record<string, unknown>> = { Status: 'Closed' },
): Message {
  return {
    schema: 'eJ',
    event: { replayId },
    payload: {
      ChangeEventHeader: {
        entityName: 'Case',
        recordIds: ['500xx000001abcDAAQ'],
        changeType: 'UPDATE',
        changeOrigin: 'com/salesforce/api/rest/67.0',
        commitTimestamp: Date.parse('2026-11-21T09:59:00Z'),
        ...header,
      },
      ...body,
    },
  };
}
