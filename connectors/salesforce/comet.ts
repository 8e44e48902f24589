import type { Connection } from 'jsforce';
import { AuthError, type CaseloopError, ConfigError, RetryableError } from '../../src/errors.ts';
import { TokenRefused } from './refusal.ts';
import { CometMessage } from './schema.ts';

/** How long Salesforce holds a `/meta/connect` open when its advice does not say (2026-11-22). */
const LONG_POLL_MS = 110_000;

/** The stored replay id is too old or of another org: what happened since has to be found otherwise. */
export class ReplayLost extends RetryableError {}

/** A subscription that is alive. */
export interface Subscription {
  /**
   * What came since the last call: nothing when nothing came for so long, null once the signal has aborted. Throws when the
   * connection was lost, after what had come before was handed out: TokenRefused when the token ended, else RetryableError.
   */
  next(patienceMs: number): Promise<readonly unknown[] | null>;
  /** Ends it and its connection. Safe to repeat. */
  close(): void;
}

/** Where events begin: behind a replay id, or only new ones. */
export type ReplayFrom = number | string | 'new events only';

/**
 * Subscribes to a channel through jsforce's CometD client, which goes on silently when it is refused, forgets a replay id
 * that is not accepted and sends everything again for ever (jsforce#1709, #129, seen 2026-11-21). So it gets one attempt a
 * message with a time limit, and whatever fails ends the subscription and is thrown.
 *
 * A signal that aborts meanwhile makes it a subscription without events. Throws TokenRefused, ReplayLost, ConfigError when the channel is not there or not allowed, RetryableError otherwise.
 */
export async function subscribe(
  salesforce: Connection,
  options: {
    readonly channel: string;
    readonly replayFrom: ReplayFrom;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Subscription> {
  const { channel, replayFrom, timeoutMs, signal } = options;
  const inbox = createInbox();
  const opened = Promise.withResolvers<void>();
  // Whoever waits for the opening hears of it, and so does whoever reads afterwards.
  opened.promise.catch(() => undefined);
  let longPollMs = LONG_POLL_MS;
  let isClosed = false;

  const client = salesforce.streaming.createClient([
    {
      outgoing(message: { channel: string; ext?: object }, pass: (message: unknown) => void) {
        if (message.channel === '/meta/subscribe') {
          const replayId = replayFrom === 'new events only' ? -1 : replayFrom;
          pass({ ...message, ext: { ...message.ext, replay: { [channel]: replayId } } });
        } else pass(message);
      },
      incoming(raw: unknown, pass: (message: unknown) => void) {
        const message = CometMessage.safeParse(raw).data;
        if (isClosed || message === undefined) return pass(null);
        const failure = failureOf(message);
        if (failure !== null) {
          // Not passed on, since the client would answer it by trying again.
          pass(null);
          return fail(failure);
        }
        longPollMs = message.advice?.timeout ?? longPollMs;
        if (message.channel === channel) inbox.add(message.data);
        pass(raw);
        if (message.channel === '/meta/subscribe') opened.resolve();
      },
    },
  ]);
  const insides = insidesOf(client);
  insides._dispatcher._scheduler = oneAttempt((message) =>
    message.channel === '/meta/connect' ? longPollMs + timeoutMs : timeoutMs,
  );
  insides._dispatcher.retry = 0.001;
  insides.on('transport:down', () =>
    fail(new RetryableError('Salesforce stream: the connection broke, or nothing was heard for too long')),
  );

  function fail(error: CaseloopError): void {
    if (isClosed) return;
    close();
    inbox.end(error);
    opened.reject(error);
  }

  function stop(): void {
    close();
    inbox.end(null);
    opened.resolve();
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    signal.removeEventListener('abort', stop);
    hangUp(insides);
  }

  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  else client.subscribe(channel, () => undefined);
  await opened.promise;
  return { next: inbox.next, close };
}

/** Events that wait to be read, and how it ended: null for a stop that was asked for. */
function createInbox() {
  let waiting: unknown[] = [];
  let ended: { readonly by: CaseloopError | null } | null = null;
  let wake: () => void = () => undefined;
  return {
    add(event: unknown): void {
      waiting.push(event);
      wake();
    },
    end(by: CaseloopError | null): void {
      ended = { by };
      wake();
    },
    async next(patienceMs: number): Promise<readonly unknown[] | null> {
      if (waiting.length === 0 && ended === null) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, patienceMs);
        });
        clearTimeout(timer);
      }
      if (ended?.by === null) return null;
      if (waiting.length === 0 && ended !== null) throw ended.by;
      const events = waiting;
      waiting = [];
      return events;
    },
  };
}

/** What a message means that is not a success; null for one that is, and for events. */
function failureOf(message: CometMessage): CaseloopError | null {
  const { channel, successful, advice, error, ext, errorCode } = message;
  if (channel == null) {
    const words = `${errorCode ?? ''} ${message.message ?? ''}`;
    return toError('the request', errorCode === 'INVALID_SESSION_ID' ? '401' : '', words);
  }
  if (successful !== false && advice?.reconnect !== 'none') return null;
  const reasons = [ext?.sfdc?.failureReason, error].filter((text) => text != null);
  const code = reasons.map((text) => /^(\d{3}):/.exec(text)?.[1]).find((found) => found !== undefined);
  return toError(channel, code ?? '', reasons.join(' '));
}

function toError(channel: string, code: string, words: string): CaseloopError {
  const where = `Salesforce stream: ${channel} was refused${code === '' ? '' : ` with ${code}`}`;
  if (code === '401') {
    return new TokenRefused(where, {
      fix: 'Check auth in the configuration, and that the External Client App and the user behind it are still active.',
    });
  }
  if (channel === '/meta/subscribe' && /replay/i.test(words))
    return new ReplayLost(`${where}, the replay id is lost`);
  if (/limit/i.test(words)) return new RetryableError(`${where}, a limit of the org is used up`);
  if (channel === '/meta/subscribe') {
    return new ConfigError(`${where}, change events of cases are not there for our user`, {
      fix: 'Switch Change Data Capture on for Case (`caseloop provision CONNECTOR --apply`), and let the user Caseloop acts as view all cases; or set stream: false.',
    });
  }
  if (code === '403' && channel === '/meta/handshake') {
    return new AuthError(`${where}, the user may not stream`, {
      fix: 'Give the user Caseloop acts as "API Enabled" and the app the scope "api"; or set stream: false.',
    });
  }
  return new RetryableError(where);
}

/** What jsforce's client, faye 1.4.3, keeps to itself and offers no option for through jsforce. */
interface Insides {
  _state: number;
  readonly DISCONNECTED: number;
  readonly _dispatcher: {
    retry: number;
    _scheduler: ReturnType<typeof oneAttempt>;
    readonly _envelopes: Map<string, Envelope>;
  };
  on(event: 'transport:down', listener: () => void): void;
  disconnect(): unknown;
}

interface Envelope {
  readonly message: { readonly channel: string };
  readonly request?: Promise<{ abort?(): void } | undefined> | null;
  readonly timer?: NodeJS.Timeout | null;
}

function insidesOf(client: unknown): Insides {
  return client as Insides;
}

/** A scheduler for faye that sends each message once, with a time limit of our own. */
function oneAttempt(limitMsOf: (message: { readonly channel: string }) => number) {
  return function schedule(message: { readonly channel: string }) {
    let isSent = false;
    const ignore = (): void => undefined;
    return {
      getTimeout: () => limitMsOf(message) / 1_000,
      getInterval: () => 0,
      isDeliverable: () => !isSent,
      send: () => {
        isSent = true;
      },
      succeed: ignore,
      fail: ignore,
      abort: ignore,
    };
  };
}

/** Says goodbye where there is a session, and drops what is still under way, so that nothing keeps the process alive. */
function hangUp(insides: Insides): void {
  const { _envelopes: envelopes } = insides._dispatcher;
  const open = [...envelopes];
  insides.disconnect();
  insides._state = insides.DISCONNECTED;
  for (const [id, { request, timer }] of open) {
    envelopes.delete(id);
    clearTimeout(timer ?? undefined);
    void request?.then((sent) => sent?.abort?.());
  }
}
