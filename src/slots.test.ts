import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

function heldWork() {
  const running: { name: string; end(error?: Error): void }[] = [];
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      running.push({ name, end: (error) => (error === undefined ? resolve(name) : reject(error)) });
    });
  return { running, work };
}

test('no more run at a time than there are slots, and who waits comes in order', async () => {
  const { running, work } = heldWork();
  const inSlot = createSlots(2);
  const results = ['a', 'b', 'c', 'd'].map((name) => inSlot(work(name)));
  await expect.poll(() => running.length).toBe(2);
  running[1]?.end();
  await expect.poll(() => running.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  const late = inSlot(work('e'));
  for (const nth of [0, 2]) running[nth]?.end();
  await expect.poll(() => running.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
  for (const nth of [3, 4]) running[nth]?.end();
  expect(await Promise.all([...results, late])).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('work that fails gives its slot back', async () => {
  const { running, work } = heldWork();
  const inSlot = createSlots(1);
  const failing = inSlot(work('a'));
  const next = inSlot(work('b'));
  await expect.poll(() => running.length).toBe(1);
  running[0]?.end(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  await expect.poll(() => running.length).toBe(2);
  running[1]?.end();
  expect(await next).toBe('b');
});
