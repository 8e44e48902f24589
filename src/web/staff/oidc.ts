import * as openid from 'openid-client';
import { type Clock, HOUR_MS } from '../../clock.ts';
import type { Role } from '../../domain/staff.ts';
import { RetryableError } from '../../errors.ts';
import type { OidcSettings } from './staff-deps.ts';

const ASK_AGAIN_MS = HOUR_MS;
const TIME_LIMIT_SECONDS = 10;
const LONGEST_NAME = 100;
const LONGEST_ADDRESS = 254;

/** What the browser keeps between leaving for the provider and coming back. */
export interface Departure {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Whom the provider says they are. */
export interface Arrival {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  /** Null: in no group that has one. */
  readonly role: Role | null;
}

/** One provider: the way there and the way back. */
export interface Provider {
  /** Throws RetryableError when the provider does not tell where to go. */
  depart(): Promise<{ readonly url: string; readonly departure: Departure }>;
  /** Throws when anything of what came back is not as it must be. `query` begins with `?`. */
  arrive(query: string, departure: Departure): Promise<Arrival>;
}

export function createProvider(
  settings: OidcSettings,
  { clock, publicUrl }: { clock: Clock; publicUrl: string },
): Provider {
  const callback = `${publicUrl}/login/oidc/callback`;
  let found: { at: number; configuration: Promise<openid.Configuration> } | null = null;

  async function configuration(): Promise<openid.Configuration> {
    const at = clock.now().getTime();
    if (found === null || at - found.at > ASK_AGAIN_MS) found = { at, configuration: discover(settings) };
    const asked = found;
    return asked.configuration.catch((cause: unknown) => {
      // Whoever comes next asks anew.
      if (found === asked) found = null;
      throw new RetryableError('The provider does not answer, or not as one that can be used.', {
        fix: 'Try again in a minute; an admin finds the reason in the log.',
        cause,
      });
    });
  }

  return {
    async depart() {
      const provider = await configuration();
      const departure: Departure = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      };
      const url = openid.buildAuthorizationUrl(provider, {
        redirect_uri: callback,
        scope: [...new Set(['openid', ...settings.scopes])].join(' '),
        state: departure.state,
        nonce: departure.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(departure.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, departure };
    },
    async arrive(query, { state, nonce, verifier }) {
      const provider = await configuration();
      const tokens = await openid.authorizationCodeGrant(provider, new URL(`${callback}${query}`), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (idToken === undefined) throw new Error('The provider sent no ID token.');
      const claims: Claims = { ...(await moreClaims(provider, tokens.access_token, idToken)), ...idToken };
      const email = textIn(claims, 'email', LONGEST_ADDRESS) ?? '';
      return {
        issuer: idToken.iss,
        subject: idToken.sub,
        email,
        name:
          textIn(claims, 'name', LONGEST_NAME) ??
          textIn(claims, 'preferred_username', LONGEST_NAME) ??
          (email === '' ? 'Without a name' : email),
        role: roleIn(claims, settings.roles),
      };
    },
  };

  /** Many providers tell name and groups here and not in the ID token. */
  async function moreClaims(
    provider: openid.Configuration,
    accessToken: string,
    idToken: { readonly sub: string } & Claims,
  ): Promise<Claims> {
    const isComplete =
      groupsIn(idToken, settings.roles.claim) !== null && textIn(idToken, 'name', LONGEST_NAME);
    if (isComplete || provider.serverMetadata().userinfo_endpoint === undefined) return {};
    return openid.fetchUserInfo(provider, accessToken, idToken.sub);
  }
}

function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<openid.Configuration> {
  const secret = clientSecret.reveal();
  const basic = openid.ClientSecretBasic(secret);
  const post = openid.ClientSecretPost(secret);
  return openid.discovery(
    new URL(issuer),
    clientId,
    undefined,
    // By the header unless the provider says that it takes the body only; the header is what the standard has as default.
    (server, client, body, headers) => {
      const known = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      (known.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
    },
    {
      timeout: TIME_LIMIT_SECONDS,
      // The config lets http pass on loopback only.
      execute: issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [],
    },
  );
}

type Claims = Readonly<Record<string, unknown>>;

function textIn(claims: Claims, claim: string, longest: number): string | null {
  const value = claims[claim];
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, longest) : null;
}

/** The highest role of which somebody is in a group. */
export function roleIn(claims: Claims, roles: OidcSettings['roles']): Role | null {
  const groups = groupsIn(claims, roles.claim) ?? [];
  const fits = (role: Role) => roles[role].some((group) => groups.includes(group));
  return (['admin', 'lead', 'agent'] as const).find(fits) ?? null;
}

/** A list or one text, at a claim of that name, else at a path of names with dots between: `realm_access.roles`. */
function groupsIn(claims: Claims, claim: string): readonly unknown[] | null {
  const at = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? Reflect.get(value, name)
      : undefined;
  const value = at(claims, claim) ?? claim.split('.').reduce<unknown>(at, claims);
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? [value] : null;
}
