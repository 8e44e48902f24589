import type { Handlers } from '../../jobs/worker.ts';
import { JOBS } from '../../src/queue.ts';

/** Handlers of which only some are given; any other that is called fails its job. */
export function handlersThat(given: Partial<Handlers>): Handlers {
  const refuse = async () => {
    throw new Error('no handler was given for this job');
  };
  return { ...Object.fromEntries(Object.keys(JOBS).map((name) => [name, refuse])), ...given } as Handlers;
}
