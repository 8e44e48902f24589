import { setTimeout as delay } from 'node:timers/promises';
import { customerOf } from './load.ts';
import type { Pipeline } from './pipelines.ts';
import type { MailSink } from './surroundings.ts';

const LONGEST_MS = 30_000;

/**
 * Single pushes to pipelines that have nothing else to do, each in turn. Gives the milliseconds from sending the push to
 * the mail being taken, by pipeline.
 */
export async function measureIdle(
  pipelines: readonly Pipeline[],
  sink: MailSink,
  options: { rounds: number; pauseMs: number; takeTicket: () => number },
): Promise<ReadonlyMap<Pipeline['name'], number[]>> {
  const delays = new Map<Pipeline['name'], number[]>(pipelines.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const { name, pusher } of pipelines) {
      const ticketId = options.takeTicket();
      await sink.begin();
      const [{ sentAtMs }] = await Promise.all([pusher.push(ticketId), sink.until(1, LONGEST_MS)]);
      const arrival = (await sink.arrivals()).find(({ to }) => to === customerOf(ticketId));
      if (arrival === undefined) throw new Error(`${name} mailed somebody else`);
      delays.get(name)?.push(arrival.atMs - sentAtMs);
      await delay(options.pauseMs);
    }
  }
  return delays;
}
