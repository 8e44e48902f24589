import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { createSlots } from '../slots.ts';

/** What a new hash is made with: 32 MiB and about a tenth of a second. Those of a kept hash stand beside it. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Two at a time: guesses by the hundred must neither fill the memory nor keep files and mails from their threads. */
const inTurn = createSlots(2);

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const { N, r, p } = COST;
  const hash = await derive(password, salt, COST);
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

export interface PasswordVerdict {
  readonly isRight: boolean;
  /** The hash was made with other parameters than we take now: make it anew while the password is at hand. */
  readonly isOutdated: boolean;
}

/** Takes the same time with no hash at all, so that nobody learns which accounts there are. */
export async function checkPassword(password: string, kept: string | null): Promise<PasswordVerdict> {
  const { cost, salt, hash } = read(kept ?? NOBODYS);
  const made = await derive(password, salt, cost);
  const isRight = timingSafeEqual(made, hash) && kept !== null;
  return { isRight, isOutdated: cost.N !== COST.N || cost.r !== COST.r || cost.p !== COST.p };
}

type Cost = { readonly N: number; readonly r: number; readonly p: number };

function read(kept: string): { cost: Cost; salt: Buffer; hash: Buffer } {
  const [kind, N, r, p, salt, hash] = kept.split('$');
  if (kind !== 'scrypt' || hash === undefined || salt === undefined)
    throw new Error('A password hash in the store is not in a form that we know.');
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

const NOBODYS = [
  'scrypt',
  COST.N,
  COST.r,
  COST.p,
  Buffer.alloc(SALT_BYTES).toString('base64url'),
  Buffer.alloc(KEY_BYTES).toString('base64url'),
].join('$');

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  // The same letters, however a keyboard composes them.
  const text = password.normalize('NFKC');
  return inTurn(
    () =>
      new Promise((resolve, reject) => {
        scrypt(text, salt, KEY_BYTES, options, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      }),
  );
}
