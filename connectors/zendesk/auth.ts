import { createHmac } from 'node:crypto';
import type { ConnectorContext } from '../../src/connector.ts';
import { AuthError, ConfigError, RetryableError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import type { Token } from '../../src/token-store.ts';
import type { Config } from './config.ts';
import { type HttpAnswer, parseJson, send } from './http.ts';
import { Forbidden, toError } from './refusal.ts';
import { TokenAnswer } from './schema.ts';

/**
 * What we ask for. The narrower `tickets:read` does not open ticket fields: Zendesk answers that the scope `read` is
 * missing (reported in Zendesk's community on 2023-06-07; the documentation is silent, 2026-11-21).
 */
export const SCOPE = 'read write';

/** A token is renewed this long before it ends, so that it does not end on the way. */
const EARLY_MS = 30_000;

type OAuthClient = Extract<Config['auth'], { clientId: string }>;

/** What a request proves itself with. */
export type Credentials =
  | { readonly kind: 'api-token'; readonly email: string; readonly apiToken: Secret }
  | { readonly kind: 'bearer'; readonly token: Token };

export interface Auth {
  /** What to use now; mints a token when there is none, when it is about to end, or when other credentials minted it. */
  current(): Promise<Credentials>;
  /** Others in place of refused ones, or null when there is nothing to renew. Safe to call from many places at once. */
  renew(refused: Credentials): Promise<Credentials | null>;
}

/** Credentials of one connector. The token lives in the store: all processes share it and one mints at a time. */
export function createAuth(config: Config, context: ConnectorContext): Auth {
  const { auth } = config;
  if ('apiToken' in auth) {
    const credentials: Credentials = { kind: 'api-token', email: auth.email, apiToken: auth.apiToken };
    return { current: async () => credentials, renew: async () => null };
  }
  const prints = printsOf(auth, config);
  const mint = (current: Token | null) => mintToken(auth, current, config, context);
  return {
    async current() {
      const stored = await context.tokens.read();
      const endsAt = stored?.expiresAt ?? null;
      const usable =
        stored !== null &&
        stored.mintedBy === prints.all &&
        (endsAt === null || endsAt.getTime() - EARLY_MS > context.clock.now().getTime());
      return { kind: 'bearer', token: usable ? stored : await context.tokens.renew(stored, mint) };
    },
    async renew(refused) {
      if (refused.kind !== 'bearer') return null;
      return { kind: 'bearer', token: await context.tokens.renew(refused.token, mint) };
    },
  };
}

/** Tells credentials apart without giving them away: each is the key of its own print. */
interface Prints {
  /** Of all that a token is minted with. */
  readonly all: string;
  /** Of the configured refresh token; empty when there is none. */
  readonly refreshToken: string;
}

function printsOf({ clientId, clientSecret, refreshToken }: OAuthClient, { baseUrl }: Config): Prints {
  const print = (secret: Secret) =>
    createHmac('sha256', secret.reveal()).update(`${clientId} at ${baseUrl}`).digest('base64url');
  const ofRefreshToken = refreshToken === undefined ? '' : print(refreshToken);
  return { all: `${print(clientSecret)}.${ofRefreshToken}`, refreshToken: ofRefreshToken };
}

/** Whether an admin has put another refresh token into the configuration since this token was minted. */
function isReplaced({ mintedBy }: Token, prints: Prints): boolean {
  return mintedBy !== null && mintedBy.split('.')[1] !== prints.refreshToken;
}

/**
 * Client credentials, or the refresh token where one was given. Zendesk deletes the old refresh token as it hands out the
 * next, so the store's is tried before the configuration's, unless an admin has replaced that one since.
 */
async function mintToken(
  auth: OAuthClient,
  current: Token | null,
  config: Config,
  context: ConnectorContext,
): Promise<Token> {
  const prints = printsOf(auth, config);
  if (auth.refreshToken === undefined) {
    return readToken(await ask({ grant_type: 'client_credentials' }, auth, config), prints, context);
  }
  const stored = current === null || isReplaced(current, prints) ? null : current.refreshToken;
  if (stored !== null && stored.reveal() !== auth.refreshToken.reveal()) {
    const answer = await ask({ grant_type: 'refresh_token', refresh_token: stored.reveal() }, auth, config);
    if (answer.status !== 400 && answer.status !== 401) return readToken(answer, prints, context);
    context.log.warn('the stored Zendesk refresh token was refused; trying the one in the configuration');
  }
  const first = { grant_type: 'refresh_token', refresh_token: auth.refreshToken.reveal() };
  return readToken(await ask(first, auth, config), prints, context);
}

function ask(grant: Record<string, string>, auth: OAuthClient, config: Config): Promise<HttpAnswer> {
  return send({
    method: 'POST',
    url: `${config.baseUrl}/oauth/tokens`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      ...grant,
      client_id: auth.clientId,
      client_secret: auth.clientSecret.reveal(),
      scope: SCOPE,
    }),
    timeoutMs: config.timeout,
  });
}

/** Reads what was granted. No refusal is a PermanentError: it says nothing of the item that happened to need the token. */
function readToken(answer: HttpAnswer, prints: Prints, context: ConnectorContext): Token {
  const { place, status } = answer;
  const now = context.clock.now();
  if (status < 200 || status > 299) {
    const error = toError(answer, now);
    const isOurs = error instanceof ConfigError && !(error instanceof Forbidden);
    if (isOurs || error instanceof RetryableError) throw error;
    throw refused(`Zendesk ${place}: ${status}, the OAuth client was refused`);
  }
  const token = TokenAnswer.safeParse(parseJson(answer));
  if (!token.success) throw refused(`Zendesk ${place}: the answer holds no access token`);
  const { access_token, refresh_token, scope, expires_in } = token.data;
  return {
    accessToken: new Secret(access_token),
    refreshToken: refresh_token ? new Secret(refresh_token) : null,
    scope: scope ?? null,
    expiresAt: expires_in ? new Date(now.getTime() + expires_in * 1_000) : null,
    mintedBy: prints.all,
  };
}

function refused(message: string): AuthError {
  return new AuthError(message, {
    fix: 'Check baseUrl, auth.clientId, auth.clientSecret and auth.refreshToken against the OAuth client in the Zendesk Admin Center; the client must be confidential.',
  });
}
