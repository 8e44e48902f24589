import { createHmac, randomBytes } from 'node:crypto';
import { HOUR_MS } from '../../../src/clock.ts';
import { findRecord, recordsOf } from './define.ts';
import { readAssertion, type TrustedKey } from './jwt.ts';
import type { Org } from './model.ts';
import { Refusal } from './refusal.ts';

/** The External Client App that the simulated org knows. It opens nothing else. */
export const SANDBOX_CLIENT = {
  clientId: 'caseloop-sandbox',
  clientSecret: 'sandbox-client-secret',
} as const;

const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Sessions: who holds which token, and until when. */
export interface Credentials {
  /** The user of a valid `Bearer` or `OAuth` header, else null. */
  identify(authorization: string | undefined): string | null;
  /** As `identify`, but a session that is in use does not end by its age. */
  identifyStream(authorization: string | undefined): string | null;
  /** Answers `POST /services/oauth2/token`. Throws Refusal. */
  exchange(form: URLSearchParams, authorization: string | undefined): Record<string, unknown>;
  /** Answers `POST /services/oauth2/revoke`. Throws Refusal. */
  revoke(token: string | null): void;
  /** An admin uploads a key and approves users for it. */
  trustKey(key: TrustedKey): void;
  /** Every session ends, as when the session policy's time is over. */
  expireAll(): void;
  /** An admin ends every session. */
  revokeAll(): void;
}

interface Session {
  readonly userId: string;
  expiresAtMs: number;
  isRevoked: boolean;
}

/** The sessions of one org; `lifeMs` is the session policy's, by the org's clock. */
export function createCredentials(org: Org, lifeMs = 2 * HOUR_MS): Credentials {
  const sessions = new Map<string, Session>();
  const keys: TrustedKey[] = [];

  const findSession = (authorization: string | undefined): Session | undefined => {
    const token = /^(?:Bearer|OAuth) +(\S+)$/i.exec(authorization ?? '')?.[1];
    const session = sessions.get(token ?? '');
    return session?.isRevoked === false ? session : undefined;
  };

  const open = (userId: string): Record<string, unknown> => {
    const issuedAtMs = org.now().getTime();
    const token = `${org.id.slice(0, 15)}!AQ${randomBytes(48).toString('base64url').replaceAll('-', '.')}`;
    sessions.set(token, { userId, expiresAtMs: issuedAtMs + lifeMs, isRevoked: false });
    const id = `${org.url()}/id/${org.id}/${userId}`;
    const signature = createHmac('sha256', SANDBOX_CLIENT.clientSecret)
      .update(`${id}${issuedAtMs}`)
      .digest('base64');
    return {
      access_token: token,
      signature,
      token_format: 'opaque',
      instance_url: org.url(),
      id,
      token_type: 'Bearer',
      issued_at: String(issuedAtMs),
    };
  };

  const openFor = (userId: string | undefined): Record<string, unknown> => {
    if (userId === undefined) throw tokenRefusal('invalid_grant', 'no client credentials user enabled');
    const isActive = findRecord(org, 'User', userId)?.values.IsActive === true;
    if (!isActive) throw tokenRefusal('inactive_user', 'user is inactive');
    return open(userId);
  };

  return {
    identify(authorization) {
      const session = findSession(authorization);
      if (session === undefined || session.expiresAtMs <= org.now().getTime()) return null;
      return session.userId;
    },
    identifyStream: (authorization) => findSession(authorization)?.userId ?? null,
    exchange(form, authorization) {
      const grant = form.get('grant_type');
      if (grant === JWT_GRANT) {
        const about = { clientId: SANDBOX_CLIENT.clientId, keys, now: org.now() };
        const read = readAssertion(form.get('assertion'), about);
        if ('error' in read) throw tokenRefusal(read.error, read.error_description);
        const user = recordsOf(org, 'User').find(({ values }) => values.Username === read.username);
        return openFor(user?.id);
      }
      if (grant !== 'client_credentials') {
        throw tokenRefusal('unsupported_grant_type', 'grant type not supported');
      }
      const { id, secret } = readClient(form, authorization);
      if (id !== SANDBOX_CLIENT.clientId)
        throw tokenRefusal('invalid_client_id', 'client identifier invalid');
      if (secret !== SANDBOX_CLIENT.clientSecret) {
        throw tokenRefusal('invalid_client', 'invalid client credentials');
      }
      return openFor(org.apiUserId);
    },
    revoke(token) {
      const session = sessions.get(token ?? '');
      if (session === undefined || session.isRevoked) {
        throw tokenRefusal('unsupported_token_type', 'this token type is not supported');
      }
      session.isRevoked = true;
    },
    trustKey: (key) => keys.push(key),
    expireAll() {
      for (const session of sessions.values()) session.expiresAtMs = 0;
    },
    revokeAll() {
      for (const session of sessions.values()) session.isRevoked = true;
    },
  };
}

/** 400 as the token endpoint words it. */
export function tokenRefusal(error: string, description: string, status = 400): Refusal {
  return new Refusal(status, { error, error_description: description });
}

/** The client's id and secret, from the form or from a Basic header. */
function readClient(
  form: URLSearchParams,
  authorization: string | undefined,
): { readonly id: string | null; readonly secret: string | null } {
  const basic = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return { id: form.get('client_id'), secret: form.get('client_secret') };
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret.join(':')) };
}
