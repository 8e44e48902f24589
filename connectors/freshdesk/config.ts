import { z } from 'zod';
import { Secret } from '../../src/secret.ts';

/** Freshdesk signs nothing, so a secret that can be guessed is all that stands before the doorbell. */
const SHORTEST_GOOD_SECRET = 24;

const SecretText = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

/** What a header can carry: Freshdesk would send anything else changed, or not at all. */
const HeaderSecret = z
  .string()
  .regex(/^[!-~]+$/, {
    error: 'must be letters, digits and signs without spaces, since it travels in a header',
  })
  .transform((text) => new Secret(text));

const BaseUrl = z
  .string()
  .refine(isAccountAddress, {
    error:
      'must be the https address of the account without a path, such as https://acme.freshdesk.com (http only on loopback)',
  })
  .transform((text) => new URL(text).origin);

const FollowUp = z.strictObject({
  as: z
    .enum(['ticket', 'child'])
    .default('ticket')
    .describe(
      'A ticket of its own, or a child of the rated ticket (parent-child ticketing must be on). Default ticket.',
    ),
  requester: z
    .email()
    .optional()
    .describe('Internal address the tickets are made for. Default: the agent whose API key it is.'),
});

/** The keys of a Freshdesk connector besides those that every connector has. Secrets become `Secret` while parsing. */
export const Config = z.strictObject({
  baseUrl: BaseUrl.describe('Address of the account: https://NAME.freshdesk.com, not a domain of your own.'),
  apiKey: SecretText.describe('API key of an administrator, from that profile in Freshdesk.'),
  webhookSecret: HeaderSecret.optional().describe(
    'What the automation rule sends as X-Caseloop-Secret. Left out, pushes are not taken and cases are found by polling.',
  ),
  closedStatuses: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Agent labels of custom statuses that count as closed, beside Resolved and Closed. Default [].',
    ),
  followUp: FollowUp.prefault({}).describe('How tickets for low scores are made.'),
  nativeRating: z
    .boolean()
    .default(false)
    .describe(
      "Also give Freshdesk's own satisfaction rating, once per ticket; it cannot be changed. Default false.",
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
  const secret = config.webhookSecret?.reveal();
  if (secret === undefined) {
    return [
      'webhookSecret: not set, so closed tickets are noticed by polling alone. Make one with `openssl rand -hex 32`, set it, and follow the steps that `caseloop provision` prints.',
    ];
  }
  if (secret.length < SHORTEST_GOOD_SECRET) {
    return [
      `webhookSecret: shorter than ${SHORTEST_GOOD_SECRET} characters, so it can be guessed. Make one with \`openssl rand -hex 32\`.`,
    ];
  }
  return [];
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
