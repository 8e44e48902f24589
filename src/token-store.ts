import type { Secret } from './secret.ts';

/** Access tokens of one connector, sealed in the store and shared by all processes. */
export interface TokenStore {
  /** The token in use, or null when there is none yet. */
  read(): Promise<Token | null>;
  /**
   * Replaces `stale` (null: there was none) by what `mint` gives. One process mints at a time; the others wait and get its
   * token. When the stored token is no longer `stale`, nothing is minted and the stored one is returned.
   */
  renew(stale: Token | null, mint: (current: Token | null) => Promise<Token>): Promise<Token>;
}

export interface Token {
  readonly accessToken: Secret;
  readonly refreshToken: Secret | null;
  /** What the CRM says it granted, null when it does not say. */
  readonly scope: string | null;
  readonly expiresAt: Date | null;
  /** Tells by which credentials it was minted, in the connector's own words and never by their values. Null: not known. */
  readonly mintedBy: string | null;
}
