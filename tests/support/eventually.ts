const LOOK_EVERY_MS = 25;
const PATIENCE_MS = 25_000;

/** Looks until there is something to see, and gives it; fails with `what` when it does not come. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false)
      return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > end) throw new Error(`never seen within ${PATIENCE_MS / 1_000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
