import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Lets calls that come at the same time share one run: whatever comes while a run is under way waits for the next one, at
 * most `most` at a time. Nothing waits for a timer, so a call that comes alone is run at once.
 *
 * `run` gives one result per item, in their order, and takes all of them in or none. When a run of several fails, each of
 * them is run by itself: only those fail that cannot be done alone.
 */
export function gather<I, O>(
  run: (items: readonly I[]) => Promise<readonly O[]>,
  options: { most: number },
): (item: I) => Promise<O> {
  const waiting: Call<I, O>[] = [];
  let isRunning = false;

  async function runAll(): Promise<void> {
    isRunning = true;
    // Calls of the same turn of the event loop belong together; the first of them must not go ahead of the others.
    await nextTurn();
    while (waiting.length > 0) {
      const calls = waiting.splice(0, options.most);
      if (!(await isDone(calls)) && calls.length > 1) await Promise.all(calls.map((call) => isDone([call])));
    }
    isRunning = false;
  }

  /** False when the run failed; a call that stood alone then has its error. */
  async function isDone(calls: readonly Call<I, O>[]): Promise<boolean> {
    try {
      const results = await run(calls.map(({ item }) => item));
      for (const [index, { resolve }] of calls.entries()) resolve(results[index] as O);
      return true;
    } catch (error) {
      if (calls.length === 1) calls[0]?.reject(error);
      return false;
    }
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    waiting.push({ item, resolve, reject });
    if (!isRunning) void runAll();
    return promise;
  };
}

interface Call<I, O> {
  readonly item: I;
  resolve(result: O): void;
  reject(error: unknown): void;
}
