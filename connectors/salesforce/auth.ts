import { createHmac, createSign } from 'node:crypto';
import type { ConnectorContext } from '../../src/connector.ts';
import { AuthError, ConfigError, RetryableError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import type { Token } from '../../src/token-store.ts';
import type { Config } from './config.ts';
import { type HttpAnswer, parseJson, send } from './http.ts';
import { Forbidden, readRefusal, toError } from './refusal.ts';
import { TokenAnswer } from './schema.ts';

/** A JWT may be good for three minutes at most; clocks differ. */
const ASSERTION_SECONDS = 120;

export interface Auth {
  /** The token to use now; one is minted when there is none or when other credentials minted it. */
  current(): Promise<Token>;
  /** Another in place of a refused one. Safe to call from many places at once. */
  renew(refused: Token): Promise<Token>;
}

/**
 * Credentials of one connector. Salesforce names no end of a token and gives no refresh token with these flows: its session
 * policy ends it, after two hours unless an admin chose otherwise, and a 401 tells (2026-11-21).
 */
export function createAuth(config: Config, context: ConnectorContext): Auth {
  const print = printOf(config);
  const mint = () => mintToken(config, context, print);
  return {
    async current() {
      const stored = await context.tokens.read();
      const usable = stored !== null && stored.mintedBy?.split(' ')[0] === print;
      return usable ? stored : context.tokens.renew(stored, mint);
    },
    renew: (refused) => context.tokens.renew(refused, mint),
  };
}

/** The id of the user a token acts as, which came with it; null when Salesforce did not say. */
export function userIdOf({ mintedBy }: Token): string | null {
  return mintedBy?.split(' ')[1] ?? null;
}

/** Tells credentials apart without giving them away: the secret is the key of its own print. */
function printOf({ auth, loginUrl }: Config): string {
  const [secret, who] =
    'clientSecret' in auth
      ? [auth.clientSecret, auth.clientId]
      : [auth.privateKey, `${auth.clientId} ${auth.username}`];
  return createHmac('sha256', secret.reveal()).update(`${who} at ${loginUrl}`).digest('base64url');
}

async function mintToken(config: Config, context: ConnectorContext, print: string): Promise<Token> {
  const now = context.clock.now();
  const answer = await send({
    method: 'POST',
    url: `${config.loginUrl}/services/oauth2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(grantOf(config, now)).toString(),
    timeoutMs: config.timeout,
  });
  if (answer.status < 200 || answer.status > 299) throw toMintError(answer, now);
  const token = TokenAnswer.safeParse(parseJson(answer));
  if (!token.success) throw refused(`Salesforce ${answer.place}: the answer holds no access token`);
  const { access_token, scope, id } = token.data;
  const userId = /\/(005[A-Za-z0-9]{12,15})$/.exec(id ?? '')?.[1] ?? '';
  return {
    accessToken: new Secret(access_token),
    refreshToken: null,
    scope: scope ?? null,
    expiresAt: null,
    mintedBy: `${print} ${userId}`.trim(),
  };
}

function grantOf({ auth, loginUrl }: Config, now: Date): Record<string, string> {
  if ('clientSecret' in auth) {
    return {
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: auth.clientSecret.reveal(),
    };
  }
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: signAssertion(
      {
        iss: auth.clientId,
        sub: auth.username,
        aud: audienceOf(loginUrl),
        exp: Math.floor(now.getTime() / 1_000) + ASSERTION_SECONDS,
      },
      auth.privateKey,
    ),
  };
}

/** Unconfirmed (2026-11-22): which orgs count as sandboxes; the rest of the wire facts name these two audiences alone. */
function audienceOf(loginUrl: string): string {
  const isTestOrg = /\.(sandbox|scratch)\.my\.salesforce\.com$|--\w+\.my\.salesforce\.com$/.test(
    new URL(loginUrl).hostname,
  );
  return isTestOrg ? 'https://test.salesforce.com' : 'https://login.salesforce.com';
}

function signAssertion(claims: object, privateKey: Secret): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256' })}.${part(claims)}`;
  const signature = createSign('RSA-SHA256').update(unsigned).sign(privateKey.reveal(), 'base64url');
  return `${unsigned}.${signature}`;
}

/** No refusal is a PermanentError: it says nothing of the item that happened to need the token. */
function toMintError(answer: HttpAnswer, now: Date): Error {
  const error = toError(answer, now);
  if (error instanceof RetryableError) return error;
  if (error instanceof ConfigError && !(error instanceof Forbidden)) return error;
  const { code, words } = readRefusal(answer.text);
  const where = `Salesforce ${answer.place}: ${answer.status}${code === null ? '' : ` ${code}`}`;
  if (words.includes("hasn't approved this consumer")) {
    return new AuthError(`${where}, the user is not admitted to the app`, {
      fix: 'In the External Client App\'s policies choose "Admin approved users are pre-authorized" and add a permission set of the user.',
    });
  }
  return refused(`${where}, the External Client App was refused`);
}

function refused(message: string): AuthError {
  return new AuthError(message, {
    fix: "Check loginUrl and auth against the External Client App: consumer key and secret (or username, private key and the app's certificate), the flow switched on, the run-as user chosen and active.",
  });
}
