import type { Share } from './compare.ts';

/**
 * How likely it is that chance alone puts at least so many of the positives into `one` when both are alike: Fisher's exact
 * test, one-sided. It holds for small counts and rare things too, where intervals promise more than they keep.
 */
export function chanceOfMore(one: Share, other: Share): number {
  const all = one.all + other.all;
  const positive = one.positive + other.positive;
  if (one.positive * other.all <= other.positive * one.all) return 1;
  const most = Math.min(one.all, positive);
  let term = Math.exp(
    logChoose(positive, one.positive) +
      logChoose(all - positive, one.all - one.positive) -
      logChoose(all, one.all),
  );
  let sum = term;
  for (let k = one.positive; k < most && term > sum * 1e-15; k++) {
    term *= ((positive - k) * (one.all - k)) / ((k + 1) * (all - positive - one.all + k + 1));
    sum += term;
  }
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

const SMALL = 32;

/** Stirling's series, and by hand where it is not exact enough. */
function logFactorial(n: number): number {
  if (n < SMALL) {
    let product = 1;
    for (let factor = 2; factor <= n; factor++) product *= factor;
    return Math.log(product);
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
