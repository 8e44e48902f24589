/** Numbers that look random and come again with the same seed. */
export interface Random {
  readonly seed: number;
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
}

/**
 * The generator of one run, seeded by SOAK_SEED or by the time, and printed: a run that failed is set going again with
 * SOAK_SEED. The moments of the kills come again; how far the processes have got by then does not quite.
 */
export function openRandom(run: string): Random {
  const seed = numberFrom('SOAK_SEED') ?? Date.now() % 1_000_000;
  console.log(`${run}: SOAK_SEED=${seed}`);
  // Each run draws a series of its own from the one seed.
  return createRandom(
    seed,
    [...run].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, seed),
  );
}

/** How much a run does: the environment's number, or the default. */
export function sizeOf(name: 'SOAK_CLOSURES' | 'SOAK_KILLS', byDefault: number): number {
  return numberFrom(name) ?? byDefault;
}

function numberFrom(name: string): number | null {
  const text = process.env[name];
  if (text === undefined || text === '') return null;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${name}: ${text} is not a whole number above 0`);
  return number;
}

/** A multiplicative generator modulo the Mersenne prime 2^31 - 1 (Park and Miller): short, and good enough for moments. */
function createRandom(seed: number, start: number): Random {
  const MODULUS = 2_147_483_647;
  let state = (start % (MODULUS - 1)) + 1;
  const next = (): number => {
    state = (state * 48_271) % MODULUS;
    return (state - 1) / (MODULUS - 1);
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    seed,
    next,
    below,
    pick(from) {
      const one = from[below(from.length)];
      if (one === undefined) throw new RangeError('there is nothing to pick from');
      return one;
    },
  };
}
