import { MINUTE_MS } from '../../../src/clock.ts';
import type { Agent } from './model.ts';
import { invalidCredentials, passwordLockout } from './refusal.ts';
import { recordOf, type State } from './state.ts';

/** The key of the account's robot. */
export const SANDBOX_API_KEY = 'sAnDb0xKeyOfTheRob0t';

/** Wrong keys in a row before the door is shut, and for how long. The vendor does not say; both are on the low side. */
const WRONG_KEYS_ALLOWED = 10;
const LOCKOUT_MS = 30 * MINUTE_MS;

/** Who may come in. */
export interface Credentials {
  /** The agent behind an `Authorization` header; throws a 401, or a 403 after wrong keys in a row. */
  identify(authorization: string | undefined): Agent;
  /** The key is refused until it is accepted again. */
  setAccepted(isAccepted: boolean): void;
}

/** One API key, sent as the user name of Basic authentication with any password. */
export function createCredentials(state: State): Credentials {
  let wrongInARow = 0;
  let lockedUntilMs = 0;
  let isAccepted = true;
  return {
    identify(authorization) {
      const nowMs = state.clock.now().getTime();
      if (nowMs < lockedUntilMs) throw passwordLockout();
      if (isAccepted && keyIn(authorization) === SANDBOX_API_KEY) {
        wrongInARow = 0;
        return recordOf(state.agents, state.apiAgentId);
      }
      wrongInARow += 1;
      if (wrongInARow < WRONG_KEYS_ALLOWED) throw invalidCredentials();
      wrongInARow = 0;
      lockedUntilMs = nowMs + LOCKOUT_MS;
      throw passwordLockout();
    },
    setAccepted(value) {
      isAccepted = value;
    },
  };
}

function keyIn(authorization: string | undefined): string | null {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  // A key without a password is no pair: the docs ask for a dummy one.
  return /^([^:]*):.+$/s.exec(pair)?.[1] ?? null;
}
