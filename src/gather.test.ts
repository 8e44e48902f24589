import { expect, test } from 'vitest';
import { gather } from './gather.ts';

/** A run that the test lets end, and what it was given. */
function heldRuns() {
  const runs: { items: readonly number[]; end(error?: Error): void }[] = [];
  const run = (items: readonly number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error) =>
        error === undefined ? resolve(items.map((n) => n * 10)) : reject(error);
      runs.push({ items, end });
    });
  return { runs, run };
}

test('a call that comes alone is run alone', async () => {
  const { runs, run } = heldRuns();
  const call = gather(run, { most: 10 });
  const result = call(1);
  await expect.poll(() => runs.length).toBe(1);
  runs[0]?.end();
  expect(await result).toBe(10);
});

test('calls during a run share the next one, and each gets its own result', async () => {
  const { runs, run } = heldRuns();
  const call = gather(run, { most: 10 });
  const first = call(1);
  await expect.poll(() => runs.length).toBe(1);
  const others = [call(2), call(3), call(4)];
  runs[0]?.end();
  await expect.poll(() => runs.length).toBe(2);
  expect(runs[1]?.items).toEqual([2, 3, 4]);
  runs[1]?.end();
  expect(await Promise.all([first, ...others])).toEqual([10, 20, 30, 40]);
});

test('calls of one turn of the event loop share a run, at most so many', async () => {
  const runs: (readonly number[])[] = [];
  const call = gather(
    async (items: readonly number[]) => {
      runs.push(items);
      return items;
    },
    { most: 2 },
  );
  await Promise.all([1, 2, 3, 4, 5].map((n) => call(n)));
  expect(runs).toEqual([[1, 2], [3, 4], [5]]);
});

test('only the one that cannot be done fails', async () => {
  const runs: (readonly number[])[] = [];
  const call = gather(
    async (items: readonly number[]) => {
      runs.push(items);
      if (items.includes(2)) throw new Error('two');
      return items;
    },
    { most: 10 },
  );
  const results = await Promise.allSettled([1, 2, 3].map((n) => call(n)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(runs).toEqual([[1, 2, 3], [1], [2], [3]]);
});

test('a failure holds up nobody who comes later', async () => {
  let isWell = false;
  const call = gather(
    async (items: readonly number[]) => {
      if (!isWell) throw new Error('not yet');
      return items;
    },
    { most: 10 },
  );
  await expect(call(1)).rejects.toThrow('not yet');
  isWell = true;
  expect(await call(1)).toBe(1);
});
