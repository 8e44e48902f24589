import { monotonicMs } from './monotonic.ts';
import type { Pipeline } from './pipelines.ts';
import type { MailSink } from './surroundings.ts';

/** What a kill -9 in the middle of a burst cost. Milliseconds count from the start of the next process. */
export interface Recovery {
  /** The first mail of a closing that was waiting when the process died. */
  readonly firstMailMs: number;
  /** The last one, those that were in the dead process' hands included. */
  readonly lastMailMs: number;
  /** Customers who got the same mail twice. */
  readonly mailedTwice: number;
}

const IN_FLIGHT = 32;
const LONGEST_MS = 120_000;

/** Pushes a burst, kills the process once some mails are out and every push is acknowledged, and starts it again. */
export async function measureKill(
  pipeline: Pipeline,
  sink: MailSink,
  ticketIds: readonly number[],
): Promise<Recovery> {
  await sink.begin();
  await pipeline.pusher.pushAll(ticketIds, IN_FLIGHT);
  await sink.until(Math.ceil(ticketIds.length / 10), LONGEST_MS);
  await pipeline.kill();
  const mailedBefore = new Set((await sink.arrivals()).map(({ to }) => to));
  const startedAtMs = monotonicMs();
  pipeline.spawn();
  await sink.until(ticketIds.length, LONGEST_MS);
  await pipeline.ready();
  const arrivals = await sink.arrivals();
  const late = arrivals.filter(({ to }) => !mailedBefore.has(to)).map(({ atMs }) => atMs - startedAtMs);
  if (late.length === 0) throw new Error(`${pipeline.name} had mailed everything before it was killed`);
  return {
    firstMailMs: Math.min(...late),
    lastMailMs: Math.max(...late),
    mailedTwice: arrivals.filter(({ mails }) => mails > 1).length,
  };
}
