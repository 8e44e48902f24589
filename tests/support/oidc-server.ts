import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import Provider from 'oidc-provider';
import { Secret } from '../../src/secret.ts';
import type { OidcSettings } from '../../src/web/staff/staff-deps.ts';

/** A real provider of OpenID Connect on loopback, at which a test is whoever it says. */
export interface OidcServer {
  readonly settings: OidcSettings;
  /** Settable: who signs in there next, and what the provider tells of them. Null turns back at the door. */
  person: { readonly sub: string; readonly [claim: string]: unknown } | null;
  /** Begins to answer; until then it is a provider that is down. */
  serve(redirectUri: string): void;
  close(): Promise<void>;
}

const CLIENT = { id: 'caseloop', secret: 'a secret of the client' };

export async function startOidcServer(): Promise<OidcServer> {
  const away: RequestListener = (_request, response) => response.writeHead(503).end('away');
  const server = createServer(away);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider has no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  const self: OidcServer = {
    settings: {
      issuer,
      clientId: CLIENT.id,
      clientSecret: new Secret(CLIENT.secret),
      name: 'Acme',
      scopes: ['profile', 'email'],
      roles: { claim: 'groups', admin: ['admins'], lead: ['leads', 'heads'], agent: ['support'] },
    },
    person: null,
    serve(redirectUri) {
      const provider = providerFor(self, issuer, redirectUri);
      const answer = provider.callback();
      server.off('request', away).on('request', async (request, response) => {
        if (!request.url?.startsWith('/who/')) return answer(request, response);
        const { person } = self;
        await provider.interactionFinished(
          request,
          response,
          person === null
            ? { error: 'access_denied' }
            : { login: { accountId: person.sub, remember: false } },
        );
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

function providerFor(self: OidcServer, issuer: string, redirectUri: string): Provider {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a key for cookies in tests'] },
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/who/${uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...self.person, sub }) }),
    // Nobody is asked for their consent.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId,
        accountId: ctx.oidc.session?.accountId,
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  });
  return provider;
}
