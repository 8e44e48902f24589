import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { SECOND_MS } from '../../../src/clock.ts';
import type { Credentials } from './auth.ts';
import {
  belongsOn,
  deniedHandshake,
  idOf,
  isChannel,
  readMessages,
  replayOf,
  UNAUTHENTICATED,
  UNKNOWN_CLIENT,
} from './bayeux.ts';
import { type ChangeEvents, presentEvent, type StoredEvent } from './change-events.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';
import { API_VERSION, type RestReply } from './rest.ts';

/** How a stream falls silent. */
export type Silence =
  /** Looks alive: polls are answered, events never come. */
  | 'no events'
  /** Polls are never answered. */
  | 'no answers';

/** Streaming over Bayeux. */
export interface CometServer {
  /** Answers a request; null when it never will be. Throws Refusal. */
  answer(request: Request, body: string): Promise<RestReply | null>;
  /** Streams that are open now fall silent; those that are opened later are well. */
  silence(how: Silence): void;
  /** The server forgets its clients: they must shake hands again. */
  forgetClients(): void;
  /** Looks whether everybody who waits may still wait; call it when sessions were ended. */
  checkSessions(): void;
  /** Subscriptions of all clients. */
  readonly subscriptions: number;
  close(): void;
}

interface Client {
  readonly id: string;
  readonly authorization: string;
  readonly channels: Map<string, number>;
  readonly queue: JsonObject[];
  silence: Silence | null;
  hasConnected: boolean;
  held: { readonly messageId: unknown; readonly end: (messages: readonly JsonObject[]) => void } | null;
  patience: NodeJS.Timeout | undefined;
}

const COOKIE = 'BAYEUX_BROWSER';
/** A client that does not come back within this time is forgotten. */
const PATIENCE_MS = 40 * SECOND_MS;

/** How the streaming behaves. */
export interface CometOptions {
  /** How long a poll waits for events, in real time. Salesforce: 110 s. */
  readonly pollMs?: number;
}

/** A Bayeux server for change events. Polls pass in real time; what is replayed goes by the org's clock. */
export function createComet(
  credentials: Credentials,
  events: ChangeEvents,
  { pollMs = 110 * SECOND_MS }: CometOptions,
): CometServer {
  const clients = new Map<string, Client>();
  const advice = { interval: 0, timeout: pollMs, reconnect: 'retry' };

  const expectBack = (client: Client): void => {
    clearTimeout(client.patience);
    client.patience = setTimeout(() => clients.delete(client.id), PATIENCE_MS).unref();
  };

  const drop = (client: Client, last: readonly JsonObject[] = []): void => {
    clients.delete(client.id);
    client.held?.end(last);
    clearTimeout(client.patience);
  };

  const flush = (client: Client): void => {
    const { held, silence } = client;
    if (held === null || silence !== null || client.queue.length === 0) return;
    held.end([...client.queue.splice(0), connected(client, held.messageId)]);
  };

  events.onEvents((told) => {
    for (const client of clients.values()) {
      for (const event of told) enqueue(client, event);
      flush(client);
    }
  });

  const handshake = (message: JsonObject, authorization: string | undefined): readonly JsonObject[] => {
    const reply = { channel: '/meta/handshake', ...idOf(message) };
    if (authorization === undefined || credentials.identify(authorization) === null) {
      const isBare = authorization === undefined;
      return [
        deniedHandshake(
          reply,
          isBare ? '401::Request requires authentication' : '401::Authentication invalid',
        ),
      ];
    }
    const types = message.supportedConnectionTypes;
    if (!Array.isArray(types) || !types.includes('long-polling')) {
      return [{ ...reply, error: `400::Invalid connection type ${types}`, successful: false }];
    }
    const id = randomBytes(16).toString('hex');
    const client: Client = {
      id,
      authorization,
      channels: new Map(),
      queue: [],
      silence: null,
      hasConnected: false,
      held: null,
      patience: undefined,
    };
    clients.set(id, client);
    expectBack(client);
    return [
      {
        ...reply,
        ext: { replay: true, 'payload.format': true },
        minimumVersion: '1.0',
        version: '1.0',
        clientId: id,
        supportedConnectionTypes: ['long-polling'],
        successful: true,
      },
    ];
  };

  const subscribe = (client: Client, message: JsonObject): readonly JsonObject[] => {
    const channel = message.subscription;
    const reply = {
      clientId: client.id,
      channel: '/meta/subscribe',
      ...idOf(message),
      subscription: channel,
    };
    const refused = (error: string): readonly JsonObject[] => [{ ...reply, error, successful: false }];
    if (typeof channel !== 'string') return refused('400::Channel name not specified');
    if (!channel.startsWith('/')) return refused("400::Channel subscriptions must start with a leading '/'");
    if (!isChannel(channel)) {
      return refused(`400::The channel you requested to subscribe to does not exist {${channel}}`);
    }
    const replay = replayOf(message, channel);
    const retained = events.retained();
    const isKnown = retained.some(({ replayId }) => replayId === replay);
    if (replay !== -1 && replay !== -2 && !isKnown) {
      return refused(
        `400::The replayId {${replay}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
      );
    }
    client.channels.set(channel, replay);
    for (const event of retained) {
      if (replay !== -1 && event.replayId > replay && belongsOn(channel, event)) {
        client.queue.push({ channel, data: presentEvent(event) });
      }
    }
    flush(client);
    return [{ ...reply, successful: true }];
  };

  const connect = (
    client: Client,
    message: JsonObject,
    request: Request,
  ): Promise<readonly JsonObject[]> | readonly JsonObject[] => {
    if (message.connectionType !== 'long-polling') {
      const error = `400::Invalid connection type ${message.connectionType}`;
      return [{ clientId: client.id, channel: '/meta/connect', ...idOf(message), error, successful: false }];
    }
    client.held?.end([connected(client, client.held.messageId)]);
    const isFirst = !client.hasConnected;
    client.hasConnected = true;
    if (client.silence === null && (isFirst || client.queue.length > 0)) {
      return [
        ...client.queue.splice(0),
        { ...connected(client, message.id), ...(isFirst ? { advice } : {}) },
      ];
    }
    return new Promise((resolve) => {
      const end = (messages: readonly JsonObject[]): void => {
        clearTimeout(timer);
        client.held = null;
        expectBack(client);
        resolve(messages);
      };
      const timer = setTimeout(() => {
        if (client.silence !== 'no answers') end([connected(client, message.id)]);
      }, pollMs);
      clearTimeout(client.patience);
      client.held = { messageId: message.id, end };
      request.res?.once('close', () => {
        if (client.held?.end === end) end([]);
      });
    });
  };

  const answerOne = async (message: JsonObject, request: Request): Promise<readonly JsonObject[]> => {
    const authorization = request.get('authorization');
    if (message.channel === '/meta/handshake') return handshake(message, authorization);
    const client = clients.get(String(message.clientId));
    const reply = { channel: message.channel, ...idOf(message), successful: false };
    if (client === undefined) return [{ ...reply, ...UNKNOWN_CLIENT }];
    if (credentials.identifyStream(authorization) === null) {
      drop(client);
      return [{ ...reply, clientId: client.id, ...UNAUTHENTICATED }];
    }
    if (!(request.get('cookie') ?? '').includes(`${COOKIE}=`)) {
      const error = `400::Client ${client.id} has established a session, but no ${COOKIE} cookie present`;
      return [{ ...reply, error }];
    }
    if (client.held === null) expectBack(client);
    switch (message.channel) {
      case '/meta/subscribe':
        return subscribe(client, message);
      case '/meta/unsubscribe':
        client.channels.delete(String(message.subscription));
        return [{ ...reply, clientId: client.id, subscription: message.subscription, successful: true }];
      case '/meta/connect':
        return connect(client, message, request);
      case '/meta/disconnect':
        drop(client, client.held === null ? [] : [connected(client, client.held.messageId)]);
        return [{ ...reply, clientId: client.id, successful: true }];
      default:
        return [{ ...reply, error: '403::Publishing is not allowed' }];
    }
  };

  return {
    async answer(request, body) {
      if (request.params.version !== API_VERSION) {
        throw new Refusal(400, `Unsupported API version. URI format: '/cometd/${API_VERSION}'`);
      }
      const messages = readMessages(body);
      const replies: JsonObject[] = [];
      for (const message of messages) replies.push(...(await answerOne(message, request)));
      if (replies.length === 0) return null;
      const isHandshake = messages.some(({ channel }) => channel === '/meta/handshake');
      const cookie = `${COOKIE}=${randomBytes(8).toString('hex')};Path=/;HttpOnly`;
      return { status: 200, body: replies, ...(isHandshake ? { headers: { 'Set-Cookie': cookie } } : {}) };
    },
    silence(how) {
      for (const client of clients.values()) client.silence = how;
    },
    forgetClients() {
      for (const client of [...clients.values()]) {
        const { held } = client;
        const reply = { channel: '/meta/connect', successful: false, ...UNKNOWN_CLIENT };
        drop(client, held === null ? [] : [{ ...reply, id: held.messageId }]);
      }
    },
    checkSessions() {
      for (const client of [...clients.values()]) {
        if (credentials.identifyStream(client.authorization) !== null) continue;
        const { held } = client;
        const reply = {
          clientId: client.id,
          channel: '/meta/connect',
          successful: false,
          ...UNAUTHENTICATED,
        };
        drop(client, held === null ? [] : [{ ...reply, id: held.messageId }]);
      }
    },
    get subscriptions() {
      return [...clients.values()].reduce((count, { channels }) => count + channels.size, 0);
    },
    close() {
      for (const client of [...clients.values()]) drop(client);
    },
  };

  function connected({ id }: Client, messageId: unknown): JsonObject {
    return { clientId: id, channel: '/meta/connect', ...idOf({ id: messageId }), successful: true };
  }

  function enqueue(client: Client, event: StoredEvent): void {
    for (const channel of client.channels.keys()) {
      if (belongsOn(channel, event)) client.queue.push({ channel, data: presentEvent(event) });
    }
  }
}
