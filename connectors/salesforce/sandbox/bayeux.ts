import type { StoredEvent } from './change-events.ts';
import { isObject, type JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';

/** Objects that have a channel of their own. */
const CHANNEL_OBJECTS = ['Case', 'CaseComment', 'Task', 'Contact', 'Account', 'EmailMessage', 'User'];

/** What a client whose session was ended is told. */
export const UNAUTHENTICATED: JsonObject = {
  error: '401::Authentication invalid',
  advice: { reconnect: 'none', interval: 0 },
};

/** What a client that the server does not know is told. */
export const UNKNOWN_CLIENT: JsonObject = {
  error: '403::Unknown client',
  advice: { interval: 0, reconnect: 'handshake' },
};

/** The messages of a request: one or a list. Throws a Refusal for anything else. */
export function readMessages(body: string): readonly JsonObject[] {
  try {
    const value: unknown = JSON.parse(body);
    const messages = Array.isArray(value) ? value : [value];
    if (messages.length > 0 && messages.every(isObject)) return messages;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal(400, 'Bayeux messages were expected');
}

/** The id of a message, for its reply. */
export function idOf({ id }: JsonObject): JsonObject {
  return id === undefined ? {} : { id };
}

/** A refused handshake says why in its `ext`. */
export function deniedHandshake(reply: JsonObject, failureReason: string): JsonObject {
  return {
    ...reply,
    ext: { sfdc: { failureReason }, replay: true, 'payload.format': true },
    error: '403::Handshake denied',
    advice: { reconnect: 'none' },
    successful: false,
  };
}

/** True for channels that are there: all change events, or those of one object. */
export function isChannel(channel: string): boolean {
  return (
    channel === '/data/ChangeEvents' || CHANNEL_OBJECTS.some((name) => channel === `/data/${name}ChangeEvent`)
  );
}

/** True when an event belongs on a channel. */
export function belongsOn(channel: string, { entity }: StoredEvent): boolean {
  return channel === '/data/ChangeEvents' || channel === `/data/${entity}`;
}

/** From where a subscription wants events: -1 new ones, -2 all that are kept, else those behind an id. */
export function replayOf({ ext }: JsonObject, channel: string): number {
  const replay = isObject(ext) ? ext.replay : undefined;
  const from = isObject(replay) ? replay[channel] : undefined;
  return typeof from === 'number' ? from : from === undefined ? -1 : Number(from);
}
