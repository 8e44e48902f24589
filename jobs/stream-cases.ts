import { SECOND_MS } from '../src/clock.ts';
import type { StreamBell } from '../src/connector.ts';
import { AuthError, CaseloopError } from '../src/errors.ts';
import { readConnector, saveStreamed } from '../src/store/connectors.ts';
import { ring } from '../src/store/doorbells.ts';
import { giveLease, takeLease } from '../src/store/workers.ts';
import { connectorNamed, type Work } from './work.ts';

/** How often streams are looked after: the lease of one that runs is renewed, one that was lost is opened again. */
export const LOOK_AFTER_STREAMS_EVERY_MS = 10 * SECOND_MS;

/** Three looks: a process that dies leaves its streams to another one within half a minute, and the watch goes on meanwhile. */
const LEASE_MS = 3 * LOOK_AFTER_STREAMS_EVERY_MS;

export interface Streams {
  /** Opens streams that nobody has and keeps those that run. A call while one is under way joins it. */
  look(): Promise<void>;
  /** Ends all streams of this process and waits until their last bell is stored. Safe to repeat. */
  close(): Promise<void>;
}

interface Run {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Listens to the CRMs that tell what changed by themselves, each in one process at a time. What a stream tells is a doorbell
 * like any push. `onAuthError` is called when a CRM refuses our credentials, after its queue was paused.
 */
export function createStreams(
  work: Work,
  onAuthError: (connector: string, error: AuthError) => Promise<void>,
): Streams {
  const names = [...work.connectors].filter(([, { stream }]) => stream !== undefined).map(([name]) => name);
  const running = new Map<string, Run>();
  let underWay: Promise<void> | null = null;
  let isClosed = false;

  const leaseOf = (connector: string) => ({ name: `stream:${connector}`, holder: work.workerId });

  async function lookAfter(connector: string): Promise<void> {
    const run = running.get(connector);
    const row = await readConnector(work.db, connector);
    const isWanted = row !== null && row.paused_at === null && !isClosed;
    const now = work.clock.now();
    if (isWanted && (await takeLease(work.db, { ...leaseOf(connector), now, forMs: LEASE_MS }))) {
      if (run === undefined) open(connector, row.stream_cursor);
    } else {
      run?.abort.abort();
    }
  }

  function open(connector: string, cursor: string | null): void {
    const abort = new AbortController();
    const ended = listen(connector, cursor, abort.signal).finally(() => running.delete(connector));
    running.set(connector, { abort, ended });
  }

  async function listen(connector: string, cursor: string | null, signal: AbortSignal): Promise<void> {
    try {
      const push = (bell: StreamBell, at: string) => store(work, connector, bell, at);
      await connectorNamed(work, connector).stream?.(cursor, push, signal);
    } catch (error) {
      if (!signal.aborted) await report(connector, error);
    } finally {
      await giveLease(work.db, leaseOf(connector)).catch((error: unknown) => {
        work.log.warn({ connector, err: error }, 'a lease could not be given back; it runs out by itself');
      });
    }
  }

  async function report(connector: string, error: unknown): Promise<void> {
    if (error instanceof AuthError) {
      await work.queues.pause(connector);
      await onAuthError(connector, error);
    } else if (error instanceof CaseloopError) {
      const { name, message, fix } = error;
      work.log.warn({ connector, error: name, reason: message, fix }, 'stream lost; it is opened again');
    } else {
      work.log.error({ connector, err: error }, 'stream ended unexpectedly; it is opened again');
    }
  }

  return {
    look() {
      underWay ??= Promise.all(names.map(lookAfter))
        .then(() => undefined)
        .finally(() => {
          underWay = null;
        });
      return underWay;
    },
    async close() {
      isClosed = true;
      await underWay?.catch(() => undefined);
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

/** Stored first, with the place in the stream; only then nudged on. A lost nudge costs nothing: sweep and watch find both. */
async function store(work: Work, connector: string, bell: StreamBell, cursor: string): Promise<void> {
  const at = work.clock.now();
  const ids = 'ids' in bell ? bell.ids : [];
  const rescanFrom = 'rescanFrom' in bell ? bell.rescanFrom : null;
  await ring(work.db, connector, ids, at);
  await saveStreamed(work.db, connector, { cursor, at, rescanFrom });
  if (ids.length > 0) await work.queues.add('fetch-cases', { connector });
  if (rescanFrom !== null) await work.queues.add('watch-cases', { connector });
}
