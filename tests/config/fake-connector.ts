import { z } from 'zod';
import type { ConnectorDefinition } from '../../src/connector.ts';
import { Secret } from '../../src/secret.ts';

const SecretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

const Auth = z.union([
  z.strictObject({ clientId: z.string(), clientSecret: SecretText }),
  z.strictObject({ email: z.string(), apiToken: SecretText }),
]);

const Config = z.strictObject({
  baseUrl: z
    .string()
    .refine((text) => text.startsWith('https://'), { error: 'must be an https address' })
    .describe('Address of the account.'),
  token: SecretText.describe('The access token.'),
  auth: Auth.optional().describe('An OAuth client or an API token.'),
  // Repeats its value in the message, as a careless connector might.
  region: z
    .string()
    .refine((text) => text === 'eu' || text === 'us', {
      error: (issue) => `there is no region ${String(issue.input)}`,
    })
    .default('eu')
    .describe('Where the account is kept.'),
  pages: z.int().max(100).default(10).describe('Pages a watch may read.'),
  sandbox: z.boolean().default(false).describe('A test account.'),
});

/** A connector type with every sort of key, for config tests that must not depend on a real CRM. */
export const fakeConnector: ConnectorDefinition<z.output<typeof Config>> = {
  type: 'fake',
  Config,
  latePlaces: ['user-field'],
  warnings: (config) => (config.sandbox ? ['sandbox: this is a test account.'] : []),
  connect: () => {
    throw new TypeError('config tests connect to nothing');
  },
};
