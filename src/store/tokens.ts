import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type Clock, SECOND_MS } from '../clock.ts';
import { RetryableError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Token, TokenStore } from '../token-store.ts';
import { SCHEMA, type Tables } from './tables.ts';
import { giveLease, takeLease } from './workers.ts';

/** Longer than a token request may take. */
const RENEWAL_LEASE_MS = 30 * SECOND_MS;

interface StoredToken {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly scope: string | null;
  readonly expiresAt: string | null;
  /** Absent in a token of an earlier version. */
  readonly mintedBy?: string | null;
}

/**
 * Keeps one connector's tokens sealed with keys made from `server.secret`. A token that no key opens counts as none: it is
 * minted anew. One process renews at a time, under a lease; no transaction is open while the CRM is asked.
 */
export function createTokenStore(options: {
  db: Kysely<Tables>;
  connector: string;
  secrets: readonly Secret[];
  clock: Clock;
}): TokenStore {
  const { db, connector, clock } = options;
  const keys = options.secrets.map(sealingKey);
  const lease = { name: `token:${connector}`, holder: randomUUID() };
  let underWay: Promise<Token> | null = null;

  let known: Token | null = null;

  const readStored = async (): Promise<Token | null> => {
    const row = await db
      .withSchema(SCHEMA)
      .selectFrom('tokens')
      .select('sealed')
      .where('connector', '=', connector)
      .executeTakeFirst();
    known = row === undefined ? null : openToken(row.sealed, keys, connector);
    return known;
  };

  const renew: TokenStore['renew'] = async (stale, mint) => {
    const current = await readStored();
    if (current !== null && current.accessToken.reveal() !== stale?.accessToken.reveal()) return current;
    if (!(await takeLease(db, { ...lease, now: clock.now(), forMs: RENEWAL_LEASE_MS }))) {
      throw new RetryableError(`connectors.${connector}: another process is renewing the access token.`, {
        retryAfterMs: SECOND_MS,
      });
    }
    try {
      const minted = await mint(current);
      const sealed = sealToken(minted, keys, connector);
      await db
        .withSchema(SCHEMA)
        .insertInto('tokens')
        .values({ connector, sealed, updated_at: clock.now() })
        .onConflict((c) => c.column('connector').doUpdateSet({ sealed, updated_at: clock.now() }))
        .execute();
      known = minted;
      return minted;
    } finally {
      await giveLease(db, lease);
    }
  };

  return {
    // Another process may have renewed it since: whoever is refused with it calls `renew`, which looks.
    read: async () => known ?? (await readStored()),
    // Within the process the renewals of several calls become one.
    renew: (stale, mint) => {
      underWay ??= renew(stale, mint).finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}

function sealingKey(secret: Secret): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), '', 'caseloop access tokens', 32));
}

function sealToken(token: Token, keys: readonly Buffer[], connector: string): string {
  const [key] = keys;
  if (key === undefined) throw new Error('server.secret is empty; the configuration should have refused it.');
  const stored: StoredToken = {
    accessToken: token.accessToken.reveal(),
    refreshToken: token.refreshToken?.reveal() ?? null,
    scope: token.scope,
    expiresAt: token.expiresAt?.toISOString() ?? null,
    mintedBy: token.mintedBy,
  };
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(connector));
  const body = Buffer.concat([cipher.update(JSON.stringify(stored), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

function openToken(sealed: string, keys: readonly Buffer[], connector: string): Token | null {
  const bytes = Buffer.from(sealed, 'base64');
  for (const key of keys) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
        .setAAD(Buffer.from(connector))
        .setAuthTag(bytes.subarray(12, 28));
      const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      const stored = JSON.parse(text) as StoredToken;
      return {
        accessToken: new Secret(stored.accessToken),
        refreshToken: stored.refreshToken === null ? null : new Secret(stored.refreshToken),
        scope: stored.scope,
        expiresAt: stored.expiresAt === null ? null : new Date(stored.expiresAt),
        mintedBy: stored.mintedBy ?? null,
      };
    } catch {
      // Sealed with another key: the next one may open it.
    }
  }
  return null;
}
