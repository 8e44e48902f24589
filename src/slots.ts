/**
 * Lets so many pieces of work run at a time; the rest wait in their order.
 */
export function createSlots(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Handed on, not freed: whoever comes in this moment must not overtake who waits.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
