/** Each bucket is 2 % wider than the one before it, so that a median is told within 1 % and a second. */
const GROWTH = 1.02;
const LOG_GROWTH = Math.log(GROWTH);
/** The last one takes everything from about 20 years on. */
export const TIME_BUCKETS = 1024;

/** The bucket of a time in whole seconds. Short times have buckets of their own. */
export function timeBucket(seconds: number): number {
  return Math.min(TIME_BUCKETS - 1, Math.round(Math.log(seconds + 1) / LOG_GROWTH));
}

/** The time that stands for a bucket, in milliseconds. */
function msOf(bucket: number): number {
  return Math.round(GROWTH ** bucket - 1) * 1_000;
}

/** How many times are counted by bucket, and their median (the lower one of two), within 1 % and a second. */
export function medianOf(counts: Uint32Array): { readonly known: number; readonly medianMs: number | null } {
  let known = 0;
  for (const count of counts) known += count;
  let left = Math.ceil(known / 2);
  for (let bucket = 0; known > 0 && bucket < counts.length; bucket += 1) {
    left -= counts[bucket] ?? 0;
    if (left <= 0) return { known, medianMs: msOf(bucket) };
  }
  return { known, medianMs: null };
}
