/**
 * Resolves when the process is told to stop. Call it before the work begins: until then a signal ends the process at once.
 * A second signal of the same kind ends it at once as well.
 */
export function toldToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}
