import { createPublicKey, verify } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../../src/clock.ts';
import { isObject, type JsonObject } from './json.ts';

/** A public key that an admin uploaded to the app, and the users who were approved for it. */
export interface TrustedKey {
  /** PEM: a public key or a certificate. */
  readonly publicKey: string;
  readonly usernames: readonly string[];
}

/** Why an assertion is refused, in the words of the token endpoint. */
export interface JwtProblem {
  readonly error: string;
  readonly error_description: string;
}

/** The production login's name for itself; sandboxes of a customer have another. */
const AUDIENCE = 'https://login.salesforce.com';
const LONGEST_LIFE_MS = 3 * MINUTE_MS;

/** Verifies an assertion; gives the user it speaks for, or why it is refused. */
export function readAssertion(
  assertion: unknown,
  about: { readonly clientId: string; readonly keys: readonly TrustedKey[]; readonly now: Date },
): { readonly username: string } | JwtProblem {
  const parts = typeof assertion === 'string' ? assertion.split('.') : [];
  const [header, claims] = [readPart(parts[0]), readPart(parts[1])];
  if (parts.length !== 3 || header === null || claims === null || header.alg !== 'RS256') {
    return { error: 'invalid_grant', error_description: 'invalid assertion' };
  }
  if (claims.iss !== about.clientId) {
    return { error: 'invalid_client_id', error_description: 'client identifier invalid' };
  }
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  const signature = Buffer.from(parts[2] ?? '', 'base64url');
  const signers = about.keys.filter(({ publicKey }) =>
    verify('RSA-SHA256', signed, createPublicKey(publicKey), signature),
  );
  if (signers.length === 0) {
    return { error: 'invalid_client', error_description: 'invalid client credentials' };
  }
  if (claims.aud !== AUDIENCE) return { error: 'invalid_grant', error_description: 'audience is invalid' };
  const lifeMs = typeof claims.exp === 'number' ? claims.exp * SECOND_MS - about.now.getTime() : Number.NaN;
  if (!(lifeMs > 0)) return { error: 'invalid_grant', error_description: 'expired authorization code' };
  if (lifeMs > LONGEST_LIFE_MS) return { error: 'invalid_grant', error_description: 'invalid assertion' };
  const username = String(claims.sub);
  if (signers.some(({ usernames }) => usernames.includes(username))) return { username };
  return { error: 'invalid_grant', error_description: "user hasn't approved this consumer" };
}

function readPart(part: string | undefined): JsonObject | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
