import { customerOf, type Push } from './load.ts';
import type { Arrival } from './mail-sink.ts';
import type { Pipeline } from './pipelines.ts';
import type { MailSink } from './surroundings.ts';

/** One burst of pushes, from the first push to the last mail. */
export interface Burst {
  readonly closuresPerSecond: number;
  readonly cpuMsPerClosure: number;
  /** Acknowledged while mails were going out as well; null when the pushes were over before the first mail. */
  readonly pushesPerSecondWhileMailing: number | null;
  readonly mailBytes: number;
}

const IN_FLIGHT = 32;
const LONGEST_MS = 180_000;

/** Pushes that many closings as fast as the pipeline takes them and waits for the last mail. */
export async function measureBurst(
  pipeline: Pipeline,
  sink: MailSink,
  ticketIds: readonly number[],
): Promise<Burst> {
  await sink.begin();
  const before = await pipeline.usage();
  const [pushes] = await Promise.all([
    pipeline.pusher.pushAll(ticketIds, IN_FLIGHT),
    sink.until(ticketIds.length, LONGEST_MS),
  ]);
  const after = await pipeline.usage();
  const arrivals = await sink.arrivals();
  assertOneEach(ticketIds, arrivals);
  const from = Math.min(...pushes.map((push) => push.sentAtMs));
  const to = Math.max(...arrivals.map((arrival) => arrival.atMs));
  return {
    closuresPerSecond: (ticketIds.length / (to - from)) * 1_000,
    cpuMsPerClosure: (after.cpuMs - before.cpuMs) / ticketIds.length,
    pushesPerSecondWhileMailing: rateWhileMailing(pushes, arrivals),
    mailBytes: arrivals.reduce((sum, { bytes }) => sum + bytes, 0) / arrivals.length,
  };
}

function rateWhileMailing(pushes: readonly Push[], arrivals: readonly Arrival[]): number | null {
  const from = Math.min(...arrivals.map((arrival) => arrival.atMs));
  const accepted = pushes.map((push) => push.acceptedAtMs).filter((at) => at >= from);
  const to = Math.max(...accepted);
  // Of a handful of pushes there is no rate.
  return accepted.length < 50 ? null : (accepted.length / (to - from)) * 1_000;
}

/** A pipeline that mails somebody else, or twice, is not worth measuring. */
function assertOneEach(ticketIds: readonly number[], arrivals: readonly Arrival[]): void {
  const mails = new Map(arrivals.map((arrival) => [arrival.to, arrival.mails]));
  const wrong = ticketIds.filter((id) => mails.get(customerOf(id)) !== 1);
  if (wrong.length > 0) throw new Error(`${wrong.length} closings did not lead to exactly one mail`);
}
