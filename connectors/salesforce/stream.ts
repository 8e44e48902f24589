import { z } from 'zod';
import { HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import type { Connector, ConnectorContext, StreamBell } from '../../src/connector.ts';
import { PermanentError, RetryableError } from '../../src/errors.ts';
import { CLIENT_NAME, type SalesforceApi } from './client.ts';
import { type ReplayFrom, ReplayLost, type Subscription, subscribe } from './comet.ts';
import type { Config } from './config.ts';
import { toId } from './ids.ts';
import { TokenRefused } from './refusal.ts';
import { ChangeEvent } from './schema.ts';
import { OVERLAP_MS } from './watch.ts';

const CHANNEL = '/data/CaseChangeEvent';

/** Salesforce keeps events for 72 hours (2026-11-21); an older replay id may be accepted without a word. */
const RETAINED_MS = 71 * HOUR_MS;

/** Where a stream stands: behind an event, or at an instant before any event was seen. */
const Place = z.object({
  v: z.literal(1),
  replayId: z.union([z.number(), z.string()]).nullable(),
  /** All that was committed before it has been told. */
  at: z.iso.datetime().transform((text) => new Date(text)),
});
type Place = z.output<typeof Place>;

type Stream = NonNullable<Connector['stream']>;

/** A subscription that looks alive may be told nothing any more (jsforce#129, #857, seen 2026-11-21); it is made anew. */
const QUIET_MS = 30 * MINUTE_MS;

interface Listener {
  readonly api: SalesforceApi;
  readonly config: Config;
  readonly context: ConnectorContext;
  /** Default half an hour. */
  readonly quietMs?: number;
}

/**
 * Listens to change events of cases. Events name ids, often many at once; what Salesforce could not put into an event is
 * asked of a watch, and so is what was lost when the stored replay id is no longer good. Our own changes ring no bell; a
 * bell without ids only moves the cursor. Ends when `signal` aborts.
 *
 * Throws AuthError when no token is to be had, ConfigError when the channel is not there, RetryableError when the connection
 * was lost; a token that ended is renewed first.
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_intro.htm (2026-11-22)
 */
export async function streamCases(
  listener: Listener,
  ...[cursor, push, signal]: Parameters<Stream>
): Promise<void> {
  let place = cursor === null ? null : readPlace(cursor);
  while (!signal.aborted) place = await listenUntilQuiet(listener, place, push, signal);
}

/** One subscription, from its opening until it is quiet for long. Gives where it stands then. */
async function listenUntilQuiet(
  { api, config, context, quietMs = QUIET_MS }: Listener,
  start: Place | null,
  push: Parameters<Stream>[1],
  signal: AbortSignal,
): Promise<Place> {
  const { subscription, isGapless, salesforce } = await api.withConnection(async (salesforce) => {
    const open = (replayFrom: ReplayFrom) =>
      subscribe(salesforce, { channel: CHANNEL, replayFrom, timeoutMs: config.timeout, signal });
    return { salesforce, ...(await openBehind(start, context.clock.now(), open)) };
  });
  try {
    let place: Place =
      isGapless && start !== null ? start : { v: 1, replayId: null, at: context.clock.now() };
    if (!isGapless && !signal.aborted) {
      // Only now: what changes from here on comes as an event.
      const bell = start === null ? { ids: [] } : { rescanFrom: before(start.at) };
      await push(bell, JSON.stringify(place));
    }
    for (;;) {
      const events = await subscription.next(quietMs);
      if (events === null || events.length === 0) return place;
      for (const { bell, reached } of bellsOf(events, place)) {
        await push(bell, JSON.stringify(reached));
        place = reached;
      }
    }
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    await api.renewTokenOf(salesforce);
    throw new RetryableError('Salesforce stream: the token ended and was renewed; connect again', {
      cause: error,
    });
  } finally {
    subscription.close();
  }
}

/** Subscribes behind the stored event where Salesforce still has it. `isGapless`: nothing happened unseen in between. */
async function openBehind(
  start: Place | null,
  now: Date,
  open: (replayFrom: ReplayFrom) => Promise<Subscription>,
): Promise<{ subscription: Subscription; isGapless: boolean }> {
  const isFresh = start !== null && now.getTime() - start.at.getTime() < RETAINED_MS;
  if (isFresh && start.replayId !== null) {
    try {
      return { subscription: await open(start.replayId), isGapless: true };
    } catch (error) {
      if (!(error instanceof ReplayLost)) throw error;
    }
  }
  return { subscription: await open('new events only'), isGapless: false };
}

interface Ring {
  readonly bell: StreamBell;
  readonly reached: Place;
}

/** Events that came together as few bells: ids until something cannot be named, then a watch for that. Pure. */
function bellsOf(events: readonly unknown[], from: Place): readonly Ring[] {
  const rings: Ring[] = [];
  let ids = new Set<string>();
  let reached = from;
  let isOpen = false;
  const ring = (bell: StreamBell): void => {
    rings.push({ bell, reached });
    ids = new Set();
    isOpen = false;
  };
  for (const raw of events) {
    const event = ChangeEvent.safeParse(raw).data;
    const told = event === undefined ? { rescanFrom: before(from.at) } : tell(event, reached);
    if ('rescanFrom' in told) {
      if (isOpen) ring({ ids: [...ids] });
      reached = event === undefined ? reached : placeOf(event, reached);
      ring(told);
      continue;
    }
    reached = event === undefined ? reached : placeOf(event, reached);
    for (const id of told.ids) ids.add(id);
    isOpen = true;
  }
  if (isOpen) ring({ ids: [...ids] });
  return rings;
}

/** What one event tells. */
function tell({ payload }: ChangeEvent, reached: Place): StreamBell {
  const { changeType, recordIds, commitTimestamp } = payload.ChangeEventHeader;
  const ids = recordIds.map((id) => toId('case', id));
  const named = ids.filter((id) => id !== null);
  // A huge transaction is told as one overflow, with no ids or with a wildcard such as "500*".
  if (changeType === 'GAP_OVERFLOW' || named.length === 0 || named.length < ids.length) {
    return { rescanFrom: before(commitTimestamp == null ? reached.at : new Date(commitTimestamp)) };
  }
  return { ids: isNews(payload) ? named : [] };
}

/**
 * True unless we did it ourselves, or it can neither close nor reopen a case: an update that leaves the status alone, a case
 * that begins open. A gap has no body to tell that from.
 */
function isNews({ ChangeEventHeader: header, ...body }: ChangeEvent['payload']): boolean {
  if (header.changeType.startsWith('GAP_')) return true;
  if (isOurs(header.changeOrigin)) return false;
  if (header.changeType === 'CREATE') return body.IsClosed !== false;
  if (header.changeType !== 'UPDATE') return true;
  return ['Status', 'IsClosed', 'ClosedDate'].some((field) => field in body);
}

/** `com/salesforce/api/rest/67.0;client=caseloop`: what we send in `Sforce-Call-Options` comes back here. */
function isOurs(changeOrigin: string | null | undefined): boolean {
  return changeOrigin?.split(/[;,]/).some((part) => part.trim() === `client=${CLIENT_NAME}`) ?? false;
}

/** Behind this event. As soon as there is one, Salesforce's clock counts and not ours. */
function placeOf({ event, payload }: ChangeEvent, reached: Place): Place {
  const { commitTimestamp } = payload.ChangeEventHeader;
  const reachedMs = reached.replayId === null ? 0 : reached.at.getTime();
  const at = commitTimestamp == null ? reached.at : new Date(Math.max(commitTimestamp, reachedMs));
  return { v: 1, replayId: event.replayId, at };
}

/** A commit comes up to a quarter of an hour after the instants that its rows carry. */
function before(instant: Date): Date {
  return new Date(instant.getTime() - OVERLAP_MS);
}

function readPlace(cursor: string): Place {
  const place = Place.safeParse(parseText(cursor)).data;
  if (place !== undefined) return place;
  throw new PermanentError('Salesforce stream: the stored cursor is not one of ours', {
    fix: 'Delete the stream cursor of this connector; the watch finds what was missed.',
  });
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not one of ours: the schema refuses it.
    return null;
  }
}
