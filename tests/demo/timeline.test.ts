import { expect, it } from 'vitest';
import { seen } from '../../src/demo/timeline.ts';

it('what is waited for is given up when there is no more time', async () => {
  const stopping = new AbortController();
  const reason = new Error('told to stop');
  let looks = 0;
  const waiting = seen(
    'what never comes',
    async () => {
      looks += 1;
      if (looks === 2) stopping.abort(reason);
      return null;
    },
    stopping.signal,
  );
  await expect(waiting).rejects.toBe(reason);
  expect(looks).toBe(2);
});
