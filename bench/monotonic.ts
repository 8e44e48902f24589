/** Milliseconds of the system's monotonic clock. All processes of one machine share it, so instants can be compared. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
