import { randomBytes } from 'node:crypto';
import { DAY_MS, SECOND_MS } from '../../../src/clock.ts';
import type { User } from './model.ts';
import { isObject } from './params.ts';
import { forbidden, invalidToken, missingScope, Refusal, unauthenticated } from './refusal.ts';
import { findUserByEmail, isStaff, recordOf, type State } from './state.ts';

/** The OAuth client and the API token that the simulated account knows. They open nothing else. */
export const SANDBOX_CLIENT = {
  clientId: 'caseloop-sandbox',
  clientSecret: 'sandbox-client-secret',
} as const;
export const SANDBOX_API_TOKEN = 'sandbox-api-token';

/** Resources with a scope of their own; everything else needs plain `read` or `write`. */
const SCOPED_RESOURCES = [
  'tickets users organizations auditlogs hc apps automations targets triggers macros requests satisfaction_ratings',
  'dynamic_content themes zis webhooks security any_channel web_widget account_settings brands custom_objects',
  'deletion_schedules groups sla_policies ticket_attachments ticket_views',
].flatMap((line) => line.split(' '));
const KNOWN_SCOPES = new Set([
  'read',
  'write',
  'impersonate',
  ...SCOPED_RESOURCES.flatMap((resource) => [`${resource}:read`, `${resource}:write`]),
]);

/** Who calls and what the credentials allow; `scopes` is null for API tokens, which allow everything. */
export interface Caller {
  readonly user: User;
  readonly scopes: readonly string[] | null;
}

interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly scope: string;
  readonly expiresAtMs: number;
  readonly refreshExpiresAtMs: number;
}

const ACCESS_SECONDS = 30 * 60;
const REFRESH_SECONDS = (30 * DAY_MS) / SECOND_MS;

/** Tokens: who holds which, and until when. */
export interface Credentials {
  /** The caller, or null when the request carries no valid credentials. Throws for a bearer token that is not valid. */
  identify(authorization: string | undefined): Caller | null;
  /** Answers `POST /oauth/tokens`. */
  exchange(body: unknown): Record<string, unknown>;
  /** A refresh token as the authorization-code flow would have given it. */
  issueRefreshToken(scope: string): string;
  /** Every access token dies; refresh tokens stay. */
  expireAccessTokens(): void;
}

/** OAuth tokens and API tokens of one account; lifetimes go by the account's clock. */
export function createCredentials(state: State): Credentials {
  const grants = new Set<Grant>();

  const grant = (scope: string, expiresIn: number, refreshExpiresIn: number): Grant => {
    const now = state.clock.now().getTime();
    const made: Grant = {
      accessToken: randomBytes(32).toString('hex'),
      refreshToken: randomBytes(32).toString('hex'),
      scope,
      expiresAtMs: now + expiresIn * SECOND_MS,
      refreshExpiresAtMs: now + refreshExpiresIn * SECOND_MS,
    };
    grants.add(made);
    return made;
  };

  const findGrant = (authorization: string): Grant => {
    const token = authorization.slice('Bearer '.length).trim();
    const found = [...grants].find((one) => one.accessToken === token);
    if (found === undefined || found.expiresAtMs <= state.clock.now().getTime()) throw invalidToken();
    return found;
  };

  return {
    identify(authorization) {
      if (authorization === undefined) return null;
      if (/^bearer /i.test(authorization)) {
        const scopes = findGrant(authorization).scope.split(' ');
        return { user: recordOf(state.users, state.apiUserId), scopes };
      }
      const user = findTokenUser(state, authorization);
      return user === null ? null : { user, scopes: null };
    },

    exchange(body) {
      const request = isObject(body) ? body : {};
      const isClient =
        request.client_id === SANDBOX_CLIENT.clientId &&
        request.client_secret === SANDBOX_CLIENT.clientSecret;
      if (!isClient) throw oauthRefusal(401, 'invalid_client', 'Client authentication failed');
      const expiresIn = readSeconds(request.expires_in, ACCESS_SECONDS);
      const refreshExpiresIn = readSeconds(request.refresh_token_expires_in, REFRESH_SECONDS);
      if (request.grant_type === 'client_credentials') {
        return presentGrant(
          grant(readScope(request.scope), expiresIn, refreshExpiresIn),
          expiresIn,
          refreshExpiresIn,
        );
      }
      if (request.grant_type !== 'refresh_token') {
        throw oauthRefusal(400, 'unsupported_grant_type', 'The grant type is not supported');
      }
      const old = [...grants].find((one) => one.refreshToken === request.refresh_token);
      if (old === undefined || old.refreshExpiresAtMs <= state.clock.now().getTime()) {
        throw oauthRefusal(400, 'invalid_grant', 'The refresh token is expired, revoked or was used before');
      }
      // Success deletes the old access token and the old refresh token (Zendesk, "Refreshing tokens", 2026-11-21).
      grants.delete(old);
      return presentGrant(grant(old.scope, expiresIn, refreshExpiresIn), expiresIn, refreshExpiresIn);
    },

    issueRefreshToken: (scope) => grant(scope, ACCESS_SECONDS, REFRESH_SECONDS).refreshToken,

    expireAccessTokens() {
      for (const one of [...grants]) {
        grants.delete(one);
        grants.add({ ...one, expiresAtMs: 0 });
      }
    },
  };
}

/** What a route asks of its caller. */
export interface Demand {
  readonly resource: string;
  readonly access: 'read' | 'write';
  readonly adminOnly: boolean;
}

/** Throws 401 or 403 when the caller may not; returns the user who may. */
export function authorise(caller: Caller | null, demand: Demand): User {
  if (caller === null) throw unauthenticated();
  if (caller.scopes !== null && !isCovered(caller.scopes, demand)) throw missingScope();
  if (!isStaff(caller.user)) throw forbidden();
  if (demand.adminOnly && caller.user.role !== 'admin') throw forbidden();
  return caller.user;
}

/** A scope that Zendesk does not know is granted like any other, and then nothing is allowed. */
function isCovered(scopes: readonly string[], { resource, access }: Demand): boolean {
  if (!scopes.every((scope) => KNOWN_SCOPES.has(scope))) return false;
  const enough = access === 'read' ? ['read', 'write', `${resource}:read`] : ['write'];
  return [...enough, `${resource}:write`].some((scope) => scopes.includes(scope));
}

function findTokenUser(state: State, authorization: string): User | null {
  const encoded = /^basic (.+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const suffix = `/token:${SANDBOX_API_TOKEN}`;
  if (!text.endsWith(suffix)) return null;
  const user = findUserByEmail(state, text.slice(0, -suffix.length));
  return isStaff(user) ? (user ?? null) : null;
}

/** Without a scope Zendesk grants everything. */
function readScope(value: unknown): string {
  return typeof value === 'string' && value.trim() !== ''
    ? value.trim().replaceAll(/\s+/g, ' ')
    : 'read write';
}

function readSeconds(value: unknown, byDefault: number): number {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw oauthRefusal(400, 'invalid_request', 'A lifetime must be a number of seconds');
}

function oauthRefusal(status: number, error: string, description: string): Refusal {
  return new Refusal(status, { error, error_description: description });
}

function presentGrant(grant: Grant, expiresIn: number, refreshExpiresIn: number): Record<string, unknown> {
  return {
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    token_type: 'bearer',
    scope: grant.scope,
    expires_in: expiresIn,
    refresh_token_expires_in: refreshExpiresIn,
  };
}
