import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../../src/secret.ts';

const SecretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

/** Hosts that serve every org: client credentials and API calls need the org's own. */
const SHARED_HOSTS = ['login.salesforce.com', 'test.salesforce.com'];

const LoginUrl = z
  .string()
  .refine(isOrgAddress, {
    error:
      'must be the https address of My Domain without a path, such as https://acme.my.salesforce.com (http only on loopback)',
  })
  .transform((text) => new URL(text).origin);

const PrivateKey = z
  .string()
  .transform((text) => text.replaceAll('\\n', '\n'))
  .refine(isRsaKey, { error: 'must be an RSA private key in PEM form' })
  .transform((text) => new Secret(text));

const ClientCredentials = z.strictObject({
  clientId: z.string().min(1).describe('Consumer key of the External Client App.'),
  clientSecret: SecretText.describe('Consumer secret of the External Client App, for client credentials.'),
});

const JwtBearer = z.strictObject({
  clientId: z.string().min(1).describe('Consumer key of the External Client App.'),
  username: z.string().min(1).describe('Username of the user Caseloop acts as.'),
  privateKey: PrivateKey.describe('RSA private key in PEM form; its certificate stands in the app.'),
});

/** The keys of a Salesforce connector besides those that every connector has. Secrets become `Secret` while parsing. */
export const Config = z.strictObject({
  loginUrl: LoginUrl.describe('My Domain of the org: https://NAME.my.salesforce.com.'),
  auth: z
    .union([ClientCredentials, JwtBearer], {
      error: 'must be { clientId, clientSecret } or { clientId, username, privateKey }',
    })
    .describe('Client credentials or JWT bearer of an External Client App.'),
  stream: z
    .boolean()
    .default(true)
    .describe('Whether change events of cases are listened to; off, only the watch finds closings.'),
  apiBudget: z
    .string()
    .regex(/^(\d{1,2}(\.\d+)?|100)%$/, { error: 'must be a share from 1% to 100%' })
    .transform((text) => Number.parseFloat(text) / 100)
    .refine((share) => share >= 0.01, { error: 'must be a share from 1% to 100%' })
    .default(0.5)
    .describe("Share of the org's daily API calls, whoever made them, after which watching slows down."),
  reopenStatus: z
    .string()
    .min(1)
    .optional()
    .describe('Status of a case that is opened again. Left out: the first open one.'),
  followUpOwner: z
    .string()
    .min(1)
    .optional()
    .describe('Username or id of the user who gets follow-ups of cases without an active user as owner.'),
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
  if (config.followUpOwner !== undefined) return [];
  return [
    'followUpOwner: not set, so follow-ups of cases that a queue or an inactive user owns go to the user Caseloop acts as, where nobody may look.',
  ];
}

function isOrgAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return false;
  if (SHARED_HOSTS.includes(url.hostname) || url.hostname.includes('.lightning.')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function isRsaKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa';
  } catch {
    // Node's own error says nothing that an admin could use, and the text must not be quoted.
    return false;
  }
}

function toMs(duration: string): number {
  const amount = Number.parseInt(duration, 10);
  if (duration.endsWith('ms')) return amount;
  return duration.endsWith('m') ? amount * 60_000 : amount * 1_000;
}
