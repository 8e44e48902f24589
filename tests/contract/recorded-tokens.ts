import type { Token, TokenStore } from '../../src/token-store.ts';

/** Tokens in memory with the store's promise that one caller renews at a time; remembers every token it ever held. */
export interface RecordedTokens extends TokenStore {
  readonly everything: readonly Token[];
}

export function recordTokens(): RecordedTokens {
  const everything: Token[] = [];
  let stored: Token | null = null;
  let underWay: Promise<Token> | null = null;
  return {
    everything,
    read: async () => stored,
    async renew(stale, mint) {
      if (stored !== null && stored.accessToken.reveal() !== stale?.accessToken.reveal()) return stored;
      underWay ??= mint(stored)
        .then((minted) => {
          stored = minted;
          everything.push(minted);
          return minted;
        })
        .finally(() => {
          underWay = null;
        });
      return underWay;
    },
  };
}
