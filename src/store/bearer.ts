import { createHash, randomBytes } from 'node:crypto';

/** A secret that stands for somebody: long enough that guessing is hopeless, so that a plain hash of it can be kept. */
export function makeBearer(): string {
  return randomBytes(32).toString('base64url');
}

/** What the store keeps in its place. */
export function hashBearer(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
