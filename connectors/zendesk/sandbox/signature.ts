import { createHmac, randomBytes } from 'node:crypto';

/** The secret with which Zendesk signs deliveries of the test button, for every account (Zendesk, "Verifying webhooks", 2026-11-21). */
export const TEST_BUTTON_SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';

/** Signs timestamp then body. The secret is used as the text it is, although it looks like base64. */
export function signDelivery(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret)
    .update(timestamp + body)
    .digest('base64');
}

/** Base64 of 32 random bytes. */
export function newSigningSecret(): string {
  return randomBytes(32).toString('base64');
}
