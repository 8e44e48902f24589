import { z } from 'zod';
import { Secret } from '../../src/secret.ts';

/** What Zendesk's own "Test webhook" button signs with, the same for every account and printed in its documentation. */
const PUBLIC_TEST_SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';

const SecretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

const BaseUrl = z
  .string()
  .refine(isAccountAddress, {
    error:
      'must be the https address of the account without a path, such as https://acme.zendesk.com (http only on loopback)',
  })
  .transform((text) => new URL(text).origin);

const OAuthClient = z.strictObject({
  clientId: z.string().min(1).describe('Unique identifier of the OAuth client in the Admin Center.'),
  clientSecret: SecretText.describe('Secret of a confidential OAuth client.'),
  refreshToken: SecretText.optional().describe(
    'First refresh token of an authorization code grant; later ones are kept in the store. Leave out for client credentials.',
  ),
});

const ApiToken = z.strictObject({
  email: z.email().describe('Address of the agent the token acts as.'),
  apiToken: SecretText.describe('API token. Zendesk stops all of them on 2027-04-30.'),
});

/** The keys of a Zendesk connector besides those that every connector has. Secrets become `Secret` while parsing. */
export const Config = z.strictObject({
  baseUrl: BaseUrl.describe('Address of the account: https://SUBDOMAIN.zendesk.com.'),
  auth: z
    .union([OAuthClient, ApiToken], {
      error: 'must be { clientId, clientSecret, refreshToken? } or { email, apiToken }',
    })
    .describe('An OAuth client, or an API token until 2027-04-30.'),
  webhookSecret: SecretText.optional().describe(
    'Signing secret of the webhook. Left out, it is read from Zendesk once `provision` has made the webhook.',
  ),
  timeout: z
    .string()
    .regex(/^[1-9]\d{0,5}(ms|s|m)$/, { error: 'must be a duration such as 500ms, 30s or 2m' })
    .refine((text) => toMs(text) <= 600_000, { error: 'must be at most 10m' })
    .transform(toMs)
    .default(30_000)
    .describe('Time limit of one request. Default 30s, at most 10m.'),
});
export type Config = z.output<typeof Config>;

/** What an admin should know about this configuration before it runs. */
export function warnings(config: Config): readonly string[] {
  const found: string[] = [];
  if ('apiToken' in config.auth) {
    found.push(
      'auth.apiToken: Zendesk stops all API tokens on 2027-04-30. Make an OAuth client and set auth.clientId and auth.clientSecret.',
    );
  }
  if (config.webhookSecret?.reveal() === PUBLIC_TEST_SECRET) {
    found.push(
      'webhookSecret: this is the secret of the "Test webhook" button, which everybody knows. Set the signing secret of your own webhook.',
    );
  }
  return found;
}

function isAccountAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function toMs(duration: string): number {
  const amount = Number.parseInt(duration, 10);
  if (duration.endsWith('ms')) return amount;
  return duration.endsWith('m') ? amount * 60_000 : amount * 1_000;
}
