import { createHash, timingSafeEqual } from 'node:crypto';
import type { RawRequest } from '../../src/connector.ts';
import { PermanentError, SignatureError } from '../../src/errors.ts';
import type { Secret } from '../../src/secret.ts';

/** The header in which the automation rule sends our secret. */
export const SECRET_HEADER = 'X-Caseloop-Secret';

/**
 * Takes what an automation rule pushed. Freshdesk signs nothing and sends no time: the secret in a header is the only proof,
 * so the body is believed for the ticket's id alone, and the ticket is always read from the API.
 *
 * Throws SignatureError (missing or wrong secret) or PermanentError (no ticket id in it).
 */
export function createReceive(secret: Secret): (request: RawRequest) => Promise<readonly string[]> {
  const expected = digest(secret.reveal());
  return async ({ headers, body }) => {
    const given = headers[SECRET_HEADER.toLowerCase()];
    if (!given) throw new SignatureError(`Freshdesk webhook: the header ${SECRET_HEADER} is missing`);
    // Digests are of one length whatever was sent, so the comparison tells nothing by the time it takes.
    if (!timingSafeEqual(digest(given), expected)) {
      throw new SignatureError(`Freshdesk webhook: the header ${SECRET_HEADER} is not our secret`, {
        fix: `Let the automation rule in Freshdesk send the value of webhookSecret as ${SECRET_HEADER}.`,
      });
    }
    return [readTicketId(body)];
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The id wherever the rule put it. Placeholders are filled in without escaping and `{{triggered_event}}` has unquoted keys, so
 * a body often is no JSON; what stands behind the first `ticket_id` counts.
 */
function readTicketId(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  const id = /ticket_id\W{1,12}?([1-9]\d{0,15})(?!\w)/.exec(text)?.[1];
  if (id !== undefined) return id;
  throw new PermanentError('Freshdesk webhook: our secret is right, but the body names no ticket_id', {
    fix: 'Let the automation rule send the body that `caseloop provision` prints.',
  });
}
